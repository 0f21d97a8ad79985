"""What a tap means: a button's id leads back to the message that offered it, in the same conversation."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations.models import Direction, Message
from commerce_api.core.statements import Statement

OFFERED = Statement(
    "select m.body from messages m where m.tenant_id = %(tenant)s and m.conversation_id = %(conversation)s"
    " and m.direction = 'outbound' and m.author = 'assistant' and m.reply_to_id = ("
    "  select last.reply_to_id from messages last where last.tenant_id = %(tenant)s"
    "  and last.conversation_id = %(conversation)s and last.direction = 'outbound'"
    "  and last.author = 'assistant' order by last.position desc limit 1)"
    " order by m.ordinal"
)


async def chosen(
    session: AsyncSession, conversation_id: UUID, choice_id: str | None
) -> dict[str, Any] | None:
    """The choice this conversation was offered under ``choice_id``, as JSON; None when it never was."""
    message_id, place = _read(choice_id)
    if message_id is None:
        return None
    body = await session.scalar(
        select(Message.body).where(
            Message.id == message_id,
            Message.conversation_id == conversation_id,
            Message.direction == Direction.OUTBOUND,
        )
    )
    choices = _of(body or {})
    return choices[place] if place < len(choices) else None


async def offered(session: AsyncSession, tenant_id: UUID, conversation_id: UUID) -> list[dict[str, Any]]:
    """What the assistant's last answer offered, in order, over all of its messages."""
    answers = await OFFERED.all(session, tenant=tenant_id, conversation=conversation_id)
    return _all_choices([answer.body for answer in answers])


def _all_choices(bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [choice for body in bodies for choice in _of(body)]


def _of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """A message's choices in the order of their places: its own, then each card's."""
    cards = body.get("cards") or []
    return [*(body.get("choices") or []), *(choice for card in cards for choice in card.get("choices") or [])]


def _read(choice_id: str | None) -> tuple[UUID | None, int]:
    """The two parts of an id made by ``channels.messages.choice_id``; (None, 0) for anything else."""
    message_id, _, place = (choice_id or "").partition(".")
    if not (place.isascii() and place.isdigit() and len(place) <= 3):
        return None, 0
    try:
        return UUID(hex=message_id), int(place)
    except ValueError:
        return None, 0
