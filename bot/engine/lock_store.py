"""One turn of a conversation at a time, whichever Rasa server runs it, and a token that fences off the rest.

Rasa's own stores look for a free lock once a second, keep it in memory or change it in Redis in two steps,
and let a holder whose time ran out go on. Here a lock is a row in PostgreSQL, taken in one statement, with a
lease by the database's clock; its token grows with each holder, and the tracker store saves for the newest.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import AsyncIterator, Optional, Set
from uuid import uuid4
from weakref import WeakValueDictionary

import psycopg
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot.engine.database import reach

logger = logging.getLogger(__name__)

# More than a turn may take (8 s, then it is called off), and little enough that a server which was killed
# holds nobody up once its turns are claimed again.
LEASE_SECONDS = 20.0
FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.05
RELEASE_SECONDS = 1.0

TAKE = """
insert into conversation_locks as held (conversation_id, token, holder, lease_until)
values (%(conversation)s, 1, %(holder)s, clock_timestamp() + make_interval(secs => %(lease)s))
on conflict (conversation_id) do update
set token = held.token + 1, holder = excluded.holder, lease_until = excluded.lease_until
where held.holder is null or held.holder = excluded.holder or held.lease_until < clock_timestamp()
returning token
"""
FREE = """
update conversation_locks set holder = null
where conversation_id = %(conversation)s and holder = %(holder)s
"""


@dataclass(frozen=True)
class Held:
    """A lock that was taken: the conversation's token of this moment."""

    conversation_id: str
    token: int


HELD: ContextVar[Optional[Held]] = ContextVar("held", default=None)
"""The lock that the running turn holds."""


class ConversationLockStore(LockStore):  # type: ignore[misc]  # Rasa ships no types for it
    """Locks in the table ``conversation_locks`` of the assistant's schema.

    ``url`` of ``bot/endpoints.yml`` is the database's; ``lease_seconds`` may stand beside it. Within a
    process the first to ask is the first served; between processes who asks looks again after 10 to 50 ms.
    """

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        self._database = reach(endpoint_config.url or "")
        self._lease = float(endpoint_config.kwargs.get("lease_seconds", LEASE_SECONDS))
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._releasing: Set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = 0.0, wait_time_in_seconds: float = 0.0
    ) -> AsyncIterator[Held]:
        """Holds the conversation's lock. Raises LockError when it isn't free within two leases.

        The lease is the store's own: what Rasa passes as life time and pause is not used.
        """
        line = self._lines.get(conversation_id)
        if line is None:
            line = self._lines[conversation_id] = asyncio.Lock()
        async with line:
            holder = uuid4().hex
            try:
                held = await self._take(conversation_id, holder)
                before = HELD.set(held)
                try:
                    yield held
                finally:
                    HELD.reset(before)
            finally:
                # Also of a lock that was given while whoever asked for it was called off.
                await self._release(conversation_id, holder)

    async def _take(self, conversation_id: str, holder: str) -> Held:
        facts = {"conversation": conversation_id, "holder": holder, "lease": self._lease}
        ends = time.monotonic() + 2 * self._lease
        pause = FIRST_PAUSE
        while True:
            for row in await self._database.fetch(TAKE, facts):
                return Held(conversation_id, row["token"])
            if time.monotonic() > ends:
                raise LockError(f"The conversation {conversation_id} is held by somebody else.")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    async def _release(self, conversation_id: str, holder: str) -> None:
        """Frees the lock, for a second at most: a turn's end must not wait for a database that is away."""
        task = asyncio.get_running_loop().create_task(self._free(conversation_id, holder))
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)
        await asyncio.wait({task}, timeout=RELEASE_SECONDS)

    async def _free(self, conversation_id: str, holder: str) -> None:
        try:
            await self._database.fetch(FREE, {"conversation": conversation_id, "holder": holder})
        except psycopg.Error as fault:
            logger.warning(
                "The lock of conversation %s could not be freed (%s); it frees itself in %.0f s.",
                conversation_id,
                type(fault).__name__,
                self._lease,
            )
