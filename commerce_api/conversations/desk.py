"""What a seller does with a conversation beside answering it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage
from commerce_api.conversations import cleaning, handing, queries, saying, steps
from commerce_api.conversations.desk_models import CannedReply, ConversationNote, ScheduledMessage
from commerce_api.conversations.errors import CannedReplyTaken, DueInThePast
from commerce_api.conversations.models import Conversation, HandledBy
from commerce_api.conversations.step_models import StepKind
from commerce_api.core import jobs
from commerce_api.core.errors import AppError, NotFound

SAY_LATER = "say_later"
MOST_LABELS = 10
LONGEST_LABEL = 40
SENT, CANCELLED = "sent", "cancelled"


async def assign(session: AsyncSession, conversation_id: UUID, user_id: UUID | None) -> Conversation:
    """Says whose it is, or nobody's; who answers doesn't change. Raises NotFound.

    The caller has checked that the user is a member.
    """
    conversation = await queries.lock(session, conversation_id)
    conversation.assignee_id = user_id
    return conversation


async def label(session: AsyncSession, conversation_id: UUID, labels: Sequence[str]) -> Conversation:
    """Makes these the conversation's labels: trimmed, each once, ten at most. Raises NotFound."""
    conversation = await queries.lock(session, conversation_id)
    tidy = (" ".join(one.split())[:LONGEST_LABEL] for one in labels)
    conversation.labels = sorted(dict.fromkeys(one for one in tidy if one))[:MOST_LABELS]
    return conversation


async def snooze(session: AsyncSession, conversation_id: UUID, until: datetime | None) -> Conversation:
    """Puts it away till a time, or till the shopper writes; None wakes it. Raises NotFound."""
    conversation = await queries.lock(session, conversation_id)
    conversation.snoozed_until = until
    conversation.unread = 0 if until else conversation.unread
    return conversation


async def resolve(
    session: AsyncSession, conversation_id: UUID, now: datetime, *, user_id: UUID
) -> Conversation:
    """It is done with: the assistant answers again, and it is out of the way till the shopper writes."""
    conversation = await queries.lock(session, conversation_id)
    handing.hand_back(session, conversation, now, user_id=user_id)
    steps.note(session, conversation, StepKind.CLOSED, now, user_id=user_id)
    conversation.resolved_at, conversation.unread, conversation.snoozed_until = now, 0, None
    return conversation


