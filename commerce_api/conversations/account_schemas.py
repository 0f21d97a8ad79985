"""The JSON of channel accounts and of consent."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from channels.messages import ConsentWord
from commerce_api.conversations.outbound_models import Scope, ToldBy
from commerce_api.conversations.schemas import Read, ShortText

Credentials = Annotated[
    dict[ShortText, Annotated[str, Field(min_length=1, max_length=4096)]], Field(max_length=20)
]


class AccountNoticeRead(BaseModel):
    """What a provider said about an account: ``code`` and ``text`` are its own, ``what_to_do`` ours.

    Open until ``closed_at``: until a message goes again, or the account is mended or switched.
    """

    code: str
    text: str | None
    what_to_do: str
    times: int
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None


class ChannelAccountRead(Read):
    """A connected number; never its credentials. ``road_id``: the account its messages leave by, if another.

    ``notices`` are the open ones alone.
    """

    id: UUID
    channel: str
    address: str
    display_number: str | None
    name: str
    has_app_secret: bool
    is_active: bool
    road_id: UUID | None
    created_at: datetime
    notices: list[AccountNoticeRead] = Field(default_factory=list)


class ChannelAccountWrite(BaseModel):
    """A number to connect. ``credentials`` can be written, never read.

    Which there are depends on the channel: ``access_token`` and ``app_secret``, ``account_sid`` and
    ``auth_token``, ``username`` and ``api_key``. Where the platform's serve they may be left out, and so may
    the ``address`` where the platform has a number to offer.
    """

    channel: ShortText
    address: ShortText | None = None
    name: ShortText
    display_number: ShortText | None = None
    credentials: Credentials = {}


class ChannelAccountChange(BaseModel):
    """What changes; ``credentials`` replace those there are as a whole."""

    name: ShortText | None = None
    display_number: ShortText | None = None
    is_active: bool | None = None
    credentials: Credentials | None = None


class SwitchWrite(BaseModel):
    """The account whose road is taken; the account's own id to go by itself again."""

    road_id: UUID


class ConsentEntryRead(Read):
    """One STOP or START, with the message it was said in."""

    word: ConsentWord
    scope: Scope
    told_by: ToldBy
    message_id: UUID | None
    said_at: datetime


class ConsentRead(BaseModel):
    """What a shopper said on one of the seller's numbers, oldest first, and what holds."""

    channel_account_id: UUID
    channel: str
    conversation_id: UUID
    is_stopped: bool
    is_marketing_stopped: bool
    entries: list[ConsentEntryRead]
