"""The tables of who is signed in, and of what members did."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, PrimaryKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commerce_api.core.database import Base, TenantOwned
from commerce_api.tenants.models import User


class UserSession(Base):
    """A person signed in on one device. The token itself is never stored, only its hash.

    ``source`` is the network address, ``agent`` the browser's own words, both as of signing in.
    """

    __tablename__ = "user_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    agent: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")


class AuditEntry(TenantOwned, Base):
    """One thing a member did: ``action`` is the endpoint's name, ``facts`` the ids in its address."""

    __tablename__ = "audit_entries"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")

    @property
    def user_name(self) -> str:
        """Who did it; ``user`` must be loaded."""
        return self.user.name
