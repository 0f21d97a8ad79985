"""Whose a number is; contacts that turned out to be one person; codes by which shoppers say so; echoes."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned


class MergeReason(StrEnum):
    """How we know. ``SAME_PERSON``: the provider named both addresses at once; ``MOVED``: it said that the
    shopper's number changed; ``SHARED_PHONE``: the shopper gave a number we know; ``LINK_CODE``: they sent
    from one chat the code they were given in the other.
    """

    SHARED_PHONE = "shared_phone"
    SAME_PERSON = "same_person"
    MOVED = "moved"
    LINK_CODE = "link_code"


class ContactPhone(TenantOwned, Base):
    """A telephone number, E.164, and whose it is: one contact's, on whichever of the seller's channels."""

    __tablename__ = "contact_phones"
    __table_args__ = (refers("contact_id", "contacts"),)

    phone: Mapped[str]
    contact_id: Mapped[UUID]
    created_at: Mapped[datetime]


class ContactMerge(TenantOwned, Base):
    """``merged_id`` became part of ``kept_id``; ``moved`` is what ``merging.undo`` must know to return it.

    Its keys: ``addresses``, ``phones`` and ``conversations`` (ids that were ``merged_id``'s), ``repointed``
    (address id to the conversation it led to before), ``filled`` (what ``kept_id`` took over of itself) and
    ``belongings`` (by name, see ``belongings.py``).
    """

    __tablename__ = "contact_merges"
    __table_args__ = (refers("kept_id", "contacts"), refers("merged_id", "contacts"))

    kept_id: Mapped[UUID]
    merged_id: Mapped[UUID]
    reason: Mapped[MergeReason] = mapped_column(named(MergeReason))
    moved: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]


class LinkCode(TenantOwned, Base):
    """A word given out in one conversation; sent from another, it makes their contacts one. Good once."""

    __tablename__ = "link_codes"
    __table_args__ = (refers("conversation_id", "conversations"),)

    code: Mapped[str]
    conversation_id: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LinkTry(TenantOwned, Base):
    """A code that was none, so that nobody can guess for long."""

    __tablename__ = "link_tries"
    __table_args__ = (refers("conversation_id", "conversations"),)

    conversation_id: Mapped[UUID]
    created_at: Mapped[datetime]


class ParkedEcho(TenantOwned, Base):
    """What may be the provider's echo of a message whose sending is not answered yet; ``echoes.py`` decides.

    ``message`` is the ``InboundMessage``'s JSON.
    """

    __tablename__ = "parked_echoes"
    __table_args__ = (
        refers("channel_account_id", "channel_accounts"),
        refers("conversation_id", "conversations"),
    )

    channel_account_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    provider_message_id: Mapped[str]
    message: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
