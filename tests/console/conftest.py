"""The desk for tests: in-process (``visit``, ``at_desk``), and on a port for browsers (``served``)."""

import asyncio
import html
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.settings import Settings
from commerce_api.tenants import passwords, sessions
from console.app import create_app
from tests.browser import chromium
from tests.conftest import Member

__all__ = ["chromium"]

PASSWORD = "correct horse battery"
LAPTOP = ViewportSize(width=1280, height=800)
SMALL_PHONE = ViewportSize(width=360, height=640)
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
HEADER = re.compile(r'X-CSRF-Token&#34;: &#34;([^&]+)|X-CSRF-Token": "([^"]+)')


@pytest.fixture(scope="session")
async def desk_app(settings: Settings) -> AsyncIterator[FastAPI]:
    """API and desk with their lifespan running."""
    app = create_app(settings)
    async with LifespanManager(app):
        yield app


class Visit:
    """A browser without scripts: keeps cookies, and fills each form's token in from the page it was on."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.token = ""

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """A page; redirects are shown, not followed."""
        return self._seen(await self.client.get(path, **options))

    async def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """A form with the token of the last page."""
        return self._seen(await self.client.post(path, data={"csrf": self.token, **(data or {})}, **options))

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        """Opens the form, fills it in and sends it."""
        await self.get("/console/sign-in")
        return await self.post("/console/sign-in", {"email": email, "password": password})

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        found = TOKEN.search(answer.text) or HEADER.search(answer.text)
        if found:
            self.token = html.unescape(next(group for group in found.groups() if group))
        return answer


Visiting = Callable[[], Visit]
AtDesk = Callable[[Member], Awaitable[Visit]]


@pytest.fixture
async def visit(desk_app: FastAPI) -> AsyncIterator[Visiting]:
    """Makes browsers that nobody is signed in on."""
    transport = httpx.ASGITransport(app=desk_app, raise_app_exceptions=False)
    clients: list[httpx.AsyncClient] = []

    def make() -> Visit:
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://desk.test"))
        return Visit(clients[-1])

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def at_desk(visit: Visiting, database: Database) -> AtDesk:
    """A browser on which the member is signed in, with a page open."""

    async def make(member: Member) -> Visit:
        one = visit()
        async with database.transaction() as session:
            token = await sessions.start(session, member.user, source=None, agent=None, now=now())
        one.client.cookies.set("session", token)
        await one.get("/console/account")
        return one

    return make


@pytest.fixture
def with_password() -> Callable[[], Awaitable[dict[str, str]]]:
    """Columns of a user who signs in with PASSWORD."""

    async def make() -> dict[str, str]:
        return {"password_hash": await passwords.make_hash(PASSWORD)}

    return make


@dataclass(frozen=True)
class Served:
    """The desk on a port of this machine, and a way to open it as a member."""

    url: str
    browser: Browser
    database: Database
    trouble: list[str] = field(default_factory=list)

    async def open(
        self, member: Member, path: str, *, viewport: ViewportSize = LAPTOP, **options: Any
    ) -> Page:
        """A page of the member's shop, signed in. Errors of scripts and other hosts fail the run."""
        context = await self.browser.new_context(viewport=viewport, **options)
        await self.sign_in(context, member)
        page = await context.new_page()
        page.on("request", lambda request: self._note_foreign(request.url))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        await page.goto(f"{self.url}/console/shops/{member.tenant.slug}/{path}")
        return page

    async def sign_in(self, context: BrowserContext, member: Member) -> None:
        """Gives the browser a session of the member's."""
        async with self.database.transaction() as session:
            token = await sessions.start(session, member.user, source=None, agent=None, now=now())
        await context.add_cookies([{"name": "session", "value": token, "url": self.url}])

    def _note_foreign(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.trouble.append(f"asked another host: {url}")


class ReadyServer(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and tells who waits."""
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture(scope="session")
async def served(
    desk_app: FastAPI,
    chromium: Browser,
    database: Database,
) -> AsyncIterator[Served]:
    """The desk, listening."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        config = uvicorn.Config(desk_app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        server = ReadyServer(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await server.ready.wait()
        desk = Served(f"http://127.0.0.1:{port}", chromium, database)
        yield desk
        desk_app.state.hub.close()
        server.should_exit = True
        await running
        assert desk.trouble == []
