"""What is to be said to shoppers: written with the work that says it, sent by the worker in order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import Ask, OutboundMessage
from commerce_api.conversations import cleaning
from commerce_api.conversations.accounts import SHELL
from commerce_api.conversations.models import Author, Conversation, DeliveryStatus, Direction, Message
from commerce_api.core import jobs

DELIVER = "deliver"


async def enqueue(
    session: AsyncSession,
    conversation: Conversation,
    messages: Sequence[OutboundMessage],
    *,
    author: Author,
    now: datetime,
    reply_to_id: UUID | None = None,
    first_ordinal: int = 0,
    seller_id: UUID | None = None,
) -> list[UUID]:
    """Queues messages behind what the conversation has queued already; the ids of those that were new.

    The caller holds the conversation. With ``reply_to_id`` each is keyed by (inbound message, ordinal), so
    that the same replies told twice are said once. On the developers' ``shell`` channel, where the bot itself
    prints what it says, messages count as delivered.
    """
    written: list[UUID] = []
    for ordinal, message in enumerate(messages, start=first_ordinal):
        statement = insert(Message).values(
            **_columns(conversation, message, now),
            author=author,
            seller_id=seller_id,
            reply_to_id=reply_to_id,
            ordinal=ordinal if reply_to_id else None,
        )
        new = await session.scalars(statement.on_conflict_do_nothing().returning(Message.id))
        written.extend(new)
    if written:
        conversation.last_message_at = now
    if written and conversation.channel != SHELL:
        await ask_for_delivery(session, conversation.tenant_id, conversation.id)
    return written


def _columns(conversation: Conversation, message: OutboundMessage, now: datetime) -> dict[str, Any]:
    body = cleaning.json_value(message.to_json())
    is_shell = conversation.channel == SHELL
    return {
        "tenant_id": conversation.tenant_id,
        "id": uuid4(),
        "conversation_id": conversation.id,
        "channel_account_id": conversation.channel_account_id,
        "position": take_position(conversation),
        "direction": Direction.OUTBOUND,
        "kind": _kind(message),
        "text": body["text"],
        "body": body,
        "status": DeliveryStatus.DELIVERED if is_shell else DeliveryStatus.QUEUED,
        "due_at": None if is_shell else now,
        "created_at": now,
    }


async def ask_for_delivery(
    session: AsyncSession, tenant_id: UUID, conversation_id: UUID, at: datetime | None = None
) -> None:
    """Has the worker send what the conversation has queued, now or at a time."""
    await jobs.ask(
        session,
        DELIVER,
        key=delivery_key(conversation_id),
        at=at,
        tenant_id=str(tenant_id),
        conversation_id=str(conversation_id),
    )


def delivery_key(conversation_id: UUID) -> str:
    """The key of a conversation's delivery jobs: one runs, one waits."""
    return f"{DELIVER}:{conversation_id}"


def take_position(conversation: Conversation) -> int:
    """The next place in the conversation's order. The caller holds the conversation."""
    position = conversation.next_position
    conversation.next_position = position + 1
    return position


def _kind(message: OutboundMessage) -> str:
    if message.image_url:
        return "image"
    if message.choices:
        return "choices"
    if message.link:
        return "link"
    return "location_request" if message.ask is Ask.LOCATION else "text"
