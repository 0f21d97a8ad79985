"""Real PostgreSQL for every test: one embedded server, one database built by the migrations a run."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.database import Database
from stack import database as stack_database

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def urls() -> Iterator[stack_database.Urls]:
    """A server of this run's own, with a migrated database; gone at the end."""
    folder = ROOT / ".data" / f"test-{os.getpid()}"
    server = stack_database.start_server(folder / "postgres", durable=False)
    try:
        owner_url = stack_database.create_database(server.url, "commerce")
        yield stack_database.prepare(owner_url, folder / "key")
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def database(urls: stack_database.Urls) -> AsyncIterator[Database]:
    """The application's pool, connected as the role that owns nothing."""
    database = Database(urls.application, pool_size=5)
    yield database
    await database.close()


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A session whose work is rolled back after the test. No tenant is entered yet."""
    async with database.sessions() as session:
        transaction = await session.begin()
        yield session
        with contextlib.suppress(Exception):
            await transaction.rollback()
