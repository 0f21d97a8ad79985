"""A road between two processes that can be broken: a proxy that knows enough HTTP to spoil answers."""

import asyncio
import re
from contextlib import suppress
from enum import StrEnum
from typing import Any

LOOPBACK = "127.0.0.1"
CHUNK = 65536
CONNECT_SECONDS = 5.0
LINGER_SECONDS = 2.0
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class Manner(StrEnum):
    """How the road treats requests.

    ``HOLD`` and ``SWALLOW`` let the request through: the other side does its work, and its answer is kept
    back until the manner changes, or never arrives. The others keep the request from the other side.
    """

    PASS = "pass"  # noqa: S105  a manner, no password
    REFUSE = "refuse"
    HANG = "hang"
    ERROR = "error"
    ABSENT = "absent"
    MALFORMED = "malformed"
    SLOW = "slow"
    HOLD = "hold"
    SWALLOW = "swallow"


ANSWERS = {
    Manner.ERROR: b"HTTP/1.1 500 Internal Server Error\r\n",
    Manner.ABSENT: b"HTTP/1.1 404 Not Found\r\n",
    Manner.MALFORMED: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
}
BODY = b'{"events": [{"event": "slot", "name":'


class FaultProxy:
    """Listens on ``port`` and carries each connection to one of ``upstreams`` in turn (ports on loopback).

    ``bend`` changes its manner for what comes next; ``met`` counts the requests that met one that isn't
    ``PASS``, and ``wait_met`` waits for the first. ``slow_seconds`` is what ``SLOW`` costs each request.
    """

    def __init__(self, port: int, upstreams: list[int], *, slow_seconds: float = 10.0) -> None:
        self.port = port
        self.upstreams = upstreams
        self.slow_seconds = slow_seconds
        self.met = 0
        self._manner = Manner.PASS
        self._changed = asyncio.Event()
        self._met = asyncio.Event()
        self._turn = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where the road begins."""
        return f"http://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Begins to listen."""
        self._server = await asyncio.start_server(self._welcome, LOOPBACK, self.port)

    async def stop(self) -> None:
        """Closes every connection and the door."""
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def bend(self, manner: Manner) -> None:
        """From now on requests are treated so; what an earlier manner held or hung is let go."""
        self._manner = manner
        self._met.clear()
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_met(self, seconds: float) -> bool:
        """Waits until a request has met the manner; False when none came in time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._met.wait(), seconds)
        return self._met.is_set()

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._host(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # One that is called off before its first step closes nothing itself.
        task.add_done_callback(lambda _: writer.close())

    async def _host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                await self._carry(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            await _close(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection: requests one way, answers the other, until either side has gone."""
        first = await reader.read(CHUNK)
        if not first or not await self._admit(first, reader, writer):
            return
        upstream_reader, upstream = await self._connect()
        answers = asyncio.ensure_future(self._carry_answers(upstream_reader, writer))
        try:
            upstream.write(first)
            await upstream.drain()
            await self._carry_requests(reader, writer, upstream, answers)
        except ConnectionError:
            # Answered before all of it was read, as what is too large is: the answer still goes back.
            await asyncio.wait({answers}, timeout=CONNECT_SECONDS)
            await _drain_away(reader)
        finally:
            # First of all, since being called off here would leave it open.
            upstream.close()
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            await _close(upstream)

    async def _carry_requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream: asyncio.StreamWriter,
        answers: asyncio.Future[None],
    ) -> None:
        while not answers.done():
            asking = asyncio.ensure_future(reader.read(CHUNK))
            either: list[asyncio.Future[Any]] = [asking, answers]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                asking.cancel()
                return
            chunk = asking.result()
            if not chunk or not await self._admit(chunk, reader, writer):
                return
            upstream.write(chunk)
            await upstream.drain()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The next upstream in turn that takes a connection."""
        for _ in self.upstreams:
            port = self.upstreams[self._turn % len(self.upstreams)]
            self._turn += 1
            with suppress(OSError, TimeoutError):
                return await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), CONNECT_SECONDS)
        raise ConnectionRefusedError

    async def _admit(self, chunk: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether what a client sends may pass; if not, it has been dealt with as the manner has it."""
        manner = self._manner
        if manner in (Manner.PASS, Manner.HOLD, Manner.SWALLOW):
            return True
        self._note()
        if manner is Manner.SLOW:
            await asyncio.sleep(self.slow_seconds)
            return True
        if manner is Manner.HANG:
            await self._changed.wait()
        if manner in ANSWERS:
            await _read_rest(chunk, reader)
            length = f"Content-Length: {len(BODY)}\r\nConnection: close\r\n\r\n".encode()
            writer.write(ANSWERS[manner] + length + BODY)
            await writer.drain()
        return False

    async def _carry_answers(self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await upstream.read(CHUNK):
                manner = self._manner
                if manner in (Manner.HOLD, Manner.SWALLOW):
                    self._note()
                if manner is Manner.SWALLOW:
                    return
                if manner is Manner.HOLD:
                    await self._changed.wait()
                writer.write(chunk)
                await writer.drain()

    def _note(self) -> None:
        self.met += 1
        self._met.set()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _drain_away(reader: asyncio.StreamReader) -> None:
    """Reads and forgets what still comes: closing on a client that writes would reset the answer away."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while await reader.read(CHUNK):
                pass


async def _read_rest(chunk: bytes, reader: asyncio.StreamReader) -> None:
    """Reads the rest of a request whose beginning is ``chunk``: one answered midway is reset instead."""
    while b"\r\n\r\n" not in chunk:
        more = await reader.read(CHUNK)
        if not more:
            return
        chunk += more
    head, _, body = chunk.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    missing = int(length[1]) - len(body) if length else 0
    if missing > 0:
        await reader.readexactly(missing)
