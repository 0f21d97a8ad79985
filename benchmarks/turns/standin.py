"""The Graph API as far as these turns need it: it takes what is sent, at once, and tells who waits for it."""

import asyncio
import itertools
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

type Json = dict[str, Any]
type Receive = Callable[[], Awaitable[Json]]
type Send = Callable[[Json], Awaitable[None]]

START_SECONDS = 10.0


class GraphStandIn:
    """An HTTP server on the running event loop. ``url`` is where sends go."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[str]] = {}
        self._server = uvicorn.Server(
            uvicorn.Config(self._answer, interface="asgi3", log_level="error", lifespan="off")
        )
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serves from now on."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        async with asyncio.timeout(START_SECONDS):
            while not self._server.started:  # noqa: ASYNC110 -- uvicorn tells nobody
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Serves no longer."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving

    def expect(self, number: str) -> "asyncio.Future[str]":
        """The words of the next message to this number."""
        self._waiting[number] = asyncio.get_running_loop().create_future()
        return self._waiting[number]

    async def _answer(self, scope: Json, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        sent = json.loads(body)
        said: Json = {"success": True}
        if "to" in sent:
            identity = f"wamid.standin-{next(self._numbers)}"
            person = {"input": sent["to"], "wa_id": sent["to"]}
            said = {"messaging_product": "whatsapp", "contacts": [person], "messages": [{"id": identity}]}
            waiting = self._waiting.pop(sent["to"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(words_of(sent))
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})


def words_of(sent: Json) -> str:
    """The text of a message, whatever carries it."""
    inside = sent.get("text") or sent.get("interactive") or {}
    body = inside.get("body") or {}
    return str(body if isinstance(body, str) else body.get("text") or "")
