"""The tables of sending: what shoppers said of being written to, what sellers must mend, and how fast."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Identity
from sqlalchemy.orm import Mapped, mapped_column

from channels.messages import ConsentWord
from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned


class Scope(StrEnum):
    """What a shopper stopped. ``MARKETING``: what the seller sends unasked, by template; answers go on."""

    ALL = "all"
    MARKETING = "marketing"


class ToldBy(StrEnum):
    """How we know: the shopper's own words, or the provider's switch, refusal or stop list."""

    WORDS = "words"
    PROVIDER = "provider"


class ConsentEntry(TenantOwned, Base):
    """One STOP or START of a contact on a channel account; never changed, never deleted.

    It holds for every conversation that the contact of ``conversation_id`` has on that account, also after
    two contacts turned out to be one; ``contact_id`` is who they were then. The last by ``said_at``, then
    ``number``, counts. ``message_id`` is the shopper's message, None when the
    provider told us by refusing one of ours.
    """

    __tablename__ = "consent_entries"
    __table_args__ = (
        refers("contact_id", "contacts"),
        refers("channel_account_id", "channel_accounts"),
        refers("conversation_id", "conversations"),
        refers("message_id", "messages"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity())
    contact_id: Mapped[UUID]
    channel_account_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    message_id: Mapped[UUID | None]
    word: Mapped[ConsentWord] = mapped_column(named(ConsentWord))
    scope: Mapped[Scope] = mapped_column(named(Scope))
    told_by: Mapped[ToldBy] = mapped_column(named(ToldBy))
    said_at: Mapped[datetime]
    created_at: Mapped[datetime]


class AccountNotice(TenantOwned, Base):
    """Something about a channel account that its owner must put right; open until ``closed_at``.

    ``times`` counts how often it was met, ``text`` is the provider's own words of the last time.
    """

    __tablename__ = "account_notices"
    __table_args__ = (refers("channel_account_id", "channel_accounts"),)

    channel_account_id: Mapped[UUID]
    code: Mapped[str]
    text: Mapped[str | None]
    times: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
