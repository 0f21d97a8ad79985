"""Pages that stay current: one ear on the database a process, and a queue a page.

What changed is drawn once, however many pages show it, and sent to each as server-sent events: ``row`` (a
conversation's line in the list), ``thread`` (the newest messages of the conversation that a page watches),
``presence`` (who else is there), ``again`` (something may have been missed: load anew).
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.listening import hear

log = structlog.get_logger(__name__)

CHANNEL = "desk"
# Changes of one conversation within this time are drawn together.
GATHER = 0.03
BEAT = 20.0
QUEUE = 200
PRESENCE = "presence"

# Draws (row, thread) of a tenant's conversation; the thread only when asked for. None: there is no such one.
Draw = Callable[[UUID, UUID, bool], Awaitable[tuple[dict[str, Any], dict[str, Any] | None] | None]]


class Page:
    """One open page: an async iterator of events in their wire form, and a place among the hub's pages."""

    def __init__(self, hub: "Hub", tenant_id: UUID, user_id: UUID, watching: UUID | None) -> None:
        self.user_id, self.watching = user_id, watching
        self._hub, self._tenant_id = hub, tenant_id
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE)

    def __enter__(self) -> Self:
        self._hub.pages[self._tenant_id].add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        here = self._hub.pages[self._tenant_id]
        here.discard(self)
        if not here:
            del self._hub.pages[self._tenant_id]

    def give(self, event: bytes | None) -> None:
        """Queues an event, None for the end; a page that lags is told to load anew instead."""
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(wire("again", {}))
        self._queue.put_nowait(event)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Events as they come, and a beat when none came for a while, so that proxies keep the line."""
        while not self._hub.closed:
            try:
                event = await asyncio.wait_for(self._queue.get(), BEAT)
            except TimeoutError:
                event = b": beat\n\n"
            if event is None:
                return
            yield event


class Hub:
    """Every open page of this process, by tenant."""

    def __init__(self, url: str, draw: Draw) -> None:
        self.pages: defaultdict[UUID, set[Page]] = defaultdict(set)
        self.closed = False
        self._url, self._draw = url, draw
        self._due: dict[tuple[UUID, UUID], asyncio.Task[None]] = {}

    def join(self, tenant_id: UUID, user_id: UUID, watching: UUID | None) -> Page:
        """A page of a tenant's; it takes part from entering it."""
        return Page(self, tenant_id, user_id, watching)

    def close(self) -> None:
        """Ends every stream: the process is stopping."""
        self.closed = True
        for page in [page for pages in self.pages.values() for page in pages]:
            page.give(None)

    async def run(self) -> None:
        """Hears and tells, until cancelled."""
        async for payload in hear(self._url, CHANNEL):
            if payload is None:
                self._tell_all(wire("again", {}))
            else:
                self._heard(payload)

    def _heard(self, payload: str) -> None:
        kind, _, rest = payload.partition(" ")
        with contextlib.suppress(ValueError, KeyError):
            if kind == PRESENCE:
                self._tell_presence(json.loads(rest))
                return
            key = UUID(kind), UUID(rest)
            if key[0] in self.pages and key not in self._due:
                self._due[key] = asyncio.create_task(self._tell(*key))

    def _tell_presence(self, facts: dict[str, str]) -> None:
        tenant_id, conversation_id = UUID(facts["tenant"]), UUID(facts["conversation"])
        said = wire(PRESENCE, {name: facts[name] for name in ("user", "name", "doing")})
        for page in self.pages.get(tenant_id, ()):
            if page.watching == conversation_id and str(page.user_id) != facts["user"]:
                page.give(said)

    async def _tell(self, tenant_id: UUID, conversation_id: UUID) -> None:
        await asyncio.sleep(GATHER)
        # From here on a change is drawn anew: this drawing may begin before it is committed.
        self._due.pop((tenant_id, conversation_id), None)
        watched = any(page.watching == conversation_id for page in self.pages.get(tenant_id, ()))
        try:
            drawn = await self._draw(tenant_id, conversation_id, watched)
        except Exception:
            log.exception("page_not_drawn", conversation_id=str(conversation_id))
            self._tell_all(wire("again", {}))
            return
        if drawn is None:
            return
        row, thread = wire("row", drawn[0]), wire("thread", drawn[1]) if drawn[1] else None
        for page in tuple(self.pages.get(tenant_id, ())):
            page.give(row)
            if thread and page.watching == conversation_id:
                page.give(thread)

    def _tell_all(self, event: bytes) -> None:
        every: Iterable[Page] = [page for pages in self.pages.values() for page in pages]
        for page in every:
            page.give(event)


def wire(event: str, data: dict[str, Any]) -> bytes:
    """An event as it goes over the line."""
    return f"event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


async def tell_presence(
    session: AsyncSession, *, tenant_id: UUID, conversation_id: UUID, user: tuple[UUID, str], doing: str
) -> None:
    """Lets the others on a conversation's pages, of every process, see that somebody is there, or types."""
    facts = {
        "tenant": str(tenant_id),
        "conversation": str(conversation_id),
        "user": str(user[0]),
        "name": user[1],
        "doing": doing,
    }
    await session.execute(
        text("select pg_notify(:channel, :payload)"),
        {"channel": CHANNEL, "payload": f"{PRESENCE} {json.dumps(facts)}"},
    )
