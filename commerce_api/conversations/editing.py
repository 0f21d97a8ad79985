"""What shoppers change of what they said, and take back; also what sellers do with the provider's own app.

A change that comes before the message it is about is kept in its place: when the message comes after all, it
is known already, and has no effect.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind
from commerce_api.conversations import claiming, cleaning, ordering, storing
from commerce_api.conversations.models import Author, Message, MessagePart, Turn, TurnState
from commerce_api.conversations.storing import Written


async def edit(session: AsyncSession, written: Written, now: datetime) -> bool:
    """Gives a message new words; whether those need an answer of their own.

    They don't when the assistant had not come to the message yet: it reads the new words. The caller holds
    the conversation.
    """
    original = await _original(session, written)
    words = cleaning.text(written.message.text)
    if original is None:
        await _keep_place(session, written, now, text=words, edited_at=now)
        return True
    original.text, original.edited_at = words, now
    original.body = {**original.body, "text": words}
    turn = await _turn_of(session, original)
    return turn is None or turn.state is not TurnState.PENDING


async def delete(session: AsyncSession, written: Written, now: datetime) -> None:
    """Marks a message as taken back; it is not answered any more, unless that has begun.

    The caller holds the conversation.
    """
    original = await _original(session, written)
    if original is None:
        await _keep_place(session, written, now, deleted_at=now)
        return
    original.deleted_at = now
    turn = await _turn_of(session, original)
    if turn is None or turn.state is not TurnState.PENDING or turn.message_id != original.id:
        return
    heir = await session.scalar(
        select(Message)
        .where(Message.joined_turn_id == turn.id, Message.deleted_at.is_(None))
        .order_by(Message.position)
        .limit(1)
    )
    if heir is None:
        await claiming.end(session, written.conversation, turn, TurnState.SKIPPED, now)
    else:
        turn.message_id, heir.joined_turn_id = heir.id, None


async def _original(session: AsyncSession, written: Written) -> Message | None:
    """The message it is about: by the provider's id for it, or for a part of it."""
    quoted = written.message.quoted_message_id
    part = select(MessagePart.message_id).where(
        MessagePart.channel_account_id == written.conversation.channel_account_id,
        MessagePart.provider_message_id == quoted,
    )
    return await session.scalar(
        select(Message).where(
            Message.conversation_id == written.conversation.id,
            (Message.provider_message_id == quoted) | Message.id.in_(part),
        )
    )


async def _turn_of(session: AsyncSession, message: Message) -> Turn | None:
    await session.flush()
    return await session.scalar(
        select(Turn).where((Turn.message_id == message.id) | (Turn.id == message.joined_turn_id))
    )


async def _keep_place(
    session: AsyncSession, written: Written, now: datetime, **columns: str | datetime | None
) -> None:
    quoted = written.message.quoted_message_id
    if not quoted or written.message.is_echo:
        return
    await storing.store(
        session,
        written.conversation,
        kind=InboundKind.TEXT.value,
        author=Author.SHOPPER,
        body={},
        provider_message_id=cleaning.text(quoted, 512),
        sent_at=written.message.sent_at,
        said_at=ordering.said_at(written.message.sent_at, now),
        created_at=now,
        **columns,
    )
