"""What a seller writes with the provider's own app: stored as theirs, and the assistant falls silent.

A provider also echoes what we sent ourselves, and may do so before it answers the sending: such an echo is
known by the provider's id, or parked until we know whether it is ours.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, InboundMessage
from channels.provider import SenderAccount
from channels.registry import PROVIDERS
from commerce_api.conversations import cleaning, handing, queries, receipts, sending, storing
from commerce_api.conversations.contact_models import ParkedEcho
from commerce_api.conversations.models import (
    ChannelAccount,
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
# An echo is of what was tried this long before or after, by two clocks.
AROUND = timedelta(minutes=1)
# Where what we sent has its words, as Meta's requests name them, by the kind its echo is of: texts and
# questions, and pictures with a caption. What is of another kind we never send.
WORDS: Mapping[InboundKind, Sequence[str]] = {
    **dict.fromkeys((InboundKind.TEXT, InboundKind.CHOICE, InboundKind.UNSUPPORTED), ("text", "body")),
    InboundKind.IMAGE: ("caption",),
}
# For requests that are compared and never sent.
NOBODY = SenderAccount("", "", defaultdict(str))
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
    is_change = echo.kind in (InboundKind.EDIT, InboundKind.DELETION)
    if is_change or not await _unanswered(session, conversation.id, echo.sent_at):
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
    """Decides on a parked echo: ours when a part has its id, or one of unknown outcome its very words."""
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
    if await _has_our_words(session, conversation, echo):
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


async def _unanswered(
    session: AsyncSession, conversation_id: UUID, sent_at: datetime
) -> Sequence[tuple[Message, int, str]]:
    """What was tried around ``sent_at``, and the provider may have under an id we were never told.

    Each with its message, its number among the message's parts, and its channel. One that was tried again has
    the id of its last try alone.
    """
    found = await session.execute(
        select(Message, MessagePart.part, ChannelAccount.channel)
        .join(MessagePart, MessagePart.message_id == Message.id)
        .join(ChannelAccount, ChannelAccount.id == MessagePart.channel_account_id)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.OUTBOUND,
            or_(
                MessagePart.doubts > 0,
                (MessagePart.status == DeliveryStatus.SENDING) & MessagePart.provider_message_id.is_(None),
            ),
            MessagePart.attempted_at.between(sent_at - AROUND, sent_at + AROUND),
        )
    )
    return [(row.Message, row.part, row.channel) for row in found]


async def _has_our_words(session: AsyncSession, conversation: Conversation, echo: InboundMessage) -> bool:
    """Whether an echo says, whole, what a part of unknown outcome was to say."""
    caption = echo.media.caption if echo.media else None
    said = _spaced(cleaning.text(echo.text if echo.text is not None else caption) or "")
    if not said or echo.kind not in WORDS:
        return False
    for message, part, channel in await _unanswered(session, conversation.id, echo.sent_at):
        if provider := PROVIDERS.get(channel):
            requests = sending.build(message, provider, echo.sender, NOBODY)
            written = requests[part].json_body if part < len(requests) else None
            if said in (_spaced(words) for words in _words(written, WORDS[echo.kind])):
                return True
    return False


def _words(written: Any, names: Sequence[str]) -> Iterator[str]:
    """Every string in a request that stands under one of ``names``, however deep."""
    if isinstance(written, Mapping):
        for name, value in written.items():
            if name in names and isinstance(value, str):
                yield value
            yield from _words(value, names)
    elif isinstance(written, list | tuple):
        for value in written:
            yield from _words(value, names)


def _spaced(words: str) -> str:
    return " ".join(words.split())


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
