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
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage
from channels.provider import Provider, ProviderRequest, SenderAccount, SendOutcome, SendResult
from commerce_api.conversations import (
    cleaning,
    ledger,
    notices,
    pacing,
    queries,
    receipts,
    undelivered,
    ways,
)
from commerce_api.conversations.models import (
    ChannelAccount,
    Conversation,
    DeliveryStatus,
    Message,
    MessagePart,
)
from commerce_api.conversations.senders import ChannelClosed
from commerce_api.core import tenancy
from commerce_api.core.rows import Row, fill, settle
from commerce_api.core.secrets import SealBroken
from commerce_api.core.statements import Statement

log = structlog.get_logger(__name__)

# Longer than a try can take, so that a part in `sending` for longer was left by a process that died.
TRY_LASTS = timedelta(seconds=15)
MOST_TRIES = 100
# Who is this early is not sent away: looking again costs more, and processes' clocks agree no better.
SLACK = timedelta(milliseconds=50)
MENDING = timedelta(minutes=1)
# One try with an unknown outcome is made good by a second; a third could make three of one message.
MOST_DOUBTS = 1
LONGEST_PAUSE = 300.0
HELD_FOR = 300.0
LONGEST_ASKED_PAUSE = 3600.0
TO_SEND = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)

UNKNOWN = "outcome_unknown"

HEAD = Statement(
    "select id from messages where tenant_id = %(tenant)s and conversation_id = %(conversation)s"
    " and status in ('queued', 'sending') order by position limit 1"
)
MESSAGE, PART = Row(Message, "m", without=("raw",)), Row(MessagePart, "p")
HELD = Statement(
    "select {message} from messages m where m.tenant_id = %(tenant)s and m.id = %(message)s for update",
    message=MESSAGE.columns,
)
PARTS = Statement(
    "select {part} from message_parts p where p.tenant_id = %(tenant)s"
    " and p.message_id = %(message)s order by p.part",
    part=PART.columns,
)
HOLDER = Statement(
    "select id from message_parts where tenant_id = %(tenant)s and channel_account_id = %(account)s"
    " and provider_message_id = %(id)s"
)

Sender = Callable[[ChannelAccount], SenderAccount]


@dataclass(frozen=True)
class Attempt:
    """A part that this process alone may send now; ``id`` is its proof when it comes to ``mark``."""

    id: UUID
    message_id: UUID
    line: pacing.Line
    provider: Provider
    request: ProviderRequest


@dataclass(frozen=True)
class Later:
    """Nothing may be sent before this time."""

    at: datetime


@dataclass(frozen=True)
class Hopeless:
    """A message that can't be sent, and why: ``give_up`` ends it, holding the conversation first."""

    message_id: UUID
    code: str


async def begin(
    session: AsyncSession, conversation_id: UUID, sender: Sender, now: datetime
) -> Attempt | Later | Hopeless | None:
    """The conversation's next part, stamped as being sent; None when nothing is left to send."""
    conversation = await queries.conversation(session, conversation_id)
    await ledger.hold(session, conversation)
    while message := await _head(session, conversation_id):
        if message.due_at is not None and message.due_at > now + SLACK:
            return Later(message.due_at)
        step = await _begin_message(session, conversation, message, sender, now)
        await settle(session)
        if step is not None:
            return step
    return None


async def give_up(session: AsyncSession, conversation_id: UUID, hopeless: Hopeless, now: datetime) -> None:
    """Ends a message unsent, and asks for a person where one can help; what follows it goes on."""
    conversation = await queries.lock(session, conversation_id)
    message = await _lock(session, hopeless.message_id)
    if message is not None and message.status in TO_SEND:
        _fail(message, None, hopeless.code, None)
        await undelivered.tell(session, conversation, hopeless.code, now)


