"""A provider's file server on the loopback, and the worker's fetching from it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from channels.messages import InboundKind, Media
from commerce_api.conversations.media_fetching import MediaFetching, own_hosts
from commerce_api.conversations.media_models import MessageMedia
from commerce_api.core import clock
from commerce_api.core.database import Database
from commerce_api.core.guarded import open_guarded_client
from commerce_api.core.http import open_client
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from stack import database as stack_database
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, message

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class FileServer:
    """What lies at which path, and who asked for it with which authority."""

    files: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    port: int = 0

    def lay(self, identity: str, content: bytes, **headers: str) -> None:
        """A file under a media id: looked up first, then fetched."""
        self.files[f"/file/{identity}"] = (200, headers, content)
        self.lead(identity, f"{self.url}/file/{identity}")

    def lead(self, identity: str, url: str) -> None:
        """Has a media id lead to an address."""
        found = json.dumps({"url": url, "id": identity}).encode()
        self.files[f"/whatsapp/v23.0/{identity}"] = (200, {}, found)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        names = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        self.asked.append((path, {key.lower(): value for key, value in names.items()}.get("authorization")))
        status, headers, body = self.files.get(path, (404, {}, b""))
        told = {"Connection": "close", **headers}
        if "Transfer-Encoding" not in headers:
            told.setdefault("Content-Length", str(len(body)))
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        writer.write(f"HTTP/1.1 {status} Told\r\n{lines}\r\n".encode() + body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    """The provider's file server."""
    held = FileServer()
    listening = await asyncio.start_server(held.serve, "127.0.0.1", 0)
    held.port = listening.sockets[0].getsockname()[1]
    yield held
    listening.close()


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self.ahead


class Desk:
    """Files sent to a number, and their fetching."""

    def __init__(
        self, database: Database, bot: BotSide, number: Number, shop: Shop, fetching: MediaFetching
    ) -> None:
        self.database = database
        self.bot = bot
        self.number = number
        self.shop = shop
        self.fetching = fetching

    async def receive(self, *files: Media, **parts: Any) -> list[MessageMedia]:
        """Has a shopper send files in one message; what is known of them."""
        first, *more = files
        parts = {"kind": InboundKind.IMAGE, "text": None, "media": first, "more_media": tuple(more), **parts}
        await self.bot.deliver(message(self.number, **parts))
        return await self.files()

    async def files(self) -> list[MessageMedia]:
        """Every file of the tenant, in order."""
        return await self.shop.rows(MessageMedia, order=MessageMedia.place)

    async def fetch(self, *files: MessageMedia) -> list[MessageMedia]:
        """Tries these files once, as their jobs do; what is known of them then."""
        for one in files:
            await self.fetching.fetch(self.number.tenant.id, one.id)
        return await self.files()

    async def jobs(self, media_id: UUID) -> list[datetime | None]:
        """When the file is to be fetched, job by job."""
        async with self.database.transaction() as session:
            found = await session.execute(
                text("select scheduled_at from procrastinate_jobs where lock = :lock and status = 'todo'"),
                {"lock": f"fetch_media:{media_id}"},
            )
            return [row.scheduled_at for row in found]


@pytest.fixture
def ticking() -> Clock:
    """The time of the fetching."""
    return Clock()


@pytest.fixture
async def desk(
    bot: BotSide,
    number: Number,
    shop: Shop,
    server: FileServer,
    database: Database,
    urls: stack_database.Urls,
    ticking: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Desk]:
    """The fetching, with the file server as the provider."""
    monkeypatch.setenv("WHATSAPP_API_BASE_URL", f"{server.url}/whatsapp")
    chosen = Settings(_env_file=None, demo=True, database_url=urls.application)  # type: ignore[call-arg, arg-type]
    guarded: httpx.AsyncClient
    async with open_client() as http, open_guarded_client(own_hosts(chosen)) as guarded:
        fetching = MediaFetching(database, http, guarded, vault=vault(chosen), settings=chosen, clock=ticking)
        yield Desk(database, bot, number, shop, fetching)
