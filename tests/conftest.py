"""Real PostgreSQL for every test: one embedded server, one database built by the migrations a run."""

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from argon2 import PasswordHasher
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.main import create_app
from commerce_api.tenants import passwords
from commerce_api.tenants.models import Membership, PaymentMethod, Role, SignInFailures, Tenant, User
from stack import database as stack_database

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SERVICE = {"Authorization": "Bearer demo-service-token"}
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


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Argon2 at its cheapest: a hash that takes its time would take most of the tests' time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@dataclass(frozen=True)
class Member:
    """A user with a role in a tenant; ``tenant`` is detached, for its ids and names."""

    user: User
    tenant: Tenant
    role: Role


MakeTenant = Callable[..., Awaitable[Tenant]]
MakeMember = Callable[..., Awaitable[Member]]
Bearer = Callable[[Member | User], dict[str, str]]


@pytest.fixture
def make_tenant(database: Database) -> MakeTenant:
    """Makes and commits a tenant with a slug of its own; any column may be given."""

    async def make(**columns: Any) -> Tenant:
        tenant = Tenant(
            **{
                "slug": f"shop-{uuid4().hex[:12]}",
                "name": "Corner Shop",
                "currency": "NGN",
                "country": "NG",
                "languages": ["en"],
                "timezone": "Africa/Lagos",
                "payment_methods": list(PaymentMethod),
                **columns,
            }
        )
        async with database.transaction() as session:
            session.add(tenant)
        return tenant

    return make


@pytest.fixture
def make_member(database: Database, make_tenant: MakeTenant) -> MakeMember:
    """Makes and commits a member (of a new tenant, as its owner, unless told otherwise)."""

    async def make(
        tenant: Tenant | None = None, role: Role = Role.OWNER, user: User | None = None, **columns: Any
    ) -> Member:
        tenant = tenant or await make_tenant()
        async with database.transaction() as session:
            if user is None:
                user = User(**{"email": f"{uuid4().hex}@test.example", "name": "Ada", **columns})
                session.add(user)
                await session.flush()
            await enter(session, tenant.id)
            session.add(Membership(user_id=user.id, role=role))
        return Member(user, tenant, role)

    return make


@pytest.fixture(scope="session")
def settings(urls: stack_database.Urls) -> Settings:
    """The demo's settings on the test database, whatever the environment holds."""
    return Settings(_env_file=None, demo=True, database_url=urls.application, database_pool_size=5)  # type: ignore[call-arg, arg-type]


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The API with its lifespan running."""
    app = create_app(settings)
    async with LifespanManager(app):
        yield app


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API, signed in as nobody; pass ``headers=bearer(member)`` or ``headers=SERVICE``."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        yield client


@pytest.fixture
async def uncounted(database: Database) -> None:
    """Nothing was tried yet: tests come from one network address, and others may have tried much from it."""
    async with database.transaction() as session:
        await session.execute(delete(SignInFailures))


@pytest.fixture
def bearer(app: FastAPI) -> Bearer:
    """The Authorization header of a member or user."""

    def headers(who: Member | User) -> dict[str, str]:
        user = who.user if isinstance(who, Member) else who
        return {"Authorization": f"Bearer {app.state.tokens.issue(user.id, now())}"}

    return headers
