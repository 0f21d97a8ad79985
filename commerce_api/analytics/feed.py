"""Conversation events as they happen, for whoever keeps a line open.

PostgreSQL tells which conversation changed (channel ``desk``); its newest events are read once, and given to
every line of the tenant. A line that falls behind is ended, so that it asks anew for what it missed.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from commerce_api.analytics import events as log_of
from commerce_api.analytics.events import Event, Wanted
from commerce_api.core.clock import now as clock
from commerce_api.core.database import Database
from commerce_api.core.listening import hear
from commerce_api.core.tenancy import enter

log = structlog.get_logger(__name__)

CHANNEL = "desk"
# Changes of one conversation within this time are read together.
GATHER = 0.05
WAITING = 500
# An event's time is when its transaction began; it is seen once that has ended.
OVERLAP = timedelta(minutes=1)
REMEMBERED = timedelta(minutes=5)


class Line:
    """One open line: a tenant's events from ``since`` on, in the order in which they were seen."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(WAITING)

    def give(self, event: Event | None) -> None:
        """Queues an event; None, or falling behind, ends the line."""
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            event = None
        self._queue.put_nowait(event)

    async def next(self, patience: float) -> Event | None:
        """The next event; None when the line ends. Raises TimeoutError when none came in so many seconds."""
        return await asyncio.wait_for(self._queue.get(), patience)


class Feed:
    """Every open line of this process, by tenant."""

    def __init__(self, url: str, database: Database) -> None:
        self._url, self._database = url, database
        self._lines: defaultdict[UUID, set[Line]] = defaultdict(set)
        self._due: dict[tuple[UUID, UUID], asyncio.Task[None]] = {}
        self._seen: dict[UUID, datetime] = {}

    @contextlib.contextmanager
    def line(self, tenant_id: UUID, now: datetime) -> Iterator[Line]:
        """A line that takes part within the context."""
        one = Line(now)
        self._lines[tenant_id].add(one)
        try:
            yield one
        finally:
            self._lines[tenant_id].discard(one)
            if not self._lines[tenant_id]:
                del self._lines[tenant_id]

    async def run(self) -> None:
        """Hears and tells, until cancelled."""
        async for payload in hear(self._url, CHANNEL):
            if payload is None:
                # What happened while nothing was heard is asked for anew, by a new line.
                self.close()
            else:
                self._heard(payload)

    def close(self) -> None:
        """Ends every line."""
        for one in [one for lines in self._lines.values() for one in lines]:
            one.give(None)

    def _heard(self, payload: str) -> None:
        tenant, _, conversation = payload.partition(" ")
        with contextlib.suppress(ValueError):
            key = UUID(tenant), UUID(conversation)
            if key[0] in self._lines and key not in self._due:
                self._due[key] = asyncio.create_task(self._tell(*key))

    async def _tell(self, tenant_id: UUID, conversation_id: UUID) -> None:
        await asyncio.sleep(GATHER)
        # From here on a change is read anew: this reading may begin before it is committed.
        self._due.pop((tenant_id, conversation_id), None)
        now = clock()
        try:
            found = [one async for one in self._newest(tenant_id, conversation_id, now)]
        except Exception:
            log.exception("events_not_read", conversation_id=str(conversation_id))
            self.close()
            return
        self._seen = {event: at for event, at in self._seen.items() if at > now - REMEMBERED}
        fresh = [one for one in found if one.id not in self._seen]
        self._seen.update((one.id, now) for one in fresh)
        for line in tuple(self._lines.get(tenant_id, ())):
            for one in fresh:
                if one.at >= line.since:
                    line.give(one)

    async def _newest(self, tenant_id: UUID, conversation_id: UUID, now: datetime) -> AsyncIterator[Event]:
        wanted = Wanted(now - OVERLAP, now + OVERLAP, conversation_id=conversation_id)
        async with self._database.transaction() as session:
            await enter(session, tenant_id)
            async for event in log_of.each(session, wanted, most=WAITING):
                yield event
