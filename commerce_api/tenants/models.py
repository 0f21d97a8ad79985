"""Tenants (businesses), users, and the memberships that tie them together with a role."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commerce_api.core.clock import now
from commerce_api.core.database import Base, TenantOwned


class TenantStatus(StrEnum):
    """A suspended tenant's members are refused and its shoppers get no answer from the assistant."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class PaymentMethod(StrEnum):
    """How a shopper may pay."""

    CASH_ON_DELIVERY = "cash_on_delivery"
    PAY_LINK = "pay_link"


class Role(StrEnum):
    """What a member is to a tenant; ``permissions.py`` says what each may do."""

    OWNER = "owner"
    ADMIN = "admin"
    AGENT = "agent"
    TRAINER = "trainer"
    VIEWER = "viewer"


class Tenant(Base):
    """A business. Not fenced: it is the fence. Seen by every session.

    ``hours`` and ``returns_policy`` are the seller's own text, shown to shoppers; ``opening`` maps a weekday
    (``mon`` … ``sun``) to its spans, ``[["08:00", "18:00"]]``, in ``timezone``; a weekday that is missing is
    closed, an empty map is always open. ``upsell_held_out_percent`` of the shoppers are offered nothing
    beside their cart, to see what offering is worth. ``discount_limit_percent`` is the most a member may take
    off a cart; 0 is nothing. With ``shares_out``, conversations that wait are given to members in turn.
    """

    __tablename__ = "tenants"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    currency: Mapped[str]
    country: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    timezone: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    hours: Mapped[str | None] = mapped_column(Text)
    returns_policy: Mapped[str | None] = mapped_column(Text)
    opening: Mapped[dict[str, Any]] = mapped_column(default=dict)
    payment_methods: Mapped[list[str]] = mapped_column(ARRAY(Text))
    upsell_held_out_percent: Mapped[int] = mapped_column(default=0)
    discount_limit_percent: Mapped[int] = mapped_column(default=0)
    shares_out: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default=TenantStatus.ACTIVE)
    created_at: Mapped[datetime] = mapped_column(default=now)


class User(Base):
    """A person who signs in. ``email`` is lower case; without a password hash nobody can sign in as them.

    Bearer tokens issued before ``signed_out_at`` no longer serve. ``email_proven_at`` is when the person
    showed that the address is theirs, by a link mailed to it or a provider's word; None while only the one
    who invited them says so.
    """

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    is_platform_admin: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    signed_out_at: Mapped[datetime | None]
    email_proven_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Membership(TenantOwned, Base):
    """A user's role in one tenant; one a user and tenant.

    ``given_at`` is when a conversation was last given to them in turn.
    """

    __tablename__ = "memberships"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"), UniqueConstraint("tenant_id", "user_id"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    role: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship(lazy="raise")

    @property
    def email(self) -> str:
        """The user's e-mail address; ``user`` must be loaded."""
        return self.user.email

    @property
    def name(self) -> str:
        """The user's name; ``user`` must be loaded."""
        return self.user.name


class SignInFailures(Base):
    """How often something was tried under one name since a time (``attempts.py``): an e-mail address, whether
    or not such a user exists, or a network address. Of the name only a hash is kept.
    """

    __tablename__ = "sign_in_failures"

    email_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime]
