"""Turns: which process answers which message. Strictly in order within a conversation, one at a time.

Whoever changes a conversation's turns holds the conversation's row; the unique index on claimed turns is the
database's own word for the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind
from commerce_api.conversations import choices, handing, holding, ordering, queries, share_refs, talks
from commerce_api.conversations.models import Conversation, HandledBy, Turn, TurnState
from commerce_api.conversations.schemas import ChoiceRead, ClaimWrite, NextTurnRead, TurnRead
from commerce_api.core import tenancy
from commerce_api.core.rows import settle
from commerce_api.core.statements import Statement

log = structlog.get_logger(__name__)

EDIT = InboundKind.EDIT.value
LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
LATE = timedelta(hours=1)
MOST_LOOKED_AT = 20
# Longer than the bot side waits for an answer: by then, who doesn't have the turn never will.
UNHEARD = timedelta(seconds=6)

# One that was begun goes before an older one that came since: two can't be under way.
NEXT_OPEN = Statement(
    "select {turn} from turns turn where tenant_id = %(tenant)s"
    " and conversation_id = %(conversation)s and state in ('pending', 'claimed')"
    " order by state <> 'claimed', said_at, position limit 1",
    turn=ordering.TURN.columns,
)
CLAIMED = Statement(
    "select {turn} from turns turn where tenant_id = %(tenant)s"
    " and conversation_id = %(conversation)s and state = 'claimed' and lease_until > %(now)s",
    turn=ordering.TURN.columns,
)
HELD_BY = text("select tenant_id, conversation_id from lookup.turns_held_by(:worker, :until, :in_hand)")
DESCRIBED = Statement(
    "select kind, text, body, sent_at, created_at from messages"
    " where tenant_id = %(tenant)s and id = %(message)s"
)
CLAIMABLE = text("select tenant_id, conversation_id from lookup.claimable_conversations(:most)")


@dataclass(frozen=True)
class Claimant:
    """Who claims: a process, and the one call it does it with, which it may have to make again."""

    worker: str
    call: UUID | None = None


async def answer(session: AsyncSession, asked: ClaimWrite, now: datetime) -> NextTurnRead:
    """What a worker that asks for a turn gets. Raises NotFound for an unknown conversation."""
    claimant = Claimant(asked.worker, asked.call)
    if asked.conversation_id is not None:
        return await claim_in(session, asked.conversation_id, claimant, now)
    return NextTurnRead(turn=await claim(session, claimant, now, in_hand=asked.in_hand))


async def claim(
    session: AsyncSession, claimant: Claimant, now: datetime, *, in_hand: Sequence[UUID] | None = None
) -> TurnRead | None:
    """A turn of any tenant, leased to the claimant for a minute; None when none may be claimed.

    Sellers take turns: who has the fewest under way comes first. Of ``in_hand``, when given, a turn that the
    claimant's process was given a while ago and doesn't have is given to it again: the answer was lost.
    """
    if in_hand is not None:
        lost = {"worker": claimant.worker, "until": now + LEASE - UNHEARD, "in_hand": list(in_hand)}
        for row in (await session.execute(HELD_BY, lost)).all():
            await tenancy.enter(session, row.tenant_id)
            if conversation := await _lock_if_free(session, row.conversation_id):
                return await held_by(session, conversation, claimant, now)
    for row in (await session.execute(CLAIMABLE, {"most": MOST_LOOKED_AT})).all():
        await tenancy.enter(session, row.tenant_id)
        try:
            async with session.begin_nested():
                turn = await _claim_if_free(session, row.conversation_id, claimant, now)
        except IntegrityError:
            # One conversation gone wrong must not keep every other shopper waiting.
            log.exception("conversation_unclaimable", conversation_id=str(row.conversation_id))
            continue
        if turn is not None:
            return turn
    return None


async def _claim_if_free(
    session: AsyncSession, conversation_id: UUID, claimant: Claimant, now: datetime
) -> TurnRead | None:
    conversation = await _lock_if_free(session, conversation_id)
    turn = await claim_next(session, conversation, claimant, now) if conversation else None
    await settle(session)
    return turn


async def claim_in(
    session: AsyncSession, conversation_id: UUID, claimant: Claimant, now: datetime
) -> NextTurnRead:
    """The next turn of one conversation, leased; or how long it is held back. Raises NotFound."""
    await queries.enter_tenant_of(session, conversation_id)
    conversation = await queries.lock(session, conversation_id)
    again = await given_before(session, conversation, claimant, now)
    return NextTurnRead(turn=again) if again else await next_turn(session, conversation, claimant, now)


async def next_turn(
    session: AsyncSession, conversation: Conversation, claimant: Claimant, now: datetime
) -> NextTurnRead:
    """``claim_next``, and when that gives none: how long the next turn is held back, if one is."""
    turn = await claim_next(session, conversation, claimant, now)
    if turn is not None or conversation.turn_due_at is None:
        return NextTurnRead(turn=turn)
    wait = conversation.turn_due_at - now
    if wait > ordering.BACKLOG_HOLD_BACK:
        return NextTurnRead(turn=None)
    wait_ms = ceil(wait / timedelta(milliseconds=1))
    return NextTurnRead(turn=None, conversation_id=conversation.id, wait_ms=wait_ms)


async def claim_next(
    session: AsyncSession, conversation: Conversation, claimant: Claimant, now: datetime
) -> TurnRead | None:
    """The conversation's next turn, leased; None when there is none, it is held back, or leased already.

    A turn that died three times is given up on the way: the shopper is told, and a person asked for. The
    caller holds the conversation.
    """
    while conversation.turn_due_at is not None and conversation.turn_due_at <= now:
        turn = await _next_open(session, conversation)
        if turn is None or (turn.state is TurnState.CLAIMED and (turn.lease_until or now) > now):
            await ordering.reschedule(session, conversation)
        elif conversation.handled_by is HandledBy.SELLER and not await _is_event(session, turn):
            await end(session, conversation, turn, TurnState.SKIPPED, now)
        elif turn.attempts >= MOST_ATTEMPTS:
            await give_up(session, conversation, turn, "attempts_used_up", now)
        else:
            return await _lease(session, conversation, turn, claimant, now)
    return None


async def given_before(
    session: AsyncSession, conversation: Conversation, claimant: Claimant, now: datetime
) -> TurnRead | None:
    """The turn this very call was given before: its answer was lost. The caller holds the conversation."""
    # While a turn is leased, the next is due when the lease ends.
    is_leased = conversation.turn_due_at is not None and conversation.turn_due_at > now
    turn = await _claimed(session, conversation, now) if claimant.call and is_leased else None
    is_same = turn is not None and (turn.worker, turn.claim_id) == (claimant.worker, claimant.call)
    return await describe(session, conversation, turn, now) if turn and is_same else None


async def held_by(
    session: AsyncSession, conversation: Conversation, claimant: Claimant, now: datetime
) -> TurnRead | None:
    """The turn that the claimant's process holds here, whichever call it got it by, leased anew."""
    turn = await _claimed(session, conversation, now)
    if turn is None or turn.worker != claimant.worker:
        return None
    turn.lease_until = conversation.turn_due_at = now + LEASE
    return await describe(session, conversation, turn, now)


