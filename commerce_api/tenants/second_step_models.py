"""The tables of the second step: a person's authenticator app, and the codes for when the phone is lost."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.database import Base


class SecondStep(Base):
    """The secret a person's authenticator app has, sealed; asked for once ``confirmed_at`` is set.

    ``last_counter`` is the half minute of the last code that was taken: no code of it or before is again.
    """

    __tablename__ = "second_steps"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    sealed_secret: Mapped[str] = mapped_column(Text)
    last_counter: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One code that stands in for the app once; only its hash is kept, and gone with its use."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
