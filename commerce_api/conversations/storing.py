"""Inbound messages as rows: each once, many in one statement. Whoever writes holds the conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, InboundMessage
from commerce_api.conversations import choices, cleaning, media, ordering, outbox, writing
from commerce_api.conversations.models import (
    Author,
    Conversation,
    DeliveryStatus,
    Direction,
    Message,
)


@dataclass(frozen=True)
class Written:
    """A message and the conversation it belongs to; ``id`` and ``position`` are its row's."""

    conversation: Conversation
    message: InboundMessage
    id: UUID
    position: int


async def store(session: AsyncSession, conversation: Conversation, **columns: Any) -> UUID | None:
    """Stores an inbound message; None when the account has one by that provider's id already."""
    row = {**_place(conversation), "direction": Direction.INBOUND, **columns}
    row.setdefault("said_at", row["created_at"])
    stored = await writing.write(session, writing.IN, [row])
    if stored:
        outbox.take_position(conversation)
    return row["id"] if stored else None


async def store_all(
    session: AsyncSession, written: Sequence[tuple[Conversation, InboundMessage]], now: datetime
) -> list[Written]:
    """Stores one account's messages in this order; those that it didn't have yet."""
    fresh: dict[str, tuple[Conversation, InboundMessage]] = {}
    for conversation, message in written:
        fresh.setdefault(message.provider_message_id, (conversation, message))
    if len(fresh) > 1:
        for known in await _known(session, written[0][0].channel_account_id, list(fresh)):
            fresh.pop(known)
    rows, stored = [], []
    next_position = {conversation.id: conversation.next_position for conversation, _ in fresh.values()}
    for conversation, message in fresh.values():
        row = {**_place(conversation), **await _columns(session, conversation, message, now)}
        row["position"] = next_position[conversation.id]
        next_position[conversation.id] += 1
        rows.append(row)
        stored.append(Written(conversation, message, row["id"], row["position"]))
    if not rows:
        return []
    ids = await writing.write(session, writing.IN, rows)
    done = [one for one in stored if one.id in ids]
    for one in done:
        one.conversation.next_position = one.position + 1
        await media.ask_for(session, one.conversation.tenant_id, one.id, one.message, now)
    return done


async def _known(session: AsyncSession, account_id: UUID, ids: Sequence[str]) -> Sequence[str]:
    """Asked beforehand, so that a webhook with old and new messages leaves no gap between positions."""
    found = await session.scalars(
        select(Message.provider_message_id).where(
            Message.channel_account_id == account_id, Message.provider_message_id.in_(ids)
        )
    )
    return [known for known in found if known is not None]


def _place(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "conversation_id": conversation.id,
        "channel_account_id": conversation.channel_account_id,
        "position": conversation.next_position,
    }


async def _columns(
    session: AsyncSession, conversation: Conversation, message: InboundMessage, now: datetime
) -> dict[str, Any]:
    body = message.to_json()
    raw = body.pop("raw")
    if message.kind is InboundKind.CHOICE:
        body["choice"] = await choices.chosen(session, conversation.id, message.choice_id)
    caption = message.media.caption if message.media else None
    return {
        "direction": Direction.OUTBOUND if message.is_echo else Direction.INBOUND,
        "kind": message.kind.value,
        "author": Author.SELLER if message.is_echo else Author.SHOPPER,
        "status": DeliveryStatus.DELIVERED if message.is_echo else None,
        "text": cleaning.text(message.text if message.text is not None else caption),
        "body": body,
        "raw": raw,
        "provider_message_id": message.provider_message_id,
        "sent_at": message.sent_at,
        "said_at": ordering.said_at(message.sent_at, now),
        "created_at": now,
    }
