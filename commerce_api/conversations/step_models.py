"""What became of a conversation that no other row tells."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned


class StepKind(StrEnum):
    """What happened. ``user_joined`` and ``user_left``: a seller opened the thread, or went.

    ``not_understood``: the assistant asked again, offered a person or asked for one, since it did not know
    what a message meant; its facts are the ``message_id``, what it took it for at best (``guess``) and how
    surely (``confidence``, 0 to 1).
    """

    HANDED_OFF = "handed_off"
    TAKEN_OVER = "taken_over"
    HANDED_BACK = "handed_back"
    CLOSED = "conversation_closed"
    USER_JOINED = "user_joined"
    USER_LEFT = "user_left"
    PRODUCT_CLICKED = "product_clicked"
    LINE_ADDED = "cart_line_added"
    LINE_CHANGED = "cart_line_changed"
    LINE_REMOVED = "cart_line_removed"
    CART_CLEARED = "cart_cleared"
    NOT_UNDERSTOOD = "not_understood"


class ConversationStep(TenantOwned, Base):
    """One step of one conversation. ``user_id`` is the person who took it, None for shopper and assistant."""

    __tablename__ = "conversation_steps"
    __table_args__ = (refers("conversation_id", "conversations"),)

    conversation_id: Mapped[UUID]
    kind: Mapped[StepKind] = mapped_column(named(StepKind))
    user_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
