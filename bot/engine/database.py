"""The assistant's schema in PostgreSQL: its tables, made at start, and statements that block no event loop.

The login of ``BOT_DATABASE_URL`` owns the schema and can read nothing of the shop's. Several Rasa servers
may start at once.
"""

from __future__ import annotations

import asyncio
import time
from functools import lru_cache
from typing import Any, List, Mapping, Optional
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[psycopg.AsyncConnection[DictRow]]

CONNECT_SECONDS = 5
POOL_SIZE = 8
# A restarted server is back within it; a turn has eight seconds in all.
RETRY_SECONDS = 3.0
OPTIONS = "-c statement_timeout=5s -c idle_in_transaction_session_timeout=10s"
ONE_AT_A_TIME = 0x626F7473  # any number that nothing else of this schema takes

TABLES = """
create table if not exists conversation_locks (
    conversation_id text primary key,
    token bigint not null,
    holder text,
    lease_until timestamptz not null
) with (fillfactor = 70);
comment on table conversation_locks is
    'Who runs a turn of a conversation. The token grows with each holder; a holder of null is none.';

create table if not exists trackers (
    conversation_id text primary key,
    version bigint not null,
    last_position bigint not null,
    saved_by text not null,
    checkpoint text,
    checkpoint_position bigint not null
) with (fillfactor = 70);
comment on table trackers is
    'How far a tracker is. The checkpoint is its past in short, up to a position: a JSON list of events.';

create table if not exists tracker_events (
    conversation_id text not null,
    position bigint not null,
    message_id text,
    data text not null,
    saved_at timestamptz not null default now(),
    primary key (conversation_id, position)
);
comment on table tracker_events is
    'What happened, each event as JSON, with the inbound message whose turn it was in.';

drop table if exists events;
"""


class BotDatabase:
    """Statements on one database, each in a transaction of its own, from any event loop of the process.

    A connection that was lost is replaced and the statement run again, for up to three seconds: statements
    must be safe to repeat. Raises psycopg.Error.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()

    async def fetch(self, statement: str, facts: Optional[Mapping[str, Any]] = None) -> List[DictRow]:
        """The rows that a statement answers."""
        pool = await self._pool()
        ends = time.monotonic() + RETRY_SECONDS
        pause = 0.05
        while True:
            try:
                async with pool.connection(timeout=RETRY_SECONDS) as connection:
                    cursor = await connection.execute(statement, facts)
                    return await cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                if time.monotonic() + pause > ends:
                    raise
            await asyncio.sleep(pause)
            pause *= 2
            # The other idle connections were lost with the first.
            await pool.check()

    async def close(self) -> None:
        """Closes the connections of the running event loop."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()

    async def _pool(self) -> Pool:
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            pool = self._pools[loop] = AsyncConnectionPool(
                self._url,
                kwargs={"autocommit": True, "row_factory": dict_row, **_settings()},
                min_size=1,
                max_size=POOL_SIZE,
                open=False,
                name="assistant",
            )
            await pool.open()
        return pool


@lru_cache(maxsize=None)
def reach(url: str) -> BotDatabase:
    """The database at ``url``, a libpq URL, with its tables; every store of a process has the same one.

    Raises SystemExit with a sentence when it can't be used.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise SystemExit("BOT_DATABASE_URL is not a database URL; it begins with postgresql://")
    try:
        with psycopg.connect(url, **_settings()) as connection:
            connection.execute("select pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
            connection.execute(TABLES)
    except psycopg.Error as error:
        raise SystemExit(f"The tracker store's database can't be used ({type(error).__name__}).") from error
    return BotDatabase(url)


def _settings() -> Mapping[str, Any]:
    return {"connect_timeout": CONNECT_SECONDS, "options": OPTIONS, "application_name": "rasa"}
