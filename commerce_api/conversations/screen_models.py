"""Where a shopper is in a dialogue of screens, and what each step of it was answered with."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned


class ScreenMode(StrEnum):
    """What stands on the phone when nothing new is to be said.

    ``ANSWER``: a page of the current screen. ``RESUME``: the question whether to go on there. ``WORKING``:
    that the answer takes longer. ``WRITE``: that a person reads what is typed now. ``TOLD``: that they do.
    """

    ANSWER = "answer"
    RESUME = "resume"
    WORKING = "working"
    WRITE = "write"
    TOLD = "told"


class ScreenState(TenantOwned, Base):
    """A conversation's dialogue. ``typed`` is everything typed in the session, as the gateway joins it.

    ``current``, ``home`` and each of ``behind`` (the way back, oldest first) are a compiled screen's JSON,
    with the ``page`` that is shown.
    """

    __tablename__ = "screens"
    __table_args__ = (refers("conversation_id", "conversations"),)

    conversation_id: Mapped[UUID]
    session_id: Mapped[str]
    typed: Mapped[str]
    mode: Mapped[ScreenMode] = mapped_column(named(ScreenMode))
    current: Mapped[dict[str, Any] | None]
    home: Mapped[dict[str, Any] | None]
    behind: Mapped[list[Any]]
    updated_at: Mapped[datetime]


class ShownScreen(TenantOwned, Base):
    """What the step of an inbound message was answered with: the same step posted again gets the same."""

    __tablename__ = "shown_screens"
    __table_args__ = (refers("message_id", "messages"),)

    message_id: Mapped[UUID]
    text: Mapped[str]
    is_last: Mapped[bool]
    created_at: Mapped[datetime]
