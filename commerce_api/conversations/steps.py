"""The steps of a conversation that no other row tells: who came and went, what the cart went through.

Messages, orders and payments tell theirs themselves; ``analytics`` reads them all as conversation events.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations.models import Conversation
from commerce_api.conversations.step_models import ConversationStep, StepKind


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
