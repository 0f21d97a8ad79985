"""The JSON of messaging. What the bot side reads follows ``commerce_client/models.py`` to the letter."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from channels.messages import Ask
from commerce_api.conversations.contact_models import MergeReason
from commerce_api.conversations.media_models import MediaState, Refusal
from commerce_api.conversations.models import Author, DeliveryStatus, Direction, HandledBy

ShortText = Annotated[str, Field(min_length=1, max_length=120)]


class Read(BaseModel):
    """Anything answered from a row."""

    model_config = ConfigDict(from_attributes=True)


class ChoiceRead(Read):
    """See ``channels.messages.Choice``."""

    title: str
    intent: str
    entities: dict[str, Any] = {}
    description: str | None = None


class TurnRead(Read):
    """See ``commerce_client.models.Turn``."""

    id: UUID
    conversation_id: UUID
    message_id: UUID
    channel: str
    kind: str
    text: str | None
    choice: ChoiceRead | None
    offered: list[ChoiceRead]
    location: dict[str, Any] | None
    items: list[dict[str, Any]]
    emoji: str | None
    quoted_sku: str | None
    referral: dict[str, Any] | None
    fields: dict[str, Any]
    late: bool
    edited: bool


class QuarantinedWrite(BaseModel):
    """A part of a webhook that the provider's code could not read."""

    raw: Any = None
    reason: str


class InboundWrite(BaseModel):
    """One verified webhook. Each message and receipt is read on its own, so that a bad one costs no other.

    ``call`` names the call, the same when it is made again.
    """

    channel: ShortText
    secret: ShortText
    worker: ShortText
    call: UUID | None = None
    messages: list[dict[str, Any]] = []
    receipts: list[dict[str, Any]] = []
    quarantined: list[QuarantinedWrite] = []


class WaitingRead(Read):
    """See ``commerce_client.models.Waiting``."""

    conversation_id: UUID
    wait_ms: int


class RecordedRead(Read):
    """See ``commerce_client.models.Recorded``. Messages and receipts are counted alike."""

    accepted: int
    duplicates: int
    refused: int
    forged: int
    turns: list[TurnRead]
    waiting: list[WaitingRead]


class ClaimWrite(BaseModel):
    """Who claims. ``call`` names the call, the same when it is made again.

    With a ``conversation_id``, the next turn of that conversation alone. Without one, ``in_hand`` may list
    the turns that the worker has: another that it was given a while ago is given to it again.
    """

    worker: ShortText
    call: UUID | None = None
    conversation_id: UUID | None = None
    in_hand: Annotated[list[UUID], Field(max_length=1000)] | None = None


class LinkWrite(BaseModel):
    """See ``channels.messages.Link``."""

    title: str
    url: str


class CardWrite(BaseModel):
    """See ``channels.messages.Card``."""

    title: str
    description: str | None = None
    image_url: str | None = None
    sku: str | None = None
    choices: list[ChoiceRead] = []


class TemplateWrite(BaseModel):
    """See ``channels.messages.Template``."""

    name: ShortText
    language: ShortText
    parameters: list[str] = []


class ReplyWrite(BaseModel):
    """See ``channels.messages.OutboundMessage``."""

    text: str
    choices: list[ChoiceRead] = []
    cards: list[CardWrite] = []
    image_url: str | None = None
    link: LinkWrite | None = None
    pay: LinkWrite | None = None
    opener: str | None = None
    ask: Ask | None = None
    template: TemplateWrite | None = None
    is_last: bool = False


class FinishWrite(BaseModel):
    """How a turn ended: what the assistant said, and ``failure`` when it died.

    Without ``claim_next`` the worker is given no other turn of the conversation.
    """

    worker: ShortText
    replies: list[ReplyWrite] = Field([], max_length=50)
    failure: Annotated[str, Field(max_length=4096)] | None = None
    claim_next: bool = True


class ReleaseWrite(BaseModel):
    """Which worker gives its turns back."""

    worker: ShortText


class NextTurnRead(BaseModel):
    """The turn to run next, if any; or when to ask for that conversation's, in milliseconds."""

    turn: TurnRead | None
    conversation_id: UUID | None = None
    wait_ms: int | None = None


class SecretsRead(BaseModel):
    """Webhook secrets by channel account id."""

    secrets: dict[str, str]


class ShellWrite(BaseModel):
    """A conversation on the developers' channel."""

    tenant_slug: ShortText
    sender: ShortText


class IdRead(Read):
    """An id alone."""

    id: UUID


