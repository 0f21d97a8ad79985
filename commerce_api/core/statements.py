"""Fixed SQL for the hottest paths, run on a session's own psycopg connection, in its transaction.

A statement that SQLAlchemy builds, compiles and maps costs this process several times what it costs
PostgreSQL. These cost a fifth, and do less: the ORM's tenant filter and its flush are not theirs. So each is
narrowed to a tenant by its own words, row-level security holds it as it holds every other, and whoever has
changed ORM objects that it reads flushes first.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.rows import namedtuple_row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

DRIVER = "driver"


class Statement:
    """One SQL statement with ``%(name)s`` for its facts; its rows are named tuples.

    ``{name}`` stands for the ``columns`` of that name, which are ours (``core/rows.py``), as all of it is.
    ``all``, ``first`` and ``run`` raise SQLAlchemy's errors, as its own statements do.
    """

    def __init__(self, sql: str, **columns: str) -> None:
        for name, listed in columns.items():
            sql = sql.replace(f"{{{name}}}", listed)
        self._sql = sql.encode()

    async def all(self, session: AsyncSession, **facts: Any) -> Sequence[Any]:
        """Every row."""
        connection = await driver(session)
        try:
            async with connection.cursor(row_factory=namedtuple_row) as cursor:
                await cursor.execute(self._sql, facts)
                return await cursor.fetchall()
        except Error as fault:
            raise _as_sqlalchemy(fault) from fault

    async def first(self, session: AsyncSession, **facts: Any) -> Any:
        """The first row; None when there is none."""
        rows = await self.all(session, **facts)
        return rows[0] if rows else None

    async def run(self, session: AsyncSession, **facts: Any) -> int:
        """How many rows it touched."""
        connection = await driver(session)
        try:
            async with connection.cursor() as cursor:
                await cursor.execute(self._sql, facts)
                return cursor.rowcount
        except Error as fault:
            raise _as_sqlalchemy(fault) from fault


async def driver(session: AsyncSession) -> AsyncConnection[Any]:
    """The session's psycopg connection, in its transaction and its innermost savepoint."""
    info = session.sync_session.info
    known: AsyncConnection[Any] | None = info.get(DRIVER)
    # A savepoint is set when the session is first asked for its connection in it.
    if known is not None and not session.in_nested_transaction():
        return known
    found: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    info[DRIVER] = found
    connection: AsyncConnection[Any] = found
    return connection


def _as_sqlalchemy(fault: Error) -> Exception:
    """What SQLAlchemy would have raised: the API answers its errors, wherever they come from."""
    wrapped: Any = DBAPIError.instance("a fixed statement", None, fault, Error, hide_parameters=True)
    return wrapped if isinstance(wrapped, Exception) else fault
