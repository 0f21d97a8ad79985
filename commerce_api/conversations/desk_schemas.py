"""The JSON of the inbox and of what sellers keep beside messages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from commerce_api.conversations.models import Author, DeliveryStatus
from commerce_api.conversations.schemas import ConversationRead, Read

Text = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"\S")]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]


class LastRead(Read):
    """The newest message of a conversation."""

    id: UUID
    kind: str
    author: Author
    text: str | None
    status: DeliveryStatus | None
    said_at: datetime


class DeskConversationRead(ConversationRead):
    """A conversation with what sellers keep of it."""

    assignee_id: UUID | None
    labels: list[str]
    snoozed_until: datetime | None
    resolved_at: datetime | None


class InboxRowRead(Read):
    """A row of the inbox."""

    conversation: DeskConversationRead
    last: LastRead | None


class InboxRead(BaseModel):
    """A page of the inbox. ``waiting`` counts all conversations that wait for a person."""

    items: list[InboxRowRead]
    waiting: int


class AssignWrite(BaseModel):
    """Whose a conversation is to be; null is nobody's."""

    user_id: UUID | None


class LabelsWrite(BaseModel):
    """A conversation's labels, all of them."""

    labels: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=10)]


class LabelsRead(BaseModel):
    """Every label in use."""

    items: list[str]


class SnoozeWrite(BaseModel):
    """Till when a conversation is out of the way; null wakes it."""

    until: AwareDatetime | None


class NoteWrite(BaseModel):
    """A note."""

    text: Text


class NoteRead(Read):
    """A note; the shopper never sees it."""

    id: UUID
    conversation_id: UUID
    user_id: UUID
    text: str
    created_at: datetime


class NotesRead(BaseModel):
    """A conversation's notes, the oldest first."""

    items: list[NoteRead]


class CannedWrite(BaseModel):
    """A reply to use again; ``{name}`` and the like stand for facts."""

    name: Name
    text: Text


class CannedRead(Read):
    """A reply to use again."""

    id: UUID
    name: str
    text: str
    created_at: datetime


class CannedRepliesRead(BaseModel):
    """Every canned reply, by name."""

    items: list[CannedRead]


class ScheduledWrite(BaseModel):
    """What to say, and when."""

    text: Text
    due_at: AwareDatetime


class ScheduledRead(Read):
    """A message for later. ``outcome``: ``sent``, ``cancelled``, or the code of what stood against it."""

    id: UUID
    conversation_id: UUID
    user_id: UUID
    text: str
    due_at: datetime
    settled_at: datetime | None
    outcome: str | None


class ScheduledMessagesRead(BaseModel):
    """What is still to be said, or couldn't be; the next first."""

    items: list[ScheduledRead]
