"""``/healthz`` says 200 only when everything a shopper needs answers, and names what doesn't."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from commerce_api.core import health
from commerce_api.core.database import Database
from commerce_api.core.http import open_client
from commerce_api.core.settings import Settings
from stack import database as stack_database

Outside = Callable[[httpx.Request], httpx.Response]


def _well(request: httpx.Request) -> httpx.Response:
    assert str(request.url) in ("http://127.0.0.1:5005/", "http://127.0.0.1:5055/health")
    return httpx.Response(200, text="Hello")


@pytest.fixture
async def worker(urls: stack_database.Urls) -> AsyncIterator[psycopg.AsyncConnection]:
    """A worker's heartbeat, just now; the connection may change it."""
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as owner:
        await owner.execute("delete from procrastinate_workers")
        await owner.execute("insert into procrastinate_workers default values")
        yield owner
        await owner.execute("delete from procrastinate_workers")


async def _ask(database: Database, settings: Settings, outside: Outside) -> httpx.Response:
    app = FastAPI()
    app.include_router(health.router)
    async with open_client(httpx.MockTransport(outside)) as http:
        app.state.database, app.state.http, app.state.settings = database, http, settings
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            return await client.get("/healthz")


async def test_all_up_is_200(database: Database, settings: Settings, worker: psycopg.AsyncConnection) -> None:
    answer = await _ask(database, settings, _well)
    names = ("database", "worker", "rasa", "actions")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "up", "checks": dict.fromkeys(names, "up")},
    )


@pytest.mark.parametrize("port", [5005, 5055])
async def test_a_server_that_is_down_is_named(
    database: Database, settings: Settings, worker: psycopg.AsyncConnection, port: int
) -> None:
    def refusing(request: httpx.Request) -> httpx.Response:
        if request.url.port == port:
            raise httpx.ConnectError("refused")
        return _well(request)

    def failing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.url.port == port else _well(request)

    name = {5005: "rasa", 5055: "actions"}[port]
    for outside, reason in ((refusing, "can't be reached (ConnectError)"), (failing, "answered 500")):
        answer = await _ask(database, settings, outside)
        assert (answer.status_code, answer.json()["status"]) == (503, "down")
        assert {name: reason} == {part: why for part, why in answer.json()["checks"].items() if why != "up"}


async def test_a_worker_that_stopped_or_never_started_is_named(
    database: Database, settings: Settings, worker: psycopg.AsyncConnection
) -> None:
    await worker.execute("update procrastinate_workers set last_heartbeat = now() - interval '31 seconds'")
    stopped = await _ask(database, settings, _well)
    await worker.execute("delete from procrastinate_workers")
    never = await _ask(database, settings, _well)
    assert [answer.status_code for answer in (stopped, never)] == [503, 503]
    assert stopped.json()["checks"]["worker"] == "no heartbeat for 30 seconds"
    assert never.json()["checks"]["worker"] == "none has started"


async def test_a_database_that_is_down_is_named(settings: Settings) -> None:
    database = Database("postgresql://app@127.0.0.1:1/none", pool_size=1)
    answer = await _ask(database, settings, _well)
    await database.close()
    assert answer.status_code == 503
    assert set(answer.json()["checks"]) == {"database", "worker", "rasa", "actions"}
    assert answer.json()["checks"]["database"].startswith("can't be reached")
    assert answer.json()["checks"]["rasa"] == "up"


async def test_a_server_that_hangs_does_not_hold_up_the_answer(
    database: Database, settings: Settings, worker: psycopg.AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)

    async def hanging(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return _well(request)

    async with asyncio.timeout(5):
        answer = await _ask(database, settings, hanging)  # type: ignore[arg-type]
    assert answer.json()["checks"] == {
        "database": "up",
        "worker": "up",
        "rasa": "no answer within 0.2 s",
        "actions": "no answer within 0.2 s",
    }
