"""Messages that belong to the turn of another: an album's pictures, and a tap that was made twice.

The rule for what is told twice: the same tap (one choice of one message) within a few seconds counts once,
since nobody means to. The same words typed twice count twice: the cart's summary shows it, and who means two
says it so.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind
from commerce_api.conversations.models import Direction, Message, Turn, TurnState
from commerce_api.conversations.storing import Written

ALBUM = (InboundKind.IMAGE, InboundKind.VIDEO, InboundKind.DOCUMENT)
# By the provider's time. Pictures chosen together are uploaded one after the other.
ALBUM_SPAN = timedelta(seconds=5)
TAP_SPAN = timedelta(seconds=3)


async def join(session: AsyncSession, written: Written) -> bool:
    """Whether the message is answered by another's turn, and is noted as such.

    Pictures that came together are one turn; its words are those written under one of them.
    """
    message = written.message
    if message.kind is InboundKind.CHOICE and message.choice_id is not None:
        same = Message.body["choice_id"].astext == message.choice_id
        return await _join(session, written, await _turn_near(session, written, TAP_SPAN, same))
    if message.kind not in ALBUM:
        return False
    kinds = Message.kind.in_([kind.value for kind in ALBUM])
    if message.media is None or not message.media.caption:
        return await _join(session, written, await _turn_near(session, written, ALBUM_SPAN, kinds))
    wordless = await _turn_near(session, written, ALBUM_SPAN, kinds & Message.text.is_(None))
    return await _lead(session, written, wordless)


async def _turn_near(
    session: AsyncSession, written: Written, span: timedelta, like: ColumnElement[bool]
) -> Turn | None:
    """The turn that answers a message like that, said about when this one was."""
    await session.flush()
    said = written.message.sent_at
    return await session.scalar(
        select(Turn)
        .join(Message, (Message.id == Turn.message_id) | (Message.joined_turn_id == Turn.id))
        .where(
            Turn.conversation_id == written.conversation.id,
            Message.conversation_id == written.conversation.id,
            Message.direction == Direction.INBOUND,
            Message.sent_at.between(said - span, said + span),
            Message.id != written.id,
            like,
        )
        .order_by(func.abs(func.extract("epoch", Message.sent_at - said)), Message.position)
        .limit(1)
    )


async def _join(session: AsyncSession, written: Written, turn: Turn | None) -> bool:
    if turn is None:
        return False
    await _note(session, written.id, turn.id)
    return True


async def _lead(session: AsyncSession, written: Written, turn: Turn | None) -> bool:
    """Makes a picture with words the one that an album's waiting turn is about."""
    if turn is None or turn.state is not TurnState.PENDING:
        return False
    await _note(session, turn.message_id, turn.id)
    turn.message_id = written.id
    await session.flush()
    return True


async def _note(session: AsyncSession, message_id: UUID, turn_id: UUID) -> None:
    await session.execute(update(Message).where(Message.id == message_id).values(joined_turn_id=turn_id))
