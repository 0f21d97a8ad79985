"""What is to be said to shoppers: written with the work that says it, sent by the worker in order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import Ask, OutboundMessage
from commerce_api.conversations import carrying, cleaning, dialling, errors, ledger, writing
from commerce_api.conversations.accounts import SHELL
from commerce_api.conversations.models import Author, Conversation, DeliveryStatus, Direction
from commerce_api.core import jobs

DELIVER = "deliver"
QUEUED: dict[str, Any] = {"status": DeliveryStatus.QUEUED}
SHOWN: dict[str, Any] = {"status": DeliveryStatus.DELIVERED}
# Without a time when it is due: it leaves when the shopper asks for it.
WAITING: dict[str, Any] = {"status": DeliveryStatus.QUEUED}
OPTED_OUT: dict[str, Any] = {"status": DeliveryStatus.FAILED, "failure_code": errors.OPTED_OUT}


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
    kind: str | None = None,
) -> list[UUID]:
    """Queues messages behind what the conversation has queued already; the ids of those that were new.

    The caller holds the conversation. With ``reply_to_id`` each is keyed by (inbound message, ordinal), so
    that the same replies told twice are said once. On the developers' ``shell`` channel, where the bot itself
    prints what it says, messages count as delivered; where the answer to a webhook is the reply, they wait to
    be shown (``screens.py``), or go by SMS (``carrying.py``). To a shopper who said STOP nothing is queued:
    what was to be said is kept as failed, ``opted_out``. ``kind`` where it doesn't follow from the message.
    """
    if not messages:
        return []
    standing = await _standing(session, conversation)
    said = {"author": author, "seller_id": seller_id}
    rows = [
        {
            **_columns(conversation, message, standing, now, kind=kind, reply_to_id=reply_to_id),
            **said,
            "ordinal": ordinal if reply_to_id else None,
        }
        for ordinal, message in enumerate(messages, start=first_ordinal)
    ]
    new = await writing.write(session, writing.OUT, rows)
    written = [row["id"] for row in rows if row["id"] in new]
    if written:
        conversation.last_message_at = now
        await _let_go(session, conversation, written, now)
    return written


async def _let_go(
    session: AsyncSession, conversation: Conversation, written: Sequence[UUID], now: datetime
) -> None:
    """Sees to it that what was queued leaves, by the way of the conversation's channel."""
    if dialling.is_dialled(conversation.channel):
        await _carry(session, conversation, written, now)
    elif conversation.channel != SHELL:
        await ask_for_delivery(session, conversation.tenant_id, conversation.id)


async def _carry(
    session: AsyncSession, conversation: Conversation, written: Sequence[UUID], now: datetime
) -> None:
    for one in await carrying.carry(session, conversation, written, now):
        author = Author.SELLER if one.seller_id else Author.SYSTEM
        await enqueue(session, one.talk, [one.message], author=author, now=now, seller_id=one.seller_id)


async def _standing(session: AsyncSession, conversation: Conversation) -> ledger.Standing:
    if conversation.channel == SHELL or dialling.is_dialled(conversation.channel):
        return ledger.Standing()
    return await ledger.standing(session, conversation)


def _columns(
    conversation: Conversation,
    message: OutboundMessage,
    standing: ledger.Standing,
    now: datetime,
    *,
    kind: str | None,
    reply_to_id: UUID | None,
) -> dict[str, Any]:
    body = cleaning.json_value(message.to_json())
    kind = kind or _kind(message)
    is_template = message.template is not None
    is_allowed = standing.allows(kind=kind, reply_to_id=reply_to_id, is_template=is_template)
    fate = QUEUED if is_allowed else OPTED_OUT
    if conversation.channel == SHELL:
        fate = SHOWN
    elif dialling.is_dialled(conversation.channel):
        fate = WAITING
    return {
        "id": uuid4(),
        "conversation_id": conversation.id,
        "channel_account_id": conversation.channel_account_id,
        "position": take_position(conversation),
        "direction": Direction.OUTBOUND,
        "kind": kind,
        "text": body["text"],
        "body": body,
        "reply_to_id": reply_to_id,
        "due_at": now if fate is QUEUED else None,
        "failure_code": None,
        "created_at": now,
        **fate,
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
    if message.reaction:
        return "reaction"
    if message.image_url:
        return "image"
    if message.choices:
        return "choices"
    if message.link:
        return "link"
    return "location_request" if message.ask is Ask.LOCATION else "text"
