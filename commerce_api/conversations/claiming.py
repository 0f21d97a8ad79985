"""Turns: which process answers which message. Strictly in order within a conversation, one at a time.

Whoever changes a conversation's turns holds the conversation's row; the unique index on claimed turns is the
database's own word for the same.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from channels.messages import InboundKind, OutboundMessage
from commerce_api.conversations import choices, handing, holding, outbox
from commerce_api.conversations.models import Author, Conversation, HandledBy, Message, Turn, TurnState
from commerce_api.conversations.schemas import ChoiceRead, TurnRead
from commerce_api.core import tenancy

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
LATE = timedelta(hours=1)
OPEN = (TurnState.PENDING, TurnState.CLAIMED)


async def claim(session: AsyncSession, worker: str, now: datetime) -> TurnRead | None:
    """The turn of any tenant that waits longest, leased to ``worker`` for a minute; None when none is."""
    rows = await session.execute(
        text("select tenant_id, conversation_id from lookup.claimable_turn(:now)"), {"now": now}
    )
    for row in rows.all():
        await tenancy.enter(session, row.tenant_id)
        conversation = await _lock_if_free(session, row.conversation_id)
        turn = await claim_next(session, conversation, worker, now) if conversation else None
        await session.flush()
        if turn is not None:
            return turn
    return None


async def claim_next(
    session: AsyncSession, conversation: Conversation, worker: str, now: datetime
) -> TurnRead | None:
    """The conversation's next turn, leased to ``worker``; None when there is none, or it is leased already.

    A turn that died three times is given up on the way: the shopper is told, and a person asked for. The
    caller holds the conversation.
    """
    while turn := await _next_open(session, conversation):
        if turn.state is TurnState.CLAIMED and (turn.lease_until or now) >= now:
            return None
        if conversation.handled_by is HandledBy.SELLER and not await _is_event(session, turn):
            end(turn, TurnState.SKIPPED, now)
        elif turn.attempts >= MOST_ATTEMPTS:
            await give_up(session, conversation, turn, "attempts_used_up", now)
        else:
            turn.state, turn.worker, turn.lease_until = TurnState.CLAIMED, worker, now + LEASE
            turn.attempts += 1
            return await describe(session, conversation, turn, now)
    return None


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
    end(turn, TurnState.FAILED, now)
    turn.failure = failure
    if not await _is_event(session, turn):
        shop, contact = conversation.tenant, conversation.contact
        await outbox.enqueue(
            session,
            conversation,
            [OutboundMessage(holding.words(shop.name, contact.language, *shop.languages))],
            author=Author.SYSTEM,
            now=now,
            reply_to_id=turn.message_id,
            first_ordinal=said_before,
        )
    await handing.hand_off(session, conversation, f"turn_failed: {failure}", now)


def end(turn: Turn, state: TurnState, now: datetime) -> None:
    """Ends a turn."""
    turn.state, turn.ended_at, turn.lease_until = state, now, None


async def describe(session: AsyncSession, conversation: Conversation, turn: Turn, now: datetime) -> TurnRead:
    """The turn as the bot side reads it."""
    message = (await session.scalars(select(Message).where(Message.id == turn.message_id))).one()
    body = message.body
    choice = body.get("choice")
    # A tap on something never offered here is only the words on the button.
    is_plain = message.kind == InboundKind.CHOICE.value and choice is None
    offers = await choices.offered(session, conversation.id)
    return TurnRead(
        id=turn.id,
        conversation_id=conversation.id,
        message_id=message.id,
        channel=conversation.channel,
        kind=InboundKind.TEXT.value if is_plain else message.kind,
        text=message.text,
        choice=ChoiceRead(**choice) if choice else None,
        offered=[ChoiceRead(**offer) for offer in offers],
        location=body.get("location"),
        items=body.get("items") or [],
        emoji=body.get("emoji"),
        quoted_sku=body.get("quoted_sku"),
        late=now - (message.sent_at or message.created_at) > LATE,
    )


async def _next_open(session: AsyncSession, conversation: Conversation) -> Turn | None:
    await session.flush()
    return await session.scalar(
        select(Turn)
        .where(Turn.conversation_id == conversation.id, Turn.state.in_(OPEN))
        .order_by(Turn.position)
        .limit(1)
        .execution_options(populate_existing=True)
    )


async def _is_event(session: AsyncSession, turn: Turn) -> bool:
    kind = await session.scalar(select(Message.kind).where(Message.id == turn.message_id))
    return kind == InboundKind.EVENT.value


async def _lock_if_free(session: AsyncSession, conversation_id: UUID) -> Conversation | None:
    return await session.scalar(
        select(Conversation)
        .options(joinedload(Conversation.tenant))
        .where(Conversation.id == conversation_id)
        .with_for_update(of=Conversation, skip_locked=True)
        .execution_options(populate_existing=True)
    )
