"""The stand-in in this process, and a product that records every webhook and answers as told."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from simulator.app import create_app
from simulator.media import photo
from simulator.settings import Settings
from tests.browser import chromium

__all__ = ["chromium"]

SELLER = "100000000000001"
ADA = "2348031234501"
APP_SECRET = "an-app-secret"
GATEWAY_SECRET = "a-gateway-secret"
INSTAGRAM_SECRET = "an-instagram-secret"
TWILIO_SID = "AC00000000000000000000000000000000"
TWILIO_TOKEN = "a-twilio-token"
CALLBACK_KEY = "a-callback-key"
SECRETS = {
    "whatsapp": APP_SECRET,
    "instagram": INSTAGRAM_SECRET,
    "whatsapp_twilio": TWILIO_TOKEN,
    "sms_twilio": TWILIO_TOKEN,
    "sms_africastalking": CALLBACK_KEY,
}
CREDENTIALS = {
    "access_token": "demo-access-token",
    "account_sid": TWILIO_SID,
    "auth_token": TWILIO_TOKEN,
    "username": "shop",
    "api_key": "a-key",
}
TOKEN = {"Authorization": "Bearer demo-access-token"}
PATIENCE = 10


@dataclass
class Product:
    """The receiving end of webhooks and callbacks, and the host of pictures. ``answers`` go first.

    ``words`` are the type and text of every answer.
    """

    requests: list[httpx.Request] = field(default_factory=list)
    answers: list[int | Exception] = field(default_factory=list)
    words: tuple[str, str] | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: httpx.Request) -> httpx.Response:
        """Answers one request of the stand-in."""
        if request.method == "GET":
            return _picture(request.url.path)
        answer = self.answers.pop(0) if self.answers else 200
        async with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        if isinstance(answer, Exception):
            raise answer
        kind, words = self.words or ("text/plain", "")
        return httpx.Response(answer, text=words, headers={"content-type": kind})

    async def until(self, is_enough: Callable[["Product"], bool]) -> None:
        """Waits for requests."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: is_enough(self))

    async def received_forms(self, count: int) -> None:
        """Waits until there are ``count`` requests."""
        await self.until(lambda product: len(product.requests) >= count)

    async def received(self, count: int) -> list[Any]:
        """The JSON of the first ``count`` requests, when they are there."""
        await self.until(lambda product: len(product.requests) >= count)
        return [json.loads(request.content) for request in self.requests[:count]]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        """Every delivery status posted so far."""
        values = [value_of(json.loads(request.content)) for request in self.requests]
        return [status for value in values for status in value.get("statuses", ())]


def _picture(path: str) -> httpx.Response:
    if path == "/photo.jpg":
        return httpx.Response(200, content=photo("my-gate").content, headers={"content-type": "image/jpeg"})
    if path == "/page.html":
        return httpx.Response(200, text="<p>", headers={"content-type": "text/html"})
    return httpx.Response(404)


def value_of(webhook: dict[str, Any]) -> dict[str, Any]:
    """The one change inside a WhatsApp webhook."""
    value: dict[str, Any] = webhook["entry"][0]["changes"][0]["value"]
    return value


def is_signed(request: httpx.Request) -> bool:
    """Whether the signature is over these very bytes."""
    digest = hmac.new(APP_SECRET.encode(), request.content, hashlib.sha256).hexdigest()
    return request.headers["x-hub-signature-256"] == f"sha256={digest}"


@dataclass
class StandIn:
    """The running stand-in: its application, a client of it, and the product on the other side."""

    app: FastAPI
    http: httpx.AsyncClient
    product: Product

    async def send(self, seller: str = SELLER, **body: Any) -> httpx.Response:
        """Sends as a shop does."""
        full = {"messaging_product": "whatsapp", "to": ADA, **body}
        return await self.http.post(f"/whatsapp/v23.0/{seller}/messages", json=full, headers=TOKEN)

    async def send_text(self, words: str = "Hello", **body: Any) -> str:
        """Sends a text; its id."""
        answer = await self.send(type="text", text={"body": words}, **body)
        assert answer.status_code == 200, answer.text
        message_id: str = answer.json()["messages"][0]["id"]
        return message_id

    async def write(self, shopper: str = ADA, **facts: Any) -> dict[str, Any]:
        """A shopper sends something, posted once."""
        answer = await self.http.post(f"/control/phones/{shopper}/messages", json={"seller": SELLER, **facts})
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def next(self, after: int = 0, shopper: str = ADA, **query: Any) -> list[dict[str, Any]]:
        """What reaches a phone."""
        answer = await self.http.get(f"/control/phones/{shopper}/next", params={"after": after, **query})
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def fault(self, **order: Any) -> None:
        """Orders a fault."""
        assert (await self.http.post("/control/faults", json=order)).status_code == 201


def _build(product: Product, **settings: Any) -> FastAPI:
    chosen = Settings(
        webhook_url="http://product.test",
        app_secret=APP_SECRET,
        instagram_secret=INSTAGRAM_SECRET,
        twilio_sid=TWILIO_SID,
        twilio_token=TWILIO_TOKEN,
        africastalking_username="shop",
        africastalking_key="a-key",
        callback_key=CALLBACK_KEY,
        gateway_secret=GATEWAY_SECRET,
        retry_pauses=(0.01, 0.01, 0.01),
        twilio_pauses=(0.01,),
        receipt_pause=0,
        **settings,
    )
    return create_app(chosen, transport=httpx.MockTransport(product.take))


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    """A fresh stand-in, spoken to without a socket."""
    product = Product()
    app = _build(product)
    async with (
        LifespanManager(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulator.test") as http,
    ):
        yield StandIn(app, http, product)


class QuietServer(uvicorn.Server):
    """A server inside the test's own loop, which leaves the test run's signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and says so."""
        await super().startup(sockets)
        self.ready.set()


@contextlib.asynccontextmanager
async def serving(product: Product, port: int = 0) -> AsyncIterator[StandIn]:
    """A fresh stand-in on a real socket."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = _build(product, public_url=address)
        server = QuietServer(uvicorn.Config(app, log_level="critical"))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as http:
            await server.ready.wait()
            yield StandIn(app, http, product)
        app.state.phones.feed.close()
        server.should_exit = True
        await running


@pytest.fixture
async def served() -> AsyncIterator[StandIn]:
    """A fresh stand-in on a real socket, for browsers and broken connections."""
    async with serving(Product()) as stand_in:
        yield stand_in