async def mark(
    session: AsyncSession, attempt: Attempt, result: SendResult | None, now: datetime, *, jitter: float
) -> None:
    """Writes what became of an attempt; None means that nobody knows.

    ``jitter`` (0 to 1) spreads the next try. An attempt that another process has taken over changes nothing.
    """
    if result is not None and result.outcome is SendOutcome.ACCEPTED:
        await _mark_accepted(session, attempt, result, now)
        return
    # A message that fails may need a person: whoever holds a message and its conversation takes this first.
    conversation = await queries.lock(session, attempt.line.conversation_id)
    if result is not None and result.error_code in undelivered.STOPPED:
        await ledger.hold_alone(session, conversation)
    found = await _mine(session, attempt)
    if found is None:
        return
    message, part = found
    if result is None and _doubt(message, part):
        await undelivered.tell(session, conversation, UNKNOWN, now)
        return
    result = result or SendResult(SendOutcome.RETRY, error_code=UNKNOWN)
    failure = _failure(result)
    if failure is not None:
        await pacing.slow_down(session, attempt.line, failure, now, jitter=jitter)
    if failure is None or not _put_off(message, part, result, now, jitter):
        _fail(message, part, result.error_code or "refused", result.error_text)
    if message.status is DeliveryStatus.FAILED or (failure is not None and failure.is_of_account):
        await undelivered.tell(session, conversation, result.error_code or "refused", now)
    if result.tell_seller:
        code = result.error_code or "refused"
        await notices.open_for(session, attempt.line.account_id, code, result.error_text, now)


def _failure(result: SendResult) -> pacing.Failure | None:
    """Why the try is to be repeated; None when that is no use.

    What only the account's owner can put right is held back till then, for a day at most: it may leave by
    another road.
    """
    code = result.error_code or "refused"
    if result.outcome is SendOutcome.RETRY:
        return pacing.Failure(code, result.retry_after)
    is_of_account = result.tell_seller and notices.is_of_account(code)
    return pacing.Failure(code, HELD_FOR, is_of_account=True) if is_of_account else None


async def _mark_accepted(session: AsyncSession, attempt: Attempt, result: SendResult, now: datetime) -> None:
    account_id = attempt.line.account_id
    if result.provider_message_id is not None:
        await receipts.hold(session, account_id, result.provider_message_id)
    found = await _mine(session, attempt)
    if found is None:
        return
    await _accept(session, *found, result, now)
    await pacing.calm_down(session, attempt.line)
    await notices.close(session, account_id, now)


async def _mine(session: AsyncSession, attempt: Attempt) -> tuple[Message, MessagePart] | None:
    message = await _lock(session, attempt.message_id)
    part = next((part for part in message.parts if part.attempt_id == attempt.id), None) if message else None
    if message is None or part is None or part.status is not DeliveryStatus.SENDING:
        log.warning("attempt_superseded", message_id=str(attempt.message_id))
        return None
    return message, part


async def _head(session: AsyncSession, conversation_id: UUID) -> Message | None:
    # Found, then locked by id: a row that changes while ORDER BY … LIMIT waits for it comes back as none.
    of_conversation = {"tenant": tenancy.current(session), "conversation": conversation_id}
    while head := await HEAD.first(session, **of_conversation):
        message = await _lock(session, head.id)
        if message is not None and message.status in TO_SEND:
            return message
    return None


async def has_more(session: AsyncSession, conversation_id: UUID) -> bool:
    """Whether the conversation has anything left to send, now or later."""
    await settle(session)
    head = await HEAD.first(session, tenant=tenancy.current(session), conversation=conversation_id)
    return head is not None


async def _lock(session: AsyncSession, message_id: UUID) -> Message | None:
    await settle(session)
    of_message = {"tenant": tenancy.current(session), "message": message_id}
    row = await HELD.first(session, **of_message)
    if row is None:
        return None
    message = MESSAGE.read(session, row, anew=True)
    parts = await PARTS.all(session, **of_message)
    fill(message, parts=[PART.read(session, part, anew=True) for part in parts])
    return message


async def _begin_message(
    session: AsyncSession, conversation: Conversation, message: Message, sender: Sender, now: datetime
) -> Attempt | Later | Hopeless | None:
    if (busy_until := _busy_until(message)) is not None and busy_until > now:
        return Later(busy_until)
    way = await ways.find(session, conversation, message)
    obstacle = await ways.obstacle(session, way, message, now)
    if obstacle is not None or way.address is None or way.provider is None:
        return Hopeless(message.id, obstacle or "no_address")
    try:
        credentials = sender(way.account)
    except (SealBroken, ChannelClosed) as fault:
        # Ours to mend, not the seller's: the message waits until someone has.
        log.exception("sender_unready", account_id=str(way.account.id))
        message.due_at, message.failure_text = now + MENDING, str(fault)
        return Later(message.due_at)
    requests = build(message, way.provider, way.address, credentials)
    if not requests:
        return Hopeless(message.id, "unbuildable")
    return await _begin_part(session, way, message, requests, now)


