"""Messages as the product knows them, whatever provider carries them.

Everything here is a frozen dataclass with a lossless JSON form: ``to_json`` gives what the commerce API
stores and ``from_json`` reads it back. Unknown keys are ignored on reading, so that an older process can read
what a newer one wrote.
"""

from __future__ import annotations

from dataclasses import dataclass, field, is_dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Dict, Optional, Tuple


class InboundKind(str, Enum):
    """What an inbound message is. ``EVENT`` (a payment arrived) comes from our own API alone."""

    TEXT = "text"
    CHOICE = "choice"
    LOCATION = "location"
    ORDER = "order"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    CONTACTS = "contacts"
    REACTION = "reaction"
    FORM = "form"
    REFERRAL = "referral"
    EDIT = "edit"
    DELETION = "deletion"
    SYSTEM = "system"
    UNSUPPORTED = "unsupported"
    EVENT = "event"


class ConsentWord(str, Enum):
    """What a shopper says of being written to, in the provider's own words or by its own switch."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class ReceiptStatus(str, Enum):
    """How far an outbound message got; ``sent < delivered < read``, see ``conversations/receipts.py``."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True)
class Location:
    """A pin: WGS 84 degrees, and what the shopper's phone calls the place."""

    latitude: float
    longitude: float
    name: Optional[str] = None
    address: Optional[str] = None


@dataclass(frozen=True)
class OrderedItem:
    """One line of a provider's own basket. Its price is not kept: prices come from our catalogue alone."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class Media:
    """A file at the provider, not fetched yet: under an id to be looked up, or at an address."""

    provider_media_id: Optional[str] = None
    mime_type: Optional[str] = None
    caption: Optional[str] = None
    filename: Optional[str] = None
    url: Optional[str] = None


@dataclass(frozen=True)
class Referral:
    """What led the shopper here: an advertisement, a link with ``ref``, a story, a product of the seller's.

    ``source`` is the provider's word for it (``ad``, ``shortlink``, ``story_mention``, …).
    """

    source: str
    ref: Optional[str] = None
    source_id: Optional[str] = None
    source_url: Optional[str] = None
    headline: Optional[str] = None
    sku: Optional[str] = None


@dataclass(frozen=True)
class InboundMessage:
    """One message between a shopper and a seller's address that came in by webhook.

    ``account`` is the seller's receiving address as the provider names it (WhatsApp: ``phone_number_id``);
    ``sender`` the shopper's address there, ``sender_ids`` every other one of theirs the webhook names (a
    business-scoped user id beside the number), ``moved_to`` the address that replaces ``sender`` from now on.
    ``sent_at`` is the provider's time, aware, UTC. ``choice_id`` is an id we put on a button or row;
    ``quoted_message_id`` the provider's id of the message being answered, reacted to, edited or deleted.

    ``is_echo``: the seller wrote it, with the provider's own app; ``sender`` is still the shopper.
    ``is_standby``: someone else answers this conversation just now; it is kept, and not answered.
    ``consent`` when the provider says itself that the shopper wants no more messages, or wants them again.
    ``session_id`` is the dialogue a USSD screen belongs to. ``shared_phone`` is a number the shopper gave
    when asked for it, E.164. ``fields`` are a filled-in form's. ``raw`` is the provider's own object, whole.
    """

    provider_message_id: str
    account: str
    sender: str
    sent_at: datetime
    kind: InboundKind
    sender_ids: Tuple[str, ...] = ()
    sender_name: Optional[str] = None
    sender_username: Optional[str] = None
    moved_to: Optional[str] = None
    text: Optional[str] = None
    choice_id: Optional[str] = None
    location: Optional[Location] = None
    items: Tuple[OrderedItem, ...] = ()
    media: Optional[Media] = None
    more_media: Tuple[Media, ...] = ()
    emoji: Optional[str] = None
    fields: Dict[str, Any] = field(default_factory=dict)
    shared_phone: Optional[str] = None
    quoted_message_id: Optional[str] = None
    quoted_sku: Optional[str] = None
    referral: Optional[Referral] = None
    consent: Optional[ConsentWord] = None
    session_id: Optional[str] = None
    is_echo: bool = False
    is_standby: bool = False
    raw: Dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> Dict[str, Any]:
        """The JSON form, times as ISO 8601."""
        consent = self.consent.value if self.consent else None
        plain = {"sent_at": self.sent_at.isoformat(), "kind": self.kind.value, "consent": consent}
        return {**_plain(self), **plain}

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> InboundMessage:
        """Reads ``to_json``'s form. Raises KeyError, TypeError or ValueError when it isn't one."""
        location, media, referral = data.get("location"), data.get("media"), data.get("referral")
        made = {
            "sent_at": datetime.fromisoformat(data["sent_at"]).astimezone(timezone.utc),
            "kind": InboundKind(data["kind"]),
            "sender_ids": tuple(data.get("sender_ids") or ()),
            "location": Location(**location) if location else None,
            "items": tuple(OrderedItem(**item) for item in data.get("items") or ()),
            "media": Media(**media) if media else None,
            "more_media": tuple(Media(**one) for one in data.get("more_media") or ()),
            "fields": data.get("fields") or {},
            "referral": Referral(**referral) if referral else None,
            "consent": ConsentWord(data["consent"]) if data.get("consent") else None,
            "raw": data.get("raw") or {},
        }
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        return cls(**{**known, **made})


@dataclass(frozen=True)
class Receipt:
    """What a provider says became of a message we sent. ``error_code`` and ``error_text`` when it failed."""

    account: str
    provider_message_id: str
    status: ReceiptStatus
    at: datetime
    recipient: Optional[str] = None
    error_code: Optional[str] = None
    error_text: Optional[str] = None
    raw: Dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> Dict[str, Any]:
        """The JSON form, times as ISO 8601."""
        return {**_plain(self), "at": self.at.isoformat(), "status": self.status.value}

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> Receipt:
        """Reads ``to_json``'s form. Raises KeyError or ValueError when a needed part is missing or wrong."""
        known = {**data, "at": datetime.fromisoformat(data["at"]), "status": ReceiptStatus(data["status"])}
        return cls(**{name: known[name] for name in cls.__dataclass_fields__ if name in known})


