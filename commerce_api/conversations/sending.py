"""One try at sending one part, in two short transactions with the sending itself between them.

``begin`` stamps the part before anything leaves, so that a crash leaves a trace; ``mark`` writes what became
of it, unless another process has taken the part meanwhile. A conversation's messages leave in order: one
that waits for its next try holds up those behind it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload, undefer

from channels.messages import OutboundMessage
from channels.provider import Provider, ProviderRequest, SenderAccount, SendOutcome, SendResult
from channels.registry import PROVIDERS
from commerce_api.conversations import cleaning, queries, receipts
from commerce_api.conversations.models import (
    ChannelAccount,
    ContactAddress,
    DeliveryStatus,
    Message,
    MessagePart,
)
from commerce_api.core.secrets import SealBroken
from commerce_api.tenants.models import TenantStatus

log = structlog.get_logger(__name__)

# Longer than a try can take, so that a part in `sending` for longer was left by a process that died.
TRY_LASTS = timedelta(seconds=15)
# A shopper gains nothing from a reply a day late, and WhatsApp's window is shut by then.
TOO_OLD = timedelta(hours=24)
MOST_TRIES = 100
MENDING = timedelta(minutes=1)
# One try with an unknown outcome is made good by a second; a third could make three of one message.
MOST_DOUBTS = 1
LONGEST_PAUSE = 300.0
LONGEST_ASKED_PAUSE = 3600.0
TO_SEND = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)

UNKNOWN = "outcome_unknown"

Sender = Callable[[ChannelAccount], SenderAccount]


@dataclass(frozen=True)
class Attempt:
    """A part that this process alone may send now; ``id`` is its proof when it comes to ``mark``."""

    id: UUID
    account_id: UUID
    message_id: UUID
    provider: Provider
    request: ProviderRequest


@dataclass(frozen=True)
class Later:
    """Nothing may be sent before this time."""

    at: datetime


async def begin(
    session: AsyncSession, conversation_id: UUID, sender: Sender, now: datetime
) -> Attempt | Later | None:
    """The conversation's next part, stamped as being sent; None when nothing is left to send."""
    while message := await _head(session, conversation_id):
        if message.due_at is not None and message.due_at > now:
            return Later(message.due_at)
        step = await _begin_message(session, message, sender, now)
        await session.flush()
        if step is not None:
            return step
    return None


async def mark(
    session: AsyncSession, attempt: Attempt, result: SendResult | None, now: datetime, *, jitter: float
) -> None:
    """Writes what became of an attempt; None means that nobody knows.

    ``jitter`` (0 to 1) spreads the next try. An attempt that another process has taken over changes nothing.
    """
    if result is not None and result.provider_message_id is not None:
        await receipts.hold(session, attempt.account_id, result.provider_message_id)
    message = await _lock(session, attempt.message_id)
    part = next((part for part in message.parts if part.attempt_id == attempt.id), None) if message else None
    if message is None or part is None or part.status is not DeliveryStatus.SENDING:
        log.warning("attempt_superseded", message_id=str(attempt.message_id))
        return
    if result is None:
        if _doubt(message, part):
            return
        result = SendResult(SendOutcome.RETRY, error_code=UNKNOWN)
    if result.outcome is SendOutcome.ACCEPTED:
        await _accept(session, message, part, result, now)
    elif result.outcome is SendOutcome.REFUSED:
        _fail(message, part, result.error_code or "refused", result.error_text)
    else:
        _put_off(message, part, result, now, jitter)
    if result.tell_seller:
        log.error("seller_must_act", account_id=str(attempt.account_id), fault=result.error_code)


async def _head(session: AsyncSession, conversation_id: UUID) -> Message | None:
    # Found, then locked by id: a row that changes while ORDER BY … LIMIT waits for it comes back as none.
    left = Message.conversation_id == conversation_id, Message.status.in_(TO_SEND)
    while head := await session.scalar(select(Message.id).where(*left).order_by(Message.position).limit(1)):
        message = await _lock(session, head)
        if message is not None and message.status in TO_SEND:
            return message
    return None


async def _lock(session: AsyncSession, message_id: UUID) -> Message | None:
    return await session.scalar(
        select(Message)
        .where(Message.id == message_id)
        .options(selectinload(Message.parts))
        .with_for_update(of=Message)
        .execution_options(populate_existing=True)
    )


async def _begin_message(
    session: AsyncSession, message: Message, sender: Sender, now: datetime
) -> Attempt | Later | None:
    account, address, status = await _ends(session, message)
    provider = PROVIDERS.get(account.channel)
    hopeless = _hopeless(message, account, status, now)
    if hopeless is not None or provider is None:
        _fail(message, None, hopeless or "channel_unknown", None)
        return None
    try:
        credentials = sender(account)
    except SealBroken as fault:
        # Ours to mend, not the seller's: the message waits until someone has.
        log.exception("credentials_unreadable", account_id=str(account.id))
        message.due_at, message.failure_text = now + MENDING, str(fault)
        return Later(message.due_at)
    requests = _build(message, provider, address, credentials)
    if requests:
        return await _begin_part(session, message, provider, requests, now)
    _fail(message, None, "unbuildable", None)
    return None


async def _begin_part(
    session: AsyncSession,
    message: Message,
    provider: Provider,
    requests: Sequence[ProviderRequest],
    now: datetime,
) -> Attempt | Later | None:
    await _make_parts(session, message, len(requests))
    part = next((part for part in message.parts[: len(requests)] if part.status in TO_SEND), None)
    if part is None:
        receipts.settle(message, message.parts[: len(requests)])
        return None
    if part.status is DeliveryStatus.SENDING:
        free_at = (part.attempted_at or now) + TRY_LASTS
        if free_at > now:
            return Later(free_at)
        if _doubt(message, part):
            return None
    return _stamp(message, part, provider, requests[part.part], now)


