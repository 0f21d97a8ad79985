"""The tables of how people come in: invitations, links for a new password, and what befell an account."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commerce_api.core.database import Base, TenantOwned
from commerce_api.tenants.models import User


class Invitation(TenantOwned, Base):
    """An e-mail address that may become a member; one a tenant and address, gone once used or taken back.

    The token of its link is never stored, only its hash.
    """

    __tablename__ = "invitations"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"), UniqueConstraint("tenant_id", "email"))

    email: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    invited_by_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    invited_by: Mapped[User] = relationship(lazy="raise")


class PasswordLink(Base):
    """A link by which a person gives themselves a new password; gone once used.

    ``by_tenant_id`` is the tenant whose owner made it: it serves only while the person is a member of that
    tenant and of no other. None when it was mailed to the person, which proves the address.
    """

    __tablename__ = "password_links"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    by_tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenants.id"))
    expires_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")


class AccountAction(StrEnum):
    """What may befall an account."""

    SIGNED_IN = "signed_in"
    JOINED = "joined"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- an event's name
    RESET = "reset"
    RESET_LINK_MADE = "reset_link_made"
    RESET_LINK_MAILED = "reset_link_mailed"
    SIGNED_OUT_ELSEWHERE = "signed_out_elsewhere"
    PROVIDER_TIED = "provider_tied"
    SECOND_STEP_ON = "second_step_on"
    SECOND_STEP_OFF = "second_step_off"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_MADE = "recovery_codes_made"


class AccountEvent(Base):
    """One thing that befell an account, whatever tenants the person is a member of. Never rewritten.

    ``source`` is the network address it was done from, None when nobody asked from a browser.
    """

    __tablename__ = "account_events"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