@dataclass(frozen=True)
class Choice:
    """Something the shopper may pick, by tap, number, title or ordinal word.

    ``intent`` and ``entities`` are what picking it means to the assistant. The id that travels to the
    provider is not here: it is made from the message's id and the choice's place when the message is built,
    so that a tap can be checked against what was offered.
    """

    title: str
    intent: str
    entities: Dict[str, Any] = field(default_factory=dict)
    description: Optional[str] = None


@dataclass(frozen=True)
class Link:
    """A button that opens a web page."""

    title: str
    url: str


@dataclass(frozen=True)
class Card:
    """One product of several shown side by side; its ``choices`` belong to it alone."""

    title: str
    description: Optional[str] = None
    image_url: Optional[str] = None
    sku: Optional[str] = None
    choices: Tuple[Choice, ...] = ()


class Ask(str, Enum):
    """What a question is after, where a provider has a way of its own to give it."""

    TEXT = "text"
    LOCATION = "location"
    PHONE = "phone"


@dataclass(frozen=True)
class Template:
    """A message the provider approved beforehand, the only kind it takes outside the reply window.

    ``parameters`` fill the body's places in order.
    """

    name: str
    language: str
    parameters: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Reaction:
    """An emoji on a message of the shopper's, by that message's id at the provider; "" takes it back."""

    message_id: str
    emoji: str


@dataclass(frozen=True)
class OutboundMessage:
    """One reply, provider-neutral; each provider compiles it to its own form without losing a choice.

    ``image_url`` must be fetchable by the provider. ``opener`` is the label of the button that opens a list.
    ``ask`` marks a question that is answered in the shopper's own words, by a pin or by their number. ``pay``
    is the page where an order is paid. With a ``template``, ``text`` is what the shopper will read.
    ``is_last``: nothing is expected after it, so that a dialogue which costs by the minute (USSD) may end. A
    ``reaction`` stands alone, and is for providers that carry one.
    """

    text: str
    choices: Tuple[Choice, ...] = ()
    cards: Tuple[Card, ...] = ()
    image_url: Optional[str] = None
    link: Optional[Link] = None
    pay: Optional[Link] = None
    opener: Optional[str] = None
    ask: Optional[Ask] = None
    template: Optional[Template] = None
    is_last: bool = False
    reaction: Optional[Reaction] = None

    @property
    def all_choices(self) -> Tuple[Choice, ...]:
        """Every choice in the order of its place (``choice_id``): the message's own, then each card's."""
        return self.choices + tuple(choice for card in self.cards for choice in card.choices)

    def to_json(self) -> Dict[str, Any]:
        """The JSON form that the API stores."""
        return {**_plain(self), "ask": self.ask.value if self.ask else None}

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> OutboundMessage:
        """Reads ``to_json``'s form. Raises KeyError when the text is missing."""
        link, pay, template = data.get("link"), data.get("pay"), data.get("template")
        reaction = data.get("reaction")
        return cls(
            text=data["text"],
            choices=_choices(data),
            cards=tuple(
                Card(
                    title=card["title"],
                    description=card.get("description"),
                    image_url=card.get("image_url"),
                    sku=card.get("sku"),
                    choices=_choices(card),
                )
                for card in data.get("cards") or ()
            ),
            image_url=data.get("image_url"),
            link=Link(**link) if link else None,
            pay=Link(**pay) if pay else None,
            opener=data.get("opener"),
            ask=Ask(data["ask"]) if data.get("ask") else None,
            template=_template(template) if template else None,
            is_last=bool(data.get("is_last")),
            reaction=Reaction(reaction["message_id"], reaction["emoji"]) if reaction else None,
        )


def choice_id(message_id: str, place: int) -> str:
    """A choice's id at the provider: the outbound message's id in hex and the choice's place, from 0."""
    return f"{message_id.replace('-', '')}.{place}"


def _plain(made: Any) -> Dict[str, Any]:
    """As ``dataclasses.asdict``, but what is no dataclass is not copied: providers' objects are large."""
    return {name: _plain_part(part) for name, part in vars(made).items()}


def _plain_part(part: Any) -> Any:
    if isinstance(part, tuple):
        return tuple(_plain_part(one) for one in part)
    return _plain(part) if is_dataclass(part) else part


def _choices(data: Dict[str, Any]) -> Tuple[Choice, ...]:
    return tuple(
        Choice(
            title=choice["title"],
            intent=choice["intent"],
            entities=choice.get("entities") or {},
            description=choice.get("description"),
        )
        for choice in data.get("choices") or ()
    )


def _template(data: Dict[str, Any]) -> Template:
    return Template(data["name"], data["language"], tuple(data.get("parameters") or ()))
