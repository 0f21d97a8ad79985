"""A shopper's file: where it lies at the provider, what became of it, and the bytes once they are ours."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned


class MediaState(StrEnum):
    """``PENDING`` until the worker has fetched it; ``REFUSED`` for good, and ``refusal`` says why."""

    PENDING = "pending"
    STORED = "stored"
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why a file is not kept."""

    GONE = "gone"
    TOO_LARGE = "too_large"
    TYPE_NOT_TAKEN = "type_not_taken"
    UNREADABLE = "unreadable"
    ADDRESS_NOT_PUBLIC = "address_not_public"
    NOT_ALLOWED = "not_allowed"
    UNREACHABLE = "unreachable"


class MessageMedia(TenantOwned, Base):
    """One file of a message, at ``place`` among its others, from 0.

    ``source`` is ``channels.messages.Media``'s JSON. ``content`` is there when it is stored: a picture made
    anew by us, anything else as it came; ``content_type`` is what it really is, not what was claimed.
    """

    __tablename__ = "message_media"
    __table_args__ = (refers("message_id", "messages"),)

    message_id: Mapped[UUID]
    place: Mapped[int]
    source: Mapped[dict[str, Any]]
    state: Mapped[MediaState] = mapped_column(named(MediaState), default=MediaState.PENDING)
    refusal: Mapped[Refusal | None] = mapped_column(named(Refusal))
    attempts: Mapped[int] = mapped_column(default=0)
    content_type: Mapped[str | None]
    filename: Mapped[str | None]
    size: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    content: Mapped[bytes | None] = mapped_column(deferred=True)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
