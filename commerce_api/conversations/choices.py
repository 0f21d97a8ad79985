"""What a tap means: a button's id leads back to the message that offered it, in the same conversation."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations.models import Author, Direction, Message


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


async def offered(session: AsyncSession, conversation_id: UUID) -> list[dict[str, Any]]:
    """What the assistant's last answer offered, in order, over all of its messages."""
    answers = (
        Message.conversation_id == conversation_id,
        Message.direction == Direction.OUTBOUND,
        Message.author == Author.ASSISTANT,
    )
    last = select(Message.reply_to_id).where(*answers).order_by(Message.position.desc()).limit(1)
    bodies = await session.scalars(
        select(Message.body)
        .where(*answers, Message.reply_to_id == last.scalar_subquery())
        .order_by(Message.ordinal)
    )
    return _all_choices(bodies.all())


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
