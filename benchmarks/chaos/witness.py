"""Watches the database for what becomes of messages: stored, answered, and every reply out."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

import psycopg

LOOK_EVERY = 0.1
FATES = """
    select m.provider_message_id, t.state,
           (select count(*) from messages o
            where o.tenant_id = m.tenant_id and o.reply_to_id = m.id and o.status in ('queued', 'sending'))
    from messages m left join turns t on t.tenant_id = m.tenant_id and t.message_id = m.id
    where m.direction = 'inbound' and m.provider_message_id = any(%s)
"""
OVER = (None, "done", "failed", "skipped")


@dataclass(frozen=True)
class Fate:
    """The end of a message: its turn's state (None: it needed no turn), and when that was seen."""

    state: str | None
    at: float


class Witness:
    """One connection for all who wait; a database that is away is asked again."""

    def __init__(self, owner_url: str) -> None:
        self._url = owner_url
        self._waiting: dict[str, asyncio.Future[Fate]] = {}
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to look."""
        self._looking = asyncio.get_running_loop().create_task(self._look_for_ever())

    async def stop(self) -> None:
        """Looks no more."""
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def fate(self, message_id: str, patience: float) -> Fate | None:
        """What became of a message; None when nothing has after ``patience`` seconds."""
        waiting = self._waiting.setdefault(message_id, asyncio.get_running_loop().create_future())
        with suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(waiting), patience)
        self._waiting.pop(message_id, None)
        return None

    async def _look_for_ever(self) -> None:
        while True:
            # A session that was cut, a server that is away or starting up: look again.
            with suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=3
                ) as connection:
                    await self._look(connection)
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self, connection: psycopg.AsyncConnection) -> None:
        while True:
            if self._waiting:
                rows = await (await connection.execute(FATES, (list(self._waiting),))).fetchall()
                for message_id, state, unsent in rows:
                    if state in OVER and not unsent:
                        self._tell(message_id, Fate(state, time.monotonic()))
            await asyncio.sleep(LOOK_EVERY)

    def _tell(self, message_id: str, fate: Fate) -> None:
        waiting = self._waiting.pop(message_id, None)
        if waiting and not waiting.done():
            waiting.set_result(fate)
