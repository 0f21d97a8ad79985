"""The rows of what sellers answer with beside words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import refers
from commerce_api.core.database import Base, TenantOwned


class ReplyPhoto(TenantOwned, Base):
    """A photo a seller sent: our own JPEG, under a ``key`` that nobody can guess."""

    __tablename__ = "reply_photos"
    __table_args__ = (refers("conversation_id", "conversations"),)

    conversation_id: Mapped[UUID]
    user_id: Mapped[UUID]
    key: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime]
