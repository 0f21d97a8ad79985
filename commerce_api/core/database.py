"""The engine, the declarative base and the one transaction a request gets.

``SessionDep`` commits before the answer leaves: with a plain ``yield`` dependency a failed commit would still
answer 200.
"""

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

from fastapi import Depends, Request
from sqlalchemy import DateTime, MetaData, Uuid, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from commerce_api.core.errors import AppError
from commerce_api.core.rows import settle

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

MOST_PREPARED = 500
# Seconds; two clocks run apart by less than a millisecond in that time.
CLOCK_TRUSTED = 10.0


class Base(DeclarativeBase):
    """Every table. A ``dict`` column is JSONB, a ``datetime`` one is timestamptz."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        UUID: Uuid,
    }


class TenantOwned:
    """A row of one tenant: primary key ``(tenant_id, id)``, behind the ORM filter and row-level security.

    ``tenant_id`` is filled from the session's tenant on flush; see ``core/tenancy.py``. A migration calls
    ``core.schema.fence`` for the table.
    """

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class DatabaseClock:
    """The database's time, asked for now and then and counted on from there, whatever our clock says."""

    def __init__(self) -> None:
        self._told: tuple[datetime, float] | None = None

    async def now(self, session: AsyncSession) -> datetime:
        """The time, aware, UTC; never more than a round trip wrong."""
        if self._told is None or monotonic() - self._told[1] > CLOCK_TRUSTED:
            told: datetime = (await session.execute(text("select clock_timestamp()"))).scalar_one()
            self._told = told.astimezone(UTC), monotonic()
        return self._told[0] + timedelta(seconds=monotonic() - self._told[1])


class Database:
    """One process's pool of connections and its sessions."""

    def __init__(self, url: str, *, pool_size: int = 10, overflow: int = 10, wait: float = 5) -> None:
        """Up to ``overflow`` connections beside the pool's; ``wait`` seconds for one, then an error."""
        # Parameters are shoppers' words and numbers, and stay out of errors and logs.
        self.engine: AsyncEngine = create_async_engine(
            to_psycopg(url),
            pool_size=pool_size,
            max_overflow=overflow,
            pool_timeout=wait,
            # Few connections that know their statements cost less than many that each have to learn them.
            pool_use_lifo=True,
            hide_parameters=True,
        )
        event.listen(self.engine.sync_engine, "connect", _remember_statements)
        event.listen(self.engine.sync_engine, "checkout", _refuse_dead)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.clock = DatabaseClock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: committed at the end, rolled back on any error."""
        async with self.sessions() as session, session.begin():
            yield session
            await settle(session)

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()


def _remember_statements(connection: Any, _: Any) -> None:
    """What psycopg keeps prepared is planned once; a hundred, its default, is less than there are."""
    connection.driver_connection.prepared_max = MOST_PREPARED


def _refuse_dead(_: Any, record: Any, __: Any) -> None:
    """Raises DisconnectionError, upon which the pool opens another, for a connection the server has closed.

    An idle connection has nothing to read but its end. Looking costs a hundredth of a statement that asks.
    """
    looking = select.poll()
    looking.register(record.driver_connection.pgconn.socket, select.POLLIN)
    if looking.poll(0):
        raise DisconnectionError("the server closed the connection")


def to_psycopg(url: str) -> str:
    """A libpq URL as SQLAlchemy's psycopg dialect wants it."""
    _, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}"


async def request_session(request: Request) -> AsyncIterator[AsyncSession]:
    """The request's session: the one its idempotency key opened (``core/idempotency.py``), or a new one."""
    held: AsyncSession | None = getattr(request.state, "session", None)
    if held is not None:
        yield held
        return
    database: Database = request.app.state.database
    async with database.sessions() as session, session.begin() as transaction:
        try:
            yield session
            await settle(session)
        except AppError as error:
            if error.keeps_effects:
                await transaction.commit()
            raise


SessionDep = Annotated[AsyncSession, Depends(request_session, scope="function")]


async def database_now(request: Request, session: SessionDep) -> datetime:
    """The database's time, aware, UTC: one clock for whatever several processes compare, such as leases."""
    database: Database = request.app.state.database
    return await database.clock.now(session)


DatabaseNowDep = Annotated[datetime, Depends(database_now, scope="function")]