class ShopConversationRead(BaseModel):
    """See ``commerce_client.models.Conversation``."""

    id: UUID
    channel: str
    handled_by: HandledBy
    shop_name: str
    currency: str
    languages: list[str]
    contact_name: str | None
    language: str | None
    shop_address: str | None
    hours: str | None
    is_open: bool
    opening: dict[str, list[tuple[str, str]]]
    returns_policy: str | None
    local_time: datetime


class RememberWrite(BaseModel):
    """What the shopper told of themselves; what is None stays as it was."""

    name: Annotated[str, Field(max_length=200)] | None = None
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] | None = None


class HandoffWrite(BaseModel):
    """Why a person is asked for."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    summary: Annotated[str, Field(max_length=1500)] | None = None


class NotUnderstoodWrite(BaseModel):
    """A message whose meaning was not found: the likeliest intent, and how surely, 0 to 1."""

    message_id: UUID
    guess: Annotated[str, Field(min_length=1, max_length=64)]
    confidence: Annotated[float, Field(ge=0, le=1)]


class ContactRead(Read):
    """A shopper."""

    id: UUID
    name: str | None
    username: str | None
    language: str | None
    phone: str | None
    merged_into_id: UUID | None
    created_at: datetime


class MergeRead(Read):
    """Two contacts that became one. ``moved`` says what of ``merged_id`` became ``kept_id``'s."""

    id: UUID
    kept_id: UUID
    merged_id: UUID
    reason: MergeReason
    moved: dict[str, Any]
    created_at: datetime
    undone_at: datetime | None
    undone_by: UUID | None


class LinkCodeRead(Read):
    """What the shopper is to send from their other chat, after the word LINK."""

    code: str
    expires_at: datetime


class AddressRead(Read):
    """Where a contact is reached; ``replaced_at`` when the address is no longer theirs."""

    id: UUID
    channel_account_id: UUID
    conversation_id: UUID
    address: str
    created_at: datetime
    replaced_at: datetime | None


class ConversationRead(Read):
    """A conversation in the seller's list. ``reply_window_until``: until then free-form replies are taken."""

    id: UUID
    channel: str
    channel_account_id: UUID
    handled_by: HandledBy
    handoff_reason: str | None
    handoff_summary: str | None
    handoff_at: datetime | None
    seller_id: UUID | None
    last_message_at: datetime | None
    reply_window_until: datetime | None
    unread: int
    created_at: datetime
    contact: ContactRead


class PartRead(Read):
    """One request to the provider."""

    part: int
    status: DeliveryStatus
    provider_message_id: str | None
    attempts: int
    failure_code: str | None
    failure_text: str | None


class MediaRead(Read):
    """A file of a message; ``refusal`` says why it is not kept. Read it at ``/media/{id}`` once stored."""

    id: UUID
    state: MediaState
    refusal: Refusal | None
    content_type: str | None
    filename: str | None
    size: int | None
    width: int | None
    height: int | None


class MessageRead(Read):
    """A message. ``status`` is None for inbound ones; ``sent_at`` is the provider's time, None while queued.

    ``maybe_doubled``: a try's outcome was unknown, so the shopper may have it twice. What was taken back has
    a ``deleted_at`` and no words, body or files any more.
    """

    id: UUID
    position: int
    direction: Direction
    kind: str
    author: Author
    seller_id: UUID | None
    text: str | None
    body: dict[str, Any]
    status: DeliveryStatus | None
    maybe_doubled: bool
    failure_code: str | None
    failure_text: str | None
    reply_to_id: UUID | None
    created_at: datetime
    sent_at: datetime | None
    said_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    parts: list[PartRead]
    media: list[MediaRead]

    @model_validator(mode="after")
    def _forget_what_was_taken_back(self) -> Self:
        if self.deleted_at is not None:
            self.text, self.body, self.media = None, {}, []
        return self


class MessageWrite(BaseModel):
    """What the seller says."""

    text: Annotated[str, Field(min_length=1, max_length=4096, pattern=r"\S")]


class ReactionWrite(BaseModel):
    """An emoji; an empty text takes the reaction back."""

    emoji: Annotated[str, Field(max_length=16)]


class NumberWrite(BaseModel):
    """A telephone number with its country."""

    number: ShortText


class ScreenWrite(BaseModel):
    """Which recorded step is to be answered; ``is_final``: now in any case."""

    channel: ShortText
    address: ShortText
    provider_message_id: Annotated[str, Field(min_length=1, max_length=512)]
    is_final: bool = False


class ScreenRead(BaseModel):
    """See ``commerce_client.models.Screen``."""

    is_ready: bool
    text: str
    is_last: bool
