"""A process refuses to start where row-level security would not bind it, or the migrations are behind."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from asgi_lifespan import LifespanManager
from pydantic import SecretStr

from commerce_api.core import startup
from commerce_api.core.database import Database
from commerce_api.core.settings import Settings
from commerce_api.core.startup import StartRefused
from commerce_api.main import create_app
from stack import database as stack_database

ROLE = "start_test"


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Database]:
    database = Database(url, pool_size=1)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
def owner(urls: stack_database.Urls) -> Iterator[psycopg.Connection]:
    """The owner's connection; role ``start_test`` may log in, is in ``commerce_app``, and goes at the end."""
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute(f"create role {ROLE} login password 'x' in role commerce_app")
        try:
            yield connection
        finally:
            connection.execute(f"drop owned by {ROLE}")
            connection.execute(f"drop role {ROLE}")


@pytest.fixture
def url(urls: stack_database.Urls) -> str:
    """The database as ``start_test``."""
    return stack_database.as_login(urls.owner, ROLE, "x")


async def test_the_applications_own_role_may_start(urls: stack_database.Urls) -> None:
    async with _connected(urls.application) as database:
        await startup.check(database)


async def test_a_superuser_is_refused(urls: stack_database.Urls) -> None:
    async with _connected(urls.owner) as database:
        with pytest.raises(StartRefused, match=r"is a superuser.*Connect as a role that owns nothing"):
            await startup.check(database)


async def test_a_role_that_bypasses_the_policies_is_refused(owner: psycopg.Connection, url: str) -> None:
    owner.execute(f"alter role {ROLE} bypassrls")
    async with _connected(url) as database:
        with pytest.raises(StartRefused, match="allowed to bypass row-level security"):
            await startup.check(database)


async def test_a_role_that_owns_a_tenants_table_is_refused(owner: psycopg.Connection, url: str) -> None:
    owner.execute("create table owned_for_a_test (tenant_id uuid)")
    try:
        owner.execute(f"alter table owned_for_a_test owner to {ROLE}")
        async with _connected(url) as database:
            with pytest.raises(StartRefused, match="owns owned_for_a_test"):
                await startup.check(database)
    finally:
        owner.execute("drop table owned_for_a_test")


async def test_a_database_that_is_behind_is_refused(
    owner: psycopg.Connection, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead:
        def __init__(self, _: str) -> None:
            pass

        def get_current_head(self) -> str:
            return "9999"

    monkeypatch.setattr(startup, "ScriptDirectory", Ahead)
    async with _connected(url) as database:
        with pytest.raises(StartRefused, match=r"this program needs 9999\. Run `alembic upgrade head`"):
            await startup.check(database)


async def test_a_database_never_migrated_is_refused(
    urls: stack_database.Urls, owner: psycopg.Connection
) -> None:
    owner.execute("create database empty_for_a_test")
    try:
        url = stack_database.with_database(stack_database.as_login(urls.owner, ROLE, "x"), "empty_for_a_test")
        async with _connected(url) as database:
            with pytest.raises(StartRefused, match="never been migrated"):
                await startup.check(database)
    finally:
        owner.execute("drop database empty_for_a_test")


async def test_the_api_does_not_start_as_a_superuser(settings: Settings, urls: stack_database.Urls) -> None:
    given = settings.model_copy(update={"database_url": SecretStr(urls.owner)})
    with pytest.raises(StartRefused):
        async with LifespanManager(create_app(given)):
            pass
