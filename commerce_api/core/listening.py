"""Hearing what PostgreSQL tells of changes: one connection of a process, that comes back when it is lost."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import structlog
from psycopg import sql

log = structlog.get_logger(__name__)

PAUSE = 1.0


async def hear(url: str, channel: str) -> AsyncIterator[str | None]:
    """The payload of each ``NOTIFY`` on the channel, for ever.

    None each time the connection is made: what was told before that was not heard.
    """
    while True:
        try:
            connection = await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5)
            async with connection:
                await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                yield None
                async for told in connection.notifies():
                    yield told.payload
        except psycopg.OperationalError as fault:
            log.warning("not_hearing", channel=channel, fault=type(fault).__name__, again_in=PAUSE)
        await asyncio.sleep(PAUSE)