def _busy_until(message: Message) -> datetime | None:
    """Until when another process may be sending a part of it."""
    sending = (part for part in message.parts if part.status is DeliveryStatus.SENDING)
    return max((part.attempted_at + TRY_LASTS for part in sending if part.attempted_at), default=None)


async def _begin_part(
    session: AsyncSession,
    way: ways.Way,
    message: Message,
    requests: Sequence[ProviderRequest],
    now: datetime,
) -> Attempt | Later | Hopeless | None:
    parts = await _parts(session, message, len(requests))
    part = next((part for part in parts if part.status in TO_SEND), None)
    if part is None:
        receipts.settle(message, parts)
        return None
    if part.status is DeliveryStatus.SENDING and part.doubts >= MOST_DOUBTS:
        return Hopeless(message.id, UNKNOWN)
    provider = way.provider
    if provider is None:
        return Hopeless(message.id, "channel_unknown")
    line = pacing.Line(way.account.id, message.conversation_id, provider.rates)
    place = await pacing.place(session, line, message, now)
    if place.at > now + SLACK:
        message.due_at, message.pace_epoch = place.at, place.epoch
        return Later(place.at)
    if part.status is DeliveryStatus.SENDING:
        _doubt(message, part)
    part.attempt_id = uuid4()
    _stamp(message, part, way.account, now)
    return Attempt(part.attempt_id, message.id, line, provider, requests[part.part])


def _stamp(message: Message, part: MessagePart, account: ChannelAccount, now: datetime) -> None:
    message.status = part.status = DeliveryStatus.SENDING
    message.pace_epoch = None
    part.channel_account_id = account.id
    part.attempts += 1
    part.attempted_at = now


def build(
    message: Message, provider: Provider, address: str, account: SenderAccount
) -> Sequence[ProviderRequest]:
    """The requests that say a message, one a part; none when they can't be made."""
    try:
        outbound = OutboundMessage.from_json(message.body)
        return provider.build(outbound, str(message.id), address, account)
    except Exception:
        # A message that no request can be made of must not hold up those behind it.
        log.exception("message_unbuildable", message_id=str(message.id))
        return ()


async def _parts(session: AsyncSession, message: Message, count: int) -> list[MessagePart]:
    """The message's first ``count`` parts, made where it has fewer. The caller holds the message."""
    made = [
        await PART.insert(
            session,
            tenant_id=message.tenant_id,
            id=uuid4(),
            message_id=message.id,
            channel_account_id=message.channel_account_id,
            part=part,
            status=DeliveryStatus.QUEUED,
            attempts=0,
            doubts=0,
        )
        for part in range(len(message.parts), count)
    ]
    return [*message.parts[:count], *made]


async def _accept(
    session: AsyncSession, message: Message, part: MessagePart, result: SendResult, now: datetime
) -> None:
    part.status = DeliveryStatus.SENT
    part.failure_code = part.failure_text = None
    provider_message_id = result.provider_message_id
    if provider_message_id and not await _is_taken(session, part, provider_message_id):
        part.provider_message_id = provider_message_id
        await receipts.catch_up(session, part)
    if all(one.status not in TO_SEND for one in message.parts):
        message.sent_at = now
    receipts.settle(message, message.parts)


async def _is_taken(session: AsyncSession, part: MessagePart, provider_message_id: str) -> bool:
    """Whether the provider gave the id before: to a repeat of what it had, or by mistake."""
    holder = await HOLDER.first(
        session, tenant=part.tenant_id, account=part.channel_account_id, id=provider_message_id
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


def _put_off(message: Message, part: MessagePart, result: SendResult, now: datetime, jitter: float) -> bool:
    """Has the part tried again later; False when that was its last try."""
    if part.attempts >= (result.most_tries or MOST_TRIES):
        return False
    message.status = part.status = DeliveryStatus.QUEUED
    held_for = HELD_FOR if result.outcome is SendOutcome.REFUSED else None
    message.due_at = now + timedelta(seconds=pause(part.attempts, held_for or result.retry_after, jitter))
    part.failure_code = cleaning.text(result.error_code, 64)
    part.failure_text = cleaning.text(result.error_text, 1024)
    return True


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
