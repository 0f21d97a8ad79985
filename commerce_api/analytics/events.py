"""What happened in a shop's conversations, read from the view ``conversation_events`` (migration 0015)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Select, Text, Uuid, column, func, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.listing import ListParams, Page, order_by_column
from commerce_api.core.tenancy import current

EVENTS = table(
    "conversation_events",
    column("tenant_id", Uuid()),
    column("id", Uuid()),
    column("at", DateTime(timezone=True)),
    column("kind", Text()),
    column("conversation_id", Uuid()),
    column("user_id", Uuid()),
    column("facts", JSONB()),
)
SHOWN = (EVENTS.c.id, EVENTS.c.at, EVENTS.c.kind, EVENTS.c.conversation_id, EVENTS.c.user_id, EVENTS.c.facts)


@dataclass(frozen=True)
class Event:
    """One event; ``facts`` are ids, amounts and reasons, never words that a shopper said."""

    id: UUID
    at: datetime
    kind: str
    conversation_id: UUID | None
    user_id: UUID | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which events: from ``since`` to before ``until``, of one kind or conversation when they are named."""

    since: datetime
    until: datetime
    kind: str | None = None
    conversation_id: UUID | None = None


async def events(session: AsyncSession, wanted: Wanted, params: ListParams) -> Page[Event]:
    """A part of them, newest first unless sorted by ``at``. Raises SortUnknown."""
    chosen = _chosen(session, wanted)
    total = await session.scalar(select(func.count()).select_from(chosen.subquery()))
    order = order_by_column(params, {"-at": EVENTS.c.at, "kind": EVENTS.c.kind})
    rows = await session.execute(chosen.order_by(order, EVENTS.c.id).limit(params.limit).offset(params.skip))
    return Page([Event(*row) for row in rows], total or 0)


async def each(session: AsyncSession, wanted: Wanted, *, most: int) -> AsyncIterator[Event]:
    """Up to ``most`` of them, oldest first, a few thousand held at a time."""
    ordered = _chosen(session, wanted).order_by(EVENTS.c.at, EVENTS.c.id).limit(most)
    async for row in await session.stream(ordered.execution_options(yield_per=2000)):
        yield Event(*row)


def _chosen(session: AsyncSession, wanted: Wanted) -> Select[Any]:
    # The view has no class that the ORM's filter could hold on to; the fence is the database's alone.
    chosen = select(*SHOWN).where(
        EVENTS.c.tenant_id == current(session), EVENTS.c.at >= wanted.since, EVENTS.c.at < wanted.until
    )
    if wanted.kind is not None:
        chosen = chosen.where(EVENTS.c.kind == wanted.kind)
    if wanted.conversation_id is not None:
        chosen = chosen.where(EVENTS.c.conversation_id == wanted.conversation_id)
    return chosen
