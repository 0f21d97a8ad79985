"""The inbox: conversations as a seller works through them, those who wait first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from commerce_api.conversations.models import Contact, Conversation, HandledBy, Message
from commerce_api.core.errors import NotFound

MOST_FOUND = 200
LONGEST_SEARCH = 100
MOST_WORDS = 8


class View(StrEnum):
    """Which conversations: ``OPEN`` is all that nobody put out of the way."""

    OPEN = "open"
    WAITING = "waiting"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    BOT = "bot"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Wanted:
    """Which part of the inbox. ``before`` is the ``last_message_at`` of the last row seen, for more."""

    view: View = View.OPEN
    channel: str | None = None
    label: str | None = None
    search: str | None = None
    before: datetime | None = None
    limit: int = 50


@dataclass(frozen=True)
class InboxRow:
    """A conversation with its last message, None before the first."""

    conversation: Conversation
    last: Message | None


def is_put_away(conversation: Conversation, now: datetime) -> bool:
    """Whether it is resolved or asleep, and the shopper has not written since."""
    sleeps = conversation.snoozed_until is not None and conversation.snoozed_until > now
    return conversation.unread == 0 and (sleeps or conversation.resolved_at is not None)


async def rows(session: AsyncSession, wanted: Wanted, user_id: UUID, now: datetime) -> list[InboxRow]:
    """A page of the inbox: who waits first, longest first, then by the newest message.

    ``user_id`` is whose ``MINE`` is. Those who wait come on the first page alone, all that fit.
    """
    filters = [_in_view(wanted.view, user_id, now), *_narrowed(wanted)]
    if wanted.search:
        filters.append(await _said(session, wanted.search))
    waiting: list[InboxRow] = []
    is_waiting = Conversation.handled_by == HandledBy.WAITING
    if wanted.before is None:
        first = _with_last().where(is_waiting, *filters).order_by(Conversation.handoff_at, Conversation.id)
        waiting = await _read(session, first.limit(wanted.limit))
    rest = _with_last().where(~is_waiting, *filters)
    if wanted.before is not None:
        rest = rest.where(Conversation.last_message_at < wanted.before)
    rest = rest.order_by(Conversation.last_message_at.desc().nulls_last(), Conversation.id)
    left = wanted.limit - len(waiting)
    return waiting + (await _read(session, rest.limit(left)) if left > 0 else [])


async def row(session: AsyncSession, conversation_id: UUID) -> InboxRow:
    """One conversation as the inbox shows it. Raises NotFound."""
    found = await _read(session, _with_last().where(Conversation.id == conversation_id))
    if not found:
        raise NotFound
    return found[0]


async def waiting_count(session: AsyncSession) -> int:
    """How many conversations wait for a person."""
    waiting = select(func.count()).where(Conversation.handled_by == HandledBy.WAITING)
    return await session.scalar(waiting.select_from(Conversation)) or 0


async def labels(session: AsyncSession) -> list[str]:
    """Every label that is in use, by name."""
    each = select(func.unnest(Conversation.labels)).where(Conversation.labels != []).distinct()
    return sorted(await session.scalars(each))


def _with_last() -> Any:
    newest = (
        select(Message)
        .where(Message.conversation_id == Conversation.id, Message.tenant_id == Conversation.tenant_id)
        .order_by(Message.position.desc())
        .limit(1)
        .correlate(Conversation)
        .lateral()
    )
    last = aliased(Message, newest)
    statement: Any = select(Conversation, last).outerjoin(last, true())
    return statement


async def _read(session: AsyncSession, statement: Any) -> list[InboxRow]:
    found = (await session.execute(statement)).all()
    return [InboxRow(one[0], one[1]) for one in found]


def _in_view(view: View, user_id: UUID, now: datetime) -> ColumnElement[bool]:
    resolved, asleep = Conversation.resolved_at.is_not(None), Conversation.snoozed_until > now
    is_quiet = Conversation.unread == 0
    away = and_(is_quiet, or_(resolved, func.coalesce(asleep, False)))
    if view is View.RESOLVED:
        return and_(is_quiet, resolved)
    if view is View.SNOOZED:
        return and_(is_quiet, asleep)
    chosen: dict[View, ColumnElement[bool]] = {
        View.WAITING: Conversation.handled_by == HandledBy.WAITING,
        View.MINE: Conversation.assignee_id == user_id,
        View.UNASSIGNED: and_(Conversation.assignee_id.is_(None), Conversation.handled_by != HandledBy.BOT),
        View.BOT: Conversation.handled_by == HandledBy.BOT,
    }
    return and_(~away, chosen.get(view, true()))


def _narrowed(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if wanted.channel:
        filters.append(Conversation.channel == wanted.channel)
    if wanted.label:
        filters.append(literal(wanted.label) == func.any(Conversation.labels))
    return filters


async def _said(session: AsyncSession, search: str) -> ColumnElement[bool]:
    """Conversations in which the words were said, or whose shopper is called or has the number so."""
    text = search.strip()[:LONGEST_SEARCH]
    stems = re.findall(r"\w+", text.lower())[:MOST_WORDS]
    query = " & ".join(f"{stem}:*" for stem in stems)
    saying = select(func.lookup.conversations_saying(query, MOST_FOUND)) if query else None
    ids = list(await session.scalars(saying)) if saying is not None else []
    pattern = "%" + re.sub(r"([%_\\])", r"\\\1", text) + "%"
    digits = re.sub(r"\D", "", text)
    named = [Contact.name.ilike(pattern), Contact.username.ilike(pattern)]
    if len(digits) > 3:
        named.append(Contact.phone.like(f"%{digits}%"))
    contacts = select(Contact.id).where(or_(*named)).limit(MOST_FOUND)
    return or_(Conversation.id.in_(ids), Conversation.contact_id.in_(contacts))
