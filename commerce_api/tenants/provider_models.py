"""The tables of signing in with a provider: who is who there, and who is on the way there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commerce_api.core.database import Base
from commerce_api.tenants.models import User


class ProviderAccount(Base):
    """A person's account at a provider, by which they sign in; one a person and issuer."""

    __tablename__ = "provider_accounts"
    __table_args__ = (UniqueConstraint("user_id", "issuer"),)

    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")


class ProviderSignIn(Base):
    """A browser that was sent to the provider; gone once it comes back, so that no answer is taken twice.

    ``visitor_hash`` is of the browser's own cookie: another browser can't bring the answer.
    """

    __tablename__ = "provider_sign_ins"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    visitor_hash: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[str] = mapped_column(Text)
    verifier: Mapped[str] = mapped_column(Text)
    wanted: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]
