"""What a seller writes with the provider's own app: stored as theirs, and the assistant falls silent.

A provider also echoes what we sent ourselves, and may do so before it answers the sending: such an echo is
known by the provider's id, or parked until we know whether it is ours.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, InboundMessage
from commerce_api.conversations import cleaning, handing, queries, receipts, storing
from commerce_api.conversations.contact_models import ParkedEcho
from commerce_api.conversations.models import (
    Conversation,
    DeliveryStatus,
    Direction,
    Message,
    MessagePart,
)
from commerce_api.core import jobs

SETTLE = "settle_echo"
# Longer than a try at sending lasts: by then a part has its id, or its outcome is unknown.
SETTLED_AFTER = timedelta(seconds=20)
# Older news than this changes nothing about who answers now.
STALE = timedelta(hours=1)


async def are_ours(
    session: AsyncSession, conversation: Conversation, echo: InboundMessage, now: datetime
) -> bool:
    """Whether an echo is of what we sent, or may be: then it is parked. The caller holds the conversation."""
    # As receipts do it: of the echo and the part's getting its id, whichever comes second sees the first.
    await receipts.hold(session, conversation.channel_account_id, echo.provider_message_id)
    if await _is_known(session, conversation.channel_account_id, echo.provider_message_id):
        return True
    if echo.kind in (InboundKind.EDIT, InboundKind.DELETION) or not await _unanswered(
        session, conversation.id
    ):
        return False
    await _park(session, conversation, echo, now)
    return True


async def take_over(
    session: AsyncSession, conversation: Conversation, echo: InboundMessage, now: datetime
) -> None:
    """A seller answers, by their own phone: the assistant is silent until the conversation is handed back."""
    conversation.last_message_at = now
    if now - echo.sent_at <= STALE and not echo.is_standby:
        await handing.take_over(session, conversation, None, now)


async def settle(session: AsyncSession, echo_id: UUID, now: datetime) -> None:
    """Decides on a parked echo: ours when a part has its id, or one of unknown outcome has its words."""
    conversation_id = await session.scalar(select(ParkedEcho.conversation_id).where(ParkedEcho.id == echo_id))
    if conversation_id is None:
        return
    conversation = await queries.lock(session, conversation_id)
    parked = await session.scalar(select(ParkedEcho).where(ParkedEcho.id == echo_id).with_for_update())
    if parked is None:
        return
    echo = InboundMessage.from_json(parked.message)
    await session.execute(delete(ParkedEcho).where(ParkedEcho.id == echo_id))
    if await _is_known(session, conversation.channel_account_id, echo.provider_message_id):
        return
    # A long message leaves in several parts.
    if any(
        (cleaning.text(echo.text) or "") in words for words in await _unanswered(session, conversation.id)
    ):
        return
    for _ in await storing.store_all(session, [(conversation, echo)], now):
        await take_over(session, conversation, echo, now)
    await session.flush()


async def _is_known(session: AsyncSession, account_id: UUID, provider_message_id: str) -> bool:
    known = await session.scalar(
        select(MessagePart.id).where(
            MessagePart.channel_account_id == account_id,
            MessagePart.provider_message_id == provider_message_id,
        )
    )
    return known is not None


async def _unanswered(session: AsyncSession, conversation_id: UUID) -> Sequence[str]:
    """The words of messages that the provider may have, and has told us no id of."""
    found = await session.scalars(
        select(Message.text)
        .join(MessagePart, MessagePart.message_id == Message.id)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.OUTBOUND,
            MessagePart.provider_message_id.is_(None),
            (MessagePart.status == DeliveryStatus.SENDING) | (MessagePart.doubts > 0),
        )
    )
    return [words or "" for words in found]


async def _park(
    session: AsyncSession, conversation: Conversation, echo: InboundMessage, now: datetime
) -> None:
    parked = await session.scalar(
        insert(ParkedEcho)
        .values(
            tenant_id=conversation.tenant_id,
            id=uuid4(),
            channel_account_id=conversation.channel_account_id,
            conversation_id=conversation.id,
            provider_message_id=echo.provider_message_id,
            message=cleaning.json_value(echo.to_json()),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ParkedEcho.id)
    )
    if parked is not None:
        await jobs.ask(
            session,
            SETTLE,
            key=f"{SETTLE}:{parked}",
            at=now + SETTLED_AFTER,
            tenant_id=str(conversation.tenant_id),
            echo_id=str(parked),
        )
