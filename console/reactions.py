"""Reactions, shown on the message they are to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations.models import Direction, Message, MessagePart

KIND = "reaction"


@dataclass(frozen=True)
class Reactions:
    """``emoji`` by the id of the message they stand on; ``placed`` are the reactions that stand on one."""

    emoji: Mapping[UUID, tuple[str, ...]]
    placed: frozenset[UUID]


async def on(session: AsyncSession, conversation_id: UUID, messages: Sequence[Message]) -> Reactions:
    """What stands on these messages: the shopper's newest emoji, and the seller's. One taken back is gone."""
    names = await _provider_ids(session, messages)
    if not names:
        return Reactions({}, frozenset())
    ours, theirs = Message.body["reaction"]["message_id"].astext, Message.body["quoted_message_id"].astext
    about = func.coalesce(ours, theirs)
    found = await session.scalars(
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.kind == KIND,
            about.in_(names),
            Message.position >= min(one.position for one in messages),
        )
        .order_by(Message.position)
    )
    newest: dict[tuple[UUID, Direction], str] = {}
    placed = set()
    for one in found:
        placed.add(one.id)
        of_seller = one.body.get("reaction")
        facts = of_seller or {"message_id": one.body["quoted_message_id"], "emoji": one.body.get("emoji")}
        newest[names[facts["message_id"]], one.direction] = facts["emoji"] or ""
    shown: dict[UUID, tuple[str, ...]] = {}
    for (message_id, _), emoji in newest.items():
        if emoji:
            shown[message_id] = (*shown.get(message_id, ()), emoji)
    return Reactions(shown, frozenset(placed))


async def _provider_ids(session: AsyncSession, messages: Sequence[Message]) -> dict[str, UUID]:
    """Every name the provider has for the messages, or for a part of one."""
    parts = await session.execute(
        select(MessagePart.provider_message_id, MessagePart.message_id).where(
            MessagePart.message_id.in_([one.id for one in messages if one.direction is Direction.OUTBOUND]),
            MessagePart.provider_message_id.is_not(None),
        )
    )
    own = {one.provider_message_id: one.id for one in messages if one.provider_message_id}
    return {**own, **{row[0]: row[1] for row in parts if row[0]}}