async def _lease(
    session: AsyncSession, conversation: Conversation, turn: Turn, claimant: Claimant, now: datetime
) -> TurnRead:
    turn.state, turn.worker, turn.claim_id = TurnState.CLAIMED, claimant.worker, claimant.call
    turn.lease_until = conversation.turn_due_at = now + LEASE
    turn.attempts += 1
    return await describe(session, conversation, turn, now)


async def give_up(
    session: AsyncSession,
    conversation: Conversation,
    turn: Turn,
    failure: str,
    now: datetime,
    *,
    said_before: int = 0,
) -> None:
    """Ends a turn that died, after ``said_before`` replies: the shopper is told, and a person asked for.

    Of an event the shopper knows nothing, so nothing is said; the person is asked for all the same.
    """
    turn.failure = failure
    await end(session, conversation, turn, TurnState.FAILED, now)
    if not await _is_event(session, turn):
        await holding.say(session, conversation, turn.message_id, now, ordinal=said_before)
    await handing.hand_off(session, conversation, f"turn_failed: {failure}", now)


async def end(
    session: AsyncSession, conversation: Conversation, turn: Turn, state: TurnState, now: datetime
) -> None:
    """Ends a turn, and notes when the conversation's next may be claimed."""
    turn.state, turn.ended_at, turn.lease_until = state, now, None
    await ordering.reschedule(session, conversation, turn)


async def describe(session: AsyncSession, conversation: Conversation, turn: Turn, now: datetime) -> TurnRead:
    """The turn as the bot side reads it."""
    await settle(session)
    tenant_id = conversation.tenant_id
    message = await DESCRIBED.first(session, tenant=tenant_id, message=turn.message_id)
    body = message.body
    choice = body.get("choice")
    # A tap on something never offered here is only the words on the button, and an edited message its words.
    is_words = (message.kind == InboundKind.CHOICE.value and choice is None) or message.kind == EDIT
    offers = await choices.offered(session, tenant_id, conversation.id)
    referral = body.get("referral") or {}
    return TurnRead(
        id=turn.id,
        conversation_id=conversation.id,
        message_id=turn.message_id,
        channel=conversation.channel,
        kind=InboundKind.TEXT.value if is_words else message.kind,
        text=message.text,
        choice=ChoiceRead(**choice) if choice else None,
        offered=[ChoiceRead(**offer) for offer in offers],
        location=body.get("location"),
        items=body.get("items") or [],
        emoji=body.get("emoji"),
        quoted_sku=body.get("quoted_sku") or referral.get("sku") or share_refs.sku_of(referral.get("ref")),
        referral=referral or None,
        fields=body.get("fields") or {},
        late=now - (message.sent_at or message.created_at) > LATE,
        edited=message.kind == EDIT,
    )


async def _next_open(session: AsyncSession, conversation: Conversation) -> Turn | None:
    await settle(session)
    row = await NEXT_OPEN.first(session, tenant=conversation.tenant_id, conversation=conversation.id)
    return ordering.TURN.read(session, row, anew=True) if row else None


async def _claimed(session: AsyncSession, conversation: Conversation, now: datetime) -> Turn | None:
    await settle(session)
    facts = {"tenant": conversation.tenant_id, "conversation": conversation.id, "now": now}
    row = await CLAIMED.first(session, **facts)
    return ordering.TURN.read(session, row, anew=True) if row else None


async def _is_event(session: AsyncSession, turn: Turn) -> bool:
    row = await DESCRIBED.first(session, tenant=turn.tenant_id, message=turn.message_id)
    return row is not None and row.kind == InboundKind.EVENT.value


async def _lock_if_free(session: AsyncSession, conversation_id: UUID) -> Conversation | None:
    return await talks.find(session, talks.HELD_IF_FREE, conversation=conversation_id)
