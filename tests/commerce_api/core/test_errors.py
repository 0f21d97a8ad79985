"""Every error is problem-details; a database that is away is 503, and nothing unknown is told."""

from collections.abc import AsyncIterator

import httpx
import psycopg
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import text

from commerce_api.core import errors
from commerce_api.core.database import Database, SessionDep
from commerce_api.core.errors import NotFound
from stack import database as stack_database

router = APIRouter()


@router.get("/one")
async def one(session: SessionDep) -> int:
    return await session.scalar(text("select 1")) or 0


@router.get("/cut")
async def cut(session: SessionDep) -> None:
    await session.execute(text("select pg_terminate_backend(pg_backend_pid())"))


@router.get("/nul")
async def nul(session: SessionDep) -> None:
    await session.execute(text("select cast(:value as text)"), {"value": "a\0b"})


@router.get("/huge")
async def huge(session: SessionDep) -> None:
    await session.execute(text("select cast(:value as integer)"), {"value": 2**40})


@router.get("/twice")
async def twice(session: SessionDep) -> None:
    await session.execute(text("create temporary table twice (a int primary key) on commit drop"))
    await session.execute(text("insert into twice values (1), (1)"))


@router.get("/broken")
async def broken() -> None:
    raise RuntimeError("the password is hunter2")


@router.get("/gone/{number}")
async def gone(number: int) -> None:
    raise NotFound


def _client(database: Database) -> httpx.AsyncClient:
    app = FastAPI()
    app.state.database = database
    errors.install(app)
    app.include_router(router)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://api.test")


@pytest.fixture
async def small(urls: stack_database.Urls) -> AsyncIterator[Database]:
    """A pool of one connection that waits but a moment."""
    database = Database(urls.application, pool_size=1, overflow=0, wait=0.05)
    yield database
    await database.close()


def _is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    is_marked = answer.headers["content-type"] == "application/problem+json"
    return (
        is_marked
        and answer.status_code == answer.json()["status"] == status
        and answer.json()["code"] == code
    )


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/gone/1", 404, "not_found"),
        ("/nowhere", 404, "not_found"),
        ("/gone/x", 422, "malformed_request"),
        ("/nul", 422, "value_unstorable"),
        ("/huge", 422, "value_unstorable"),
        ("/twice", 409, "conflict"),
        ("/broken", 500, "internal_error"),
    ],
)
async def test_an_error_is_problem_details(small: Database, path: str, status: int, code: str) -> None:
    async with _client(small) as client:
        answer = await client.get(path)
        assert _is_problem(answer, status, code), answer.text
        assert "hunter2" not in answer.text
        assert (await client.get("/one")).json() == 1


async def test_what_does_not_exist_and_an_unknown_route_answer_alike(small: Database) -> None:
    async with _client(small) as client:
        assert (await client.get("/gone/1")).content == (await client.get("/nowhere")).content
        assert _is_problem(await client.post("/one"), 405, "method_not_allowed")


async def test_a_lost_connection_is_503_and_the_next_request_goes_through(small: Database) -> None:
    async with _client(small) as client:
        answer = await client.get("/cut")
        assert _is_problem(answer, 503, "database_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert (await client.get("/one")).json() == 1


async def test_a_connection_lost_between_requests_is_replaced(
    small: Database, urls: stack_database.Urls
) -> None:
    async with _client(small) as client:
        async with small.transaction() as session:
            pid = await session.scalar(text("select pg_backend_pid()"))
        with psycopg.connect(urls.owner) as owner:
            owner.execute("select pg_terminate_backend(%s, 5000)", (pid,))
        assert (await client.get("/one")).json() == 1


async def test_a_full_pool_is_503(small: Database) -> None:
    async with _client(small) as client, small.transaction() as session:
        await session.execute(text("select 1"))
        assert _is_problem(await client.get("/one"), 503, "database_unavailable")


async def test_a_database_that_is_down_is_503() -> None:
    database = Database("postgresql://app@127.0.0.1:1/none?connect_timeout=2", pool_size=1)
    async with _client(database) as client:
        assert _is_problem(await client.get("/one"), 503, "database_unavailable")
    await database.close()
