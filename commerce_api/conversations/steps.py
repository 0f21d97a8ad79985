"""The steps of a conversation that no other row tells: who came and went, what the cart went through.

Messages, orders and payments tell theirs themselves; ``analytics`` reads them all as conversation events.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations.models import Conversation, Direction, Message
from commerce_api.conversations.step_models import ConversationStep, StepKind
from commerce_api.core.errors import NotFound

INBOUND = Direction.INBOUND


def note(
    session: AsyncSession,
    conversation: Conversation,
    kind: StepKind,
    now: datetime,
    *,
    user_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Writes a step down with the transaction that takes it. ``facts``: JSON, no words of the shopper."""
    session.add(
        ConversationStep(conversation_id=conversation.id, kind=kind, user_id=user_id, facts=facts, at=now)
    )


async def not_understood(
    session: AsyncSession,
    conversation: Conversation,
    message_id: UUID,
    now: datetime,
    *,
    guess: str,
    confidence: float,
) -> ConversationStep:
    """Writes down that a message of the conversation was not understood. Raises NotFound for another."""
    known = select(Message.id).where(
        Message.id == message_id, Message.conversation_id == conversation.id, Message.direction == INBOUND
    )
    if await session.scalar(known) is None:
        raise NotFound
    facts = {"message_id": str(message_id), "guess": guess, "confidence": round(confidence, 2)}
    step = ConversationStep(
        conversation_id=conversation.id, kind=StepKind.NOT_UNDERSTOOD, user_id=None, facts=facts, at=now
    )
    session.add(step)
    await session.flush()
    return step