async def reopen(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """It is not done with after all. Raises NotFound."""
    conversation = await queries.lock(session, conversation_id)
    conversation.resolved_at = conversation.snoozed_until = None
    return conversation


async def see(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """A member has read it: nothing is unread. What the shopper's words woke stays awake. Raises NotFound."""
    conversation = await queries.conversation(session, conversation_id)
    if conversation.unread == 0 or conversation.handled_by is HandledBy.WAITING:
        return conversation
    conversation = await queries.lock(session, conversation_id)
    conversation.unread = 0
    conversation.resolved_at = conversation.snoozed_until = None
    return conversation


async def note(
    session: AsyncSession, conversation_id: UUID, *, text: str, user_id: UUID, now: datetime
) -> ConversationNote:
    """Writes something down for the other members. Raises NotFound."""
    await queries.conversation(session, conversation_id)
    written = ConversationNote(
        id=uuid4(),
        conversation_id=conversation_id,
        user_id=user_id,
        text=cleaning.text(text) or "",
        created_at=now,
    )
    session.add(written)
    await session.flush()
    return written


async def notes(session: AsyncSession, conversation_id: UUID) -> Sequence[ConversationNote]:
    """A conversation's notes, the oldest first. Raises NotFound."""
    await queries.conversation(session, conversation_id)
    found = select(ConversationNote).where(ConversationNote.conversation_id == conversation_id)
    return (await session.scalars(found.order_by(ConversationNote.created_at))).all()


async def canned_replies(session: AsyncSession) -> Sequence[CannedReply]:
    """Every canned reply, by name."""
    return (await session.scalars(select(CannedReply).order_by(CannedReply.name))).all()


async def can(session: AsyncSession, *, name: str, text: str, now: datetime) -> CannedReply:
    """Keeps a reply to use again. Raises CannedReplyTaken."""
    await _check_name(session, name)
    kept = CannedReply(id=uuid4(), name=name, text=text, created_at=now)
    session.add(kept)
    await session.flush()
    return kept


async def change_canned(session: AsyncSession, canned_id: UUID, *, name: str, text: str) -> CannedReply:
    """Gives a canned reply another name or other words. Raises NotFound and CannedReplyTaken."""
    kept = await session.scalar(select(CannedReply).where(CannedReply.id == canned_id).with_for_update())
    if kept is None:
        raise NotFound
    if name != kept.name:
        await _check_name(session, name)
    kept.name, kept.text = name, text
    await session.flush()
    return kept


async def _check_name(session: AsyncSession, name: str) -> None:
    if await session.scalar(select(CannedReply.id).where(CannedReply.name == name)):
        raise CannedReplyTaken(f"There is a canned reply called {name}.")


async def forget_canned(session: AsyncSession, canned_id: UUID) -> None:
    """Forgets a canned reply. Raises NotFound."""
    found = await session.scalar(select(CannedReply).where(CannedReply.id == canned_id))
    if found is None:
        raise NotFound
    await session.delete(found)


async def schedule(
    session: AsyncSession, conversation_id: UUID, *, text: str, due_at: datetime, user_id: UUID, now: datetime
) -> ScheduledMessage:
    """Has a message said at a time. Raises NotFound and DueInThePast."""
    conversation = await queries.conversation(session, conversation_id)
    if due_at <= now:
        raise DueInThePast("Choose a time that is still to come.")
    later = ScheduledMessage(
        id=uuid4(),
        conversation_id=conversation_id,
        user_id=user_id,
        text=cleaning.text(text) or "",
        due_at=due_at,
        created_at=now,
    )
    session.add(later)
    await session.flush()
    tenant = str(conversation.tenant_id)
    key = f"{SAY_LATER}:{later.id}"
    await jobs.ask(session, SAY_LATER, key=key, at=due_at, tenant_id=tenant, scheduled_id=str(later.id))
    return later


async def scheduled(session: AsyncSession, conversation_id: UUID) -> Sequence[ScheduledMessage]:
    """What is still to be said in a conversation, or couldn't be; the next first. Raises NotFound."""
    await queries.conversation(session, conversation_id)
    found = select(ScheduledMessage).where(
        ScheduledMessage.conversation_id == conversation_id,
        ScheduledMessage.outcome.is_(None) | ScheduledMessage.outcome.not_in((SENT, CANCELLED)),
    )
    return (await session.scalars(found.order_by(ScheduledMessage.due_at))).all()


async def call_off(session: AsyncSession, scheduled_id: UUID, now: datetime) -> ScheduledMessage:
    """Says a scheduled message is not to be said; one that was settled stays as it is. Raises NotFound."""
    later = await _hold_scheduled(session, scheduled_id)
    if later is None:
        raise NotFound
    if later.settled_at is None:
        later.settled_at, later.outcome = now, CANCELLED
    return later


async def say_due(session: AsyncSession, scheduled_id: UUID, now: datetime) -> None:
    """Says a scheduled message that is due, once; who answers the conversation doesn't change.

    What stands against it (a shut reply window, a STOP) is kept as its outcome, for the seller to see.
    """
    later = await _hold_scheduled(session, scheduled_id)
    if later is None or later.settled_at is not None:
        return
    later.settled_at, later.outcome = now, SENT
    message = OutboundMessage(later.text)
    try:
        await saying.say(
            session, later.conversation_id, message, seller_id=later.user_id, now=now, takes_over=False
        )
    except AppError as error:
        later.outcome = error.code


async def _hold_scheduled(session: AsyncSession, scheduled_id: UUID) -> ScheduledMessage | None:
    held = select(ScheduledMessage).where(ScheduledMessage.id == scheduled_id).with_for_update()
    return await session.scalar(held)
