"""The tables of messaging: who wrote to whom on which of the seller's numbers, and how far it got."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Identity, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from commerce_api.conversations.media_models import MessageMedia
from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned
from commerce_api.tenants.models import Tenant


class HandledBy(StrEnum):
    """Who answers a conversation. ``WAITING``: a person is asked for; the assistant helps on till then."""

    BOT = "bot"
    WAITING = "waiting"
    SELLER = "seller"


class Direction(StrEnum):
    """Inbound is from the shopper, outbound to them."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Author(StrEnum):
    """Who wrote a message. ``SYSTEM`` is our own API: an event such as a payment, or a holding message."""

    SHOPPER = "shopper"
    ASSISTANT = "assistant"
    SELLER = "seller"
    SYSTEM = "system"


class DeliveryStatus(StrEnum):
    """How far an outbound message, or a part of it, got. ``receipts.py`` says which moves there are."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class TurnState(StrEnum):
    """``SKIPPED``: a person took over before the assistant came to it."""

    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class ChannelAccount(TenantOwned, Base):
    """A seller's number or page. ``address`` is what the provider calls it in webhooks and send URLs.

    ``credentials`` is sealed JSON (``accounts.py`` opens it) and None when the platform's serve. ``road_id``
    is the account its messages leave by when that is another (``switching.py``).
    """

    __tablename__ = "channel_accounts"

    channel: Mapped[str]
    address: Mapped[str]
    display_number: Mapped[str | None]
    name: Mapped[str]
    credentials: Mapped[str | None] = mapped_column(deferred=True)
    has_app_secret: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    road_id: Mapped[UUID | None]
    created_at: Mapped[datetime]

    tenant: Mapped[Tenant] = relationship(
        primaryjoin=lambda: foreign(ChannelAccount.tenant_id) == Tenant.id, lazy="raise", viewonly=True
    )


class Contact(TenantOwned, Base):
    """A shopper, as one seller knows them. ``phone`` is E.164, None when the channel hides it.

    ``merged_into_id`` is the contact they turned out to be; this row then has nothing of its own any more.
    """

    __tablename__ = "contacts"
    __table_args__ = (refers("merged_into_id", "contacts"),)

    name: Mapped[str | None]
    username: Mapped[str | None]
    language: Mapped[str | None]
    phone: Mapped[str | None]
    merged_into_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class ContactAddress(TenantOwned, Base):
    """Where a contact is reached through one channel account, and the conversation held there.

    From ``replaced_at`` on the address is no longer theirs: the provider may give it to someone else.
    """

    __tablename__ = "contact_addresses"
    __table_args__ = (
        refers("contact_id", "contacts"),
        refers("channel_account_id", "channel_accounts"),
        refers("conversation_id", "conversations"),
    )

    contact_id: Mapped[UUID]
    channel_account_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    address: Mapped[str]
    replaced_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Conversation(TenantOwned, Base):
    """One contact on one channel account. Its row is the lock that keeps its messages in order.

    ``reply_window_until`` is when the provider stops taking free-form replies, None before the first message.
    ``unread`` counts what the shopper wrote since a person last answered or took over.

    ``turn_due_at`` is when its next turn may be claimed: the end of the hold-back, or of the lease of the
    turn under way; None when no turn is open (``ordering.py``).

    ``assignee_id`` is the member it is for. It is out of the way while it sleeps (``snoozed_until``) or is
    resolved, until the shopper writes again: then ``unread`` is above 0 (``inbox.py``).
    """

    __tablename__ = "conversations"
    __table_args__ = (refers("contact_id", "contacts"), refers("channel_account_id", "channel_accounts"))

    contact_id: Mapped[UUID]
    channel_account_id: Mapped[UUID]
    channel: Mapped[str]
    handled_by: Mapped[HandledBy] = mapped_column(named(HandledBy), default=HandledBy.BOT)
    handoff_reason: Mapped[str | None]
    handoff_summary: Mapped[str | None]
    handoff_at: Mapped[datetime | None]
    seller_id: Mapped[UUID | None]
    last_message_at: Mapped[datetime | None]
    reply_window_until: Mapped[datetime | None]
    unread: Mapped[int] = mapped_column(default=0)
    next_position: Mapped[int] = mapped_column(default=1)
    turn_due_at: Mapped[datetime | None]
    assignee_id: Mapped[UUID | None]
    labels: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    snoozed_until: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    contact: Mapped[Contact] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    tenant: Mapped[Tenant] = relationship(
        primaryjoin=lambda: foreign(Conversation.tenant_id) == Tenant.id, lazy="raise", viewonly=True
    )


class Message(TenantOwned, Base):
    """One message, either way.

    ``body`` is ``InboundMessage``'s or ``OutboundMessage``'s JSON, ``raw`` the provider's own. ``position``
    counts the conversation's messages as they came in and never changes: who asks for those after the last
    they saw misses none. ``(said_at, position)`` is where it stands in the thread, see ``ordering.py``.
    ``joined_turn_id`` is the turn of another message that answers this one too: of an album's first picture,
    of the tap that this one repeats. ``(reply_to_id, ordinal)`` is the outbox's key. With a
    ``pace_epoch``, ``due_at`` is a place in the account's queue (``pacing.py``).
    """

    __tablename__ = "messages"
    __table_args__ = (
        refers("conversation_id", "conversations"),
        refers("channel_account_id", "channel_accounts"),
        refers("reply_to_id", "messages"),
    )

    conversation_id: Mapped[UUID]
    channel_account_id: Mapped[UUID]
    position: Mapped[int]
    direction: Mapped[Direction] = mapped_column(named(Direction))
    kind: Mapped[str]
    author: Mapped[Author] = mapped_column(named(Author))
    seller_id: Mapped[UUID | None]
    text: Mapped[str | None]
    body: Mapped[dict[str, Any]]
    raw: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    provider_message_id: Mapped[str | None]
    reply_to_id: Mapped[UUID | None]
    ordinal: Mapped[int | None]
    status: Mapped[DeliveryStatus | None] = mapped_column(named(DeliveryStatus))
    due_at: Mapped[datetime | None]
    maybe_doubled: Mapped[bool] = mapped_column(default=False)
    failure_code: Mapped[str | None]
    failure_text: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    said_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    joined_turn_id: Mapped[UUID | None]
    pace_epoch: Mapped[int | None]
    created_at: Mapped[datetime]

    parts: Mapped[list["MessagePart"]] = relationship(
        lazy="raise",
        viewonly=True,
        order_by="MessagePart.part",
        foreign_keys="[MessagePart.tenant_id, MessagePart.message_id]",
    )
    media: Mapped[list[MessageMedia]] = relationship(lazy="raise", viewonly=True, order_by=MessageMedia.place)


class MessagePart(TenantOwned, Base):
    """One request to the provider; an outbound message takes one or more, in order of ``part``, from 0.

    ``doubts`` counts tries whose outcome is unknown; ``attempt_id`` fences the try that is under way.
    """

    __tablename__ = "message_parts"
    __table_args__ = (refers("message_id", "messages"), refers("channel_account_id", "channel_accounts"))

    message_id: Mapped[UUID]
    channel_account_id: Mapped[UUID]
    part: Mapped[int]
    status: Mapped[DeliveryStatus] = mapped_column(named(DeliveryStatus), default=DeliveryStatus.QUEUED)
    provider_message_id: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[int] = mapped_column(default=0)
    attempt_id: Mapped[UUID | None]
    attempted_at: Mapped[datetime | None]
    failure_code: Mapped[str | None]
    failure_text: Mapped[str | None]


class StoredReceipt(TenantOwned, Base):
    """What a provider said of a message we sent, kept even before we know the message by that id."""

    __tablename__ = "receipts"
    __table_args__ = (refers("channel_account_id", "channel_accounts"),)

    channel_account_id: Mapped[UUID]
    provider_message_id: Mapped[str]
    status: Mapped[DeliveryStatus] = mapped_column(named(DeliveryStatus))
    at: Mapped[datetime]
    failure_code: Mapped[str | None]
    failure_text: Mapped[str | None]
    raw: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Turn(TenantOwned, Base):
    """An inbound message the assistant owes an answer, with the message's place in the thread.

    Turns of a conversation run in order of ``(said_at, position)``, from ``due_at`` on. While ``state`` is
    claimed, ``worker`` alone may finish it, until ``lease_until``; ``claim_id`` is the call that claimed it.
    """

    __tablename__ = "turns"
    __table_args__ = (refers("conversation_id", "conversations"), refers("message_id", "messages"))

    conversation_id: Mapped[UUID]
    message_id: Mapped[UUID]
    position: Mapped[int]
    said_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claim_id: Mapped[UUID | None]
    state: Mapped[TurnState] = mapped_column(named(TurnState), default=TurnState.PENDING)
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class QuarantinedPart(Base):
    """A piece of a webhook that no seller's account was found for, or that could not be read. No tenant's."""

    __tablename__ = "quarantined_parts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    channel: Mapped[str]
    secret: Mapped[str]
    reason: Mapped[str]
    raw: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
