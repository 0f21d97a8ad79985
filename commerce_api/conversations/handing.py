"""Who answers a conversation: the assistant, nobody yet (a person is asked for), or a seller.

While nobody has come yet the assistant helps on: a shopper who waits for a person can still look, buy and
pay. Turns of what the shopper wrote end when a person comes in; turns of events (a payment, an order on its
way) go on, since the shopper expects that news whoever they talk to.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind
from commerce_api.conversations import ordering, queries, steps
from commerce_api.conversations.answering import sharing_out
from commerce_api.conversations.models import Conversation, HandledBy, Message, Turn, TurnState
from commerce_api.conversations.step_models import StepKind

LONGEST_REASON = 500
LONGEST_SUMMARY = 1500


async def hand_off(
    session: AsyncSession,
    conversation: Conversation,
    reason: str,
    now: datetime,
    *,
    summary: str | None = None,
) -> None:
    """Asks for a person: ``waiting`` until a seller takes over. One that has a seller already keeps them.

    ``summary`` tells that person in a paragraph what it is about; a later one replaces it.
    """
    await queries.lock(session, conversation.id)
    if conversation.handled_by is HandledBy.SELLER:
        return
    if conversation.handled_by is HandledBy.BOT:
        conversation.handled_by = HandledBy.WAITING
        conversation.handoff_at = now
        conversation.handoff_reason = reason[:LONGEST_REASON]
        await sharing_out.give(session, conversation, now)
    if summary:
        conversation.handoff_summary = summary[:LONGEST_SUMMARY]
        steps.note(session, conversation, StepKind.HANDED_OFF, now, reason=conversation.handoff_reason)


async def take_over(
    session: AsyncSession, conversation: Conversation, seller_id: UUID | None, now: datetime
) -> None:
    """A seller answers from here on; what the assistant is working out just now is not sent.

    ``seller_id`` is None when they write with the provider's own app, which doesn't say who it is.
    """
    if conversation.handled_by is not HandledBy.SELLER or conversation.seller_id != seller_id:
        steps.note(session, conversation, StepKind.TAKEN_OVER, now, user_id=seller_id)
    conversation.handled_by = HandledBy.SELLER
    conversation.seller_id = seller_id
    conversation.assignee_id = seller_id or conversation.assignee_id
    conversation.resolved_at = conversation.snoozed_until = None
    conversation.unread = 0
    await _skip_pending(session, conversation, now)


def hand_back(
    session: AsyncSession, conversation: Conversation, now: datetime, *, user_id: UUID | None = None
) -> None:
    """The assistant answers what the shopper writes from here on; ``user_id`` is who says so."""
    if conversation.handled_by is not HandledBy.BOT:
        steps.note(session, conversation, StepKind.HANDED_BACK, now, user_id=user_id)
    conversation.handled_by = HandledBy.BOT
    conversation.seller_id = None
    conversation.handoff_at = None
    conversation.handoff_reason = None
    conversation.handoff_summary = None


async def _skip_pending(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    events = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.kind == InboundKind.EVENT.value
    )
    await session.execute(
        update(Turn)
        .where(
            Turn.conversation_id == conversation.id,
            Turn.state == TurnState.PENDING,
            Turn.message_id.not_in(events),
        )
        .values(state=TurnState.SKIPPED, ended_at=now)
    )
    await ordering.reschedule(session, conversation)
