"""A shopper who writes faster than anyone can read: all is kept, turns are few, and they are told once.

Other sellers' and other shoppers' turns are not held up by it: a conversation has one turn at a time, and a
flood adds no more behind it than one.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, OutboundMessage
from commerce_api.conversations import consent_words, dialling, outbox
from commerce_api.conversations.models import (
    Author,
    Conversation,
    Direction,
    HandledBy,
    Message,
    Turn,
    TurnState,
)
from commerce_api.conversations.storing import Written

# More than this many messages in this time is a flood.
MESSAGES = 20
TIME = timedelta(seconds=10)
# One that pauses for less is the same flood, and told of once.
OVER_AFTER = timedelta(minutes=5)

# Whether the flood that goes on now was known before; its bucket is full again when it is over.
NOTE = text(
    "insert into buckets as b (tenant_id, scope, subject_id, full_at, counted_at)"
    " values (:tenant, 'flood', :subject, :over, :now)"
    " on conflict (tenant_id, scope, subject_id) do update set full_at = :over, strikes ="
    " case when b.full_at <= :now then 0 else 1 end returning strikes"
)


async def absorbs(session: AsyncSession, written: Written, now: datetime) -> bool:
    """Whether a stored message is part of a flood and gets no turn of its own.

    From the 21st within ten seconds on, the turn that waits is about the newest message, and those before
    it belong to it. The caller holds the conversation.
    """
    conversation = written.conversation
    if not await _floods(session, conversation, now):
        return False
    await _tell_once(session, conversation, now)
    waiting = await session.scalar(
        select(Turn)
        .join(Message, Message.id == Turn.message_id)
        .where(
            Turn.conversation_id == conversation.id,
            Turn.state == TurnState.PENDING,
            # News of a payment or an order is answered for itself, whatever the shopper writes meanwhile.
            Message.kind != InboundKind.EVENT.value,
        )
        .order_by(Turn.said_at.desc(), Turn.position.desc())
        .limit(1)
    )
    if waiting is None:
        return False
    await session.execute(
        update(Message).where(Message.id == waiting.message_id).values(joined_turn_id=waiting.id)
    )
    waiting.message_id = written.id
    await session.flush()
    return True


async def _floods(session: AsyncSession, conversation: Conversation, now: datetime) -> bool:
    counted = select(Message.created_at).where(
        Message.conversation_id == conversation.id, Message.direction == Direction.INBOUND
    )
    others = MESSAGES
    if dialling.is_dialled(conversation.channel):
        # Leafing is answered from what is kept and floods nobody. This message has no turn yet.
        has_turn = exists().where(Turn.message_id == Message.id)
        counted = counted.where(has_turn | Message.joined_turn_id.is_not(None))
        others -= 1
    before = await session.scalar(counted.order_by(Message.position.desc()).offset(others).limit(1))
    return before is not None and before > now - TIME


async def _tell_once(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    facts = {"tenant": conversation.tenant_id, "subject": conversation.id, "now": now}
    is_known = (await session.execute(NOTE, {**facts, "over": now + OVER_AFTER})).scalar_one()
    if is_known or conversation.handled_by is HandledBy.SELLER:
        return
    contact, shop = conversation.contact, conversation.tenant
    words = consent_words.say(consent_words.SLOWED, shop.name, contact.language, *shop.languages)
    await outbox.enqueue(session, conversation, [OutboundMessage(words)], author=Author.SYSTEM, now=now)
