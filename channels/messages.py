"""Messages as the product knows them, whatever provider carries them.

Everything here is a frozen dataclass with a lossless JSON form: ``to_json`` gives what the commerce API
stores and ``from_json`` reads it back. Unknown keys are ignored on reading, so that an older process can read
what a newer one wrote.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
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
    SYSTEM = "system"
    UNSUPPORTED = "unsupported"
    EVENT = "event"


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
    """A file at the provider, not fetched yet."""

    provider_media_id: str
    mime_type: Optional[str] = None
    caption: Optional[str] = None
    filename: Optional[str] = None


@dataclass(frozen=True)
class InboundMessage:
    """One message from a shopper.

    ``account`` is the seller's receiving address as the provider names it (WhatsApp: ``phone_number_id``);
    ``sender`` the shopper's address there. ``sent_at`` is the provider's time, aware, UTC. ``choice_id`` is
    an id we put on a button or row; ``quoted_message_id`` the provider's id of the message being answered.
    ``raw`` is the provider's own object for this message, whole.
    """

    provider_message_id: str
    account: str
    sender: str
    sent_at: datetime
    kind: InboundKind
    sender_name: Optional[str] = None
    text: Optional[str] = None
    choice_id: Optional[str] = None
    location: Optional[Location] = None
    items: Tuple[OrderedItem, ...] = ()
    media: Optional[Media] = None
    emoji: Optional[str] = None
    quoted_message_id: Optional[str] = None
    quoted_sku: Optional[str] = None
    raw: Dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> Dict[str, Any]:
        """The JSON form, times as ISO 8601."""
        return {**asdict(self), "sent_at": self.sent_at.isoformat(), "kind": self.kind.value}

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> InboundMessage:
        """Reads ``to_json``'s form. Raises KeyError or ValueError when a needed part is missing or wrong."""
        location, media = data.get("location"), data.get("media")
        return cls(
            provider_message_id=data["provider_message_id"],
            account=data["account"],
            sender=data["sender"],
            sent_at=datetime.fromisoformat(data["sent_at"]).astimezone(timezone.utc),
            kind=InboundKind(data["kind"]),
            sender_name=data.get("sender_name"),
            text=data.get("text"),
            choice_id=data.get("choice_id"),
            location=Location(**location) if location else None,
            items=tuple(OrderedItem(**item) for item in data.get("items") or ()),
            media=Media(**media) if media else None,
            emoji=data.get("emoji"),
            quoted_message_id=data.get("quoted_message_id"),
            quoted_sku=data.get("quoted_sku"),
            raw=data.get("raw") or {},
        )


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
        return {**asdict(self), "at": self.at.isoformat(), "status": self.status.value}

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
class OutboundMessage:
    """One reply, provider-neutral; each provider compiles it to its own form without losing a choice.

    ``image_url`` must be fetchable by the provider. ``opener`` is the label of the button that opens a list.
    ``ask_location`` invites the shopper to send a pin.
    """

    text: str
    choices: Tuple[Choice, ...] = ()
    image_url: Optional[str] = None
    link: Optional[Link] = None
    opener: Optional[str] = None
    ask_location: bool = False

    def to_json(self) -> Dict[str, Any]:
        """The JSON form that the API stores."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> OutboundMessage:
        """Reads ``to_json``'s form. Raises KeyError when the text is missing."""
        link = data.get("link")
        return cls(
            text=data["text"],
            choices=tuple(
                Choice(
                    title=choice["title"],
                    intent=choice["intent"],
                    entities=choice.get("entities") or {},
                    description=choice.get("description"),
                )
                for choice in data.get("choices") or ()
            ),
            image_url=data.get("image_url"),
            link=Link(**link) if link else None,
            opener=data.get("opener"),
            ask_location=bool(data.get("ask_location")),
        )


def choice_id(message_id: str, place: int) -> str:
    """A choice's id at the provider: the outbound message's id in hex and the choice's place, from 0."""
    return f"{message_id.replace('-', '')}.{place}"
