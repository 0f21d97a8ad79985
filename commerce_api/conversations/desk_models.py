"""What sellers keep beside the messages: notes, replies to use again, messages for later."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped

from commerce_api.core.columns import refers
from commerce_api.core.database import Base, TenantOwned


class ConversationNote(TenantOwned, Base):
    """What a member wrote for the others; the shopper never sees it."""

    __tablename__ = "conversation_notes"
    __table_args__ = (refers("conversation_id", "conversations"),)

    conversation_id: Mapped[UUID]
    user_id: Mapped[UUID]
    text: Mapped[str]
    created_at: Mapped[datetime]


class CannedReply(TenantOwned, Base):
    """A reply to use again, under a short name; ``{name}`` and the like stand for facts."""

    __tablename__ = "canned_replies"

    name: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]


class ScheduledMessage(TenantOwned, Base):
    """A message to say at ``due_at``; settled when it was said, called off, or couldn't be said.

    ``outcome`` is ``sent``, ``cancelled``, or the code of the error that stood against it.
    """

    __tablename__ = "scheduled_messages"
    __table_args__ = (refers("conversation_id", "conversations"),)

    conversation_id: Mapped[UUID]
    user_id: Mapped[UUID]
    text: Mapped[str]
    due_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    created_at: Mapped[datetime]