def _stamp(
    message: Message, part: MessagePart, provider: Provider, request: ProviderRequest, now: datetime
) -> Attempt:
    message.status = part.status = DeliveryStatus.SENDING
    part.attempts += 1
    part.attempted_at = now
    part.attempt_id = uuid4()
    return Attempt(part.attempt_id, part.channel_account_id, message.id, provider, request)


async def _ends(session: AsyncSession, message: Message) -> tuple[ChannelAccount, str, str]:
    """The account a message leaves by, the address it goes to, and the tenant's status."""
    conversation = await queries.conversation(session, message.conversation_id)
    found = await session.execute(
        select(ChannelAccount, ContactAddress.address)
        .join(ContactAddress, ContactAddress.channel_account_id == ChannelAccount.id)
        .where(
            ChannelAccount.id == message.channel_account_id,
            ContactAddress.contact_id == conversation.contact_id,
        )
        .options(undefer(ChannelAccount.credentials))
    )
    account, address = found.one()
    return account, address, conversation.tenant.status


def _hopeless(message: Message, account: ChannelAccount, tenant_status: str, now: datetime) -> str | None:
    if tenant_status != TenantStatus.ACTIVE:
        return "tenant_suspended"
    if not account.is_active:
        return "account_inactive"
    return "too_old" if now - message.created_at > TOO_OLD else None


def _build(
    message: Message, provider: Provider, address: str, account: SenderAccount
) -> Sequence[ProviderRequest]:
    try:
        outbound = OutboundMessage.from_json(message.body)
        return provider.build(outbound, str(message.id), address, account)
    except Exception:
        # A message that no request can be made of must not hold up those behind it.
        log.exception("message_unbuildable", message_id=str(message.id))
        return ()


async def _make_parts(session: AsyncSession, message: Message, count: int) -> None:
    if len(message.parts) >= count:
        return
    await session.execute(
        insert(MessagePart)
        .values(
            [
                {
                    "tenant_id": message.tenant_id,
                    "id": uuid4(),
                    "message_id": message.id,
                    "channel_account_id": message.channel_account_id,
                    "part": part,
                    "status": DeliveryStatus.QUEUED,
                    "attempts": 0,
                    "doubts": 0,
                }
                for part in range(count)
            ]
        )
        .on_conflict_do_nothing()
    )
    await _lock(session, message.id)


async def _accept(
    session: AsyncSession, message: Message, part: MessagePart, result: SendResult, now: datetime
) -> None:
    part.status = DeliveryStatus.SENT
    part.failure_code = part.failure_text = None
    if result.provider_message_id and not await _is_taken(session, part, result.provider_message_id):
        part.provider_message_id = result.provider_message_id
        await receipts.catch_up(session, part)
    if all(one.status not in TO_SEND for one in message.parts):
        message.sent_at = now
    receipts.settle(message, message.parts)


async def _is_taken(session: AsyncSession, part: MessagePart, provider_message_id: str) -> bool:
    """Whether the provider gave the id before: to a repeat of what it had, or by mistake."""
    holder = await session.scalar(
        select(MessagePart.id).where(
            MessagePart.channel_account_id == part.channel_account_id,
            MessagePart.provider_message_id == provider_message_id,
        )
    )
    return holder is not None


def _doubt(message: Message, part: MessagePart) -> bool:
    """Counts a try nobody knows the outcome of; True when that was one too many, and the message failed."""
    part.doubts += 1
    if part.doubts > MOST_DOUBTS:
        _fail(message, part, UNKNOWN, "The provider didn't say whether it took the message.")
        return True
    message.maybe_doubled = True
    return False


def _put_off(message: Message, part: MessagePart, result: SendResult, now: datetime, jitter: float) -> None:
    if part.attempts >= (result.most_tries or MOST_TRIES):
        _fail(message, part, result.error_code or "gave_up", result.error_text)
        return
    message.status = part.status = DeliveryStatus.QUEUED
    message.due_at = now + timedelta(seconds=pause(part.attempts, result.retry_after, jitter))
    part.failure_code = cleaning.text(result.error_code, 64)
    part.failure_text = cleaning.text(result.error_text, 1024)


def pause(tries: int, retry_after: float | None, jitter: float) -> float:
    """Seconds to the next try: what the provider asked for or a little more, else doubling to five minutes.

    The doubled pause is taken by half to one and a half: those who failed together don't return together.
    """
    if retry_after is not None:
        return min(max(retry_after, 0.0), LONGEST_ASKED_PAUSE) * (1 + jitter / 4)
    return float(min(LONGEST_PAUSE, 2.0 ** (min(tries, 20) - 1))) * (0.5 + jitter)


def _fail(message: Message, part: MessagePart | None, code: str, text: str | None) -> None:
    """Ends a message unsent; what follows it in the conversation goes on."""
    for one in message.parts:
        if one is part or (part is None and one.status in TO_SEND):
            one.status = DeliveryStatus.FAILED
            one.failure_code, one.failure_text = cleaning.text(code, 64), cleaning.text(text, 1024)
        elif one.status in TO_SEND:
            one.status, one.failure_code = DeliveryStatus.FAILED, "not_sent"
    message.status, message.due_at = DeliveryStatus.FAILED, None
    message.failure_code, message.failure_text = cleaning.text(code, 64), cleaning.text(text, 1024)
    log.warning("message_failed", message_id=str(message.id), fault=code)
