"""What a message says: one reader for each of Meta's message types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Tuple

from channels.messages import InboundKind, Location, Media, OrderedItem
from channels.whatsapp import limits
from channels.whatsapp.nodes import Json, Unreadable, child, items, text_at

LONGEST = 65_536


@dataclass(frozen=True)
class Content:
    """The part of an inbound message that depends on its type; ``about`` is the message it concerns."""

    kind: InboundKind
    text: Optional[str] = None
    choice_id: Optional[str] = None
    location: Optional[Location] = None
    items: Tuple[OrderedItem, ...] = ()
    media: Optional[Media] = None
    emoji: Optional[str] = None
    about: Optional[str] = None


UNSUPPORTED = Content(InboundKind.UNSUPPORTED)


def read(node: Json) -> Content:
    """The content of a message; ``UNSUPPORTED`` when its type is unknown or its content unreadable."""
    kind = node.get("type")
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        return UNSUPPORTED
    try:
        return reader(node)
    except Unreadable:
        return UNSUPPORTED


def _text(node: Json) -> Content:
    return Content(InboundKind.TEXT, text=_said(child(node, "text"), "body"))


def _interactive(node: Json) -> Content:
    interactive = child(node, "interactive")
    for name in ("button_reply", "list_reply"):
        reply = child(interactive, name)
        if reply:
            return _choice(reply, "title", "id")
    return UNSUPPORTED


def _template_button(node: Json) -> Content:
    return _choice(child(node, "button"), "text", "payload")


def _choice(node: Json, title: str, identity: str) -> Content:
    """A tap. What it means is the API's to find from its id; without one its label stands in."""
    content = Content(
        InboundKind.CHOICE,
        text=text_at(node, title, LONGEST),
        choice_id=text_at(node, identity, limits.CHOICE_ID),
    )
    if not (content.text or content.choice_id):
        raise Unreadable("a tap on nothing")
    return content


def _location(node: Json) -> Content:
    place = child(node, "location")
    location = Location(
        latitude=_degrees(place.get("latitude"), 90),
        longitude=_degrees(place.get("longitude"), 180),
        name=text_at(place, "name", 1000),
        address=text_at(place, "address", 1000),
    )
    return Content(InboundKind.LOCATION, location=location)


def _order(node: Json) -> Content:
    order = child(node, "order")
    ordered = tuple(
        OrderedItem(_said(item, "product_retailer_id")[: limits.RETAILER_ID], _quantity(item.get("quantity")))
        for item in items(order, "product_items")
    )
    if not ordered:
        raise Unreadable("an order of nothing")
    return Content(InboundKind.ORDER, text=text_at(order, "text", LONGEST), items=ordered)


def _file(kind: InboundKind) -> Callable[[Json], Content]:
    def reader(node: Json) -> Content:
        file = child(node, kind.value)
        caption = text_at(file, "caption", LONGEST)
        media = Media(
            provider_media_id=_said(file, "id"),
            mime_type=text_at(file, "mime_type", 200),
            caption=caption,
            filename=text_at(file, "filename", 500),
        )
        return Content(kind, text=caption, media=media)

    return reader


def _contacts(_: Json) -> Content:
    return Content(InboundKind.CONTACTS)


def _reaction(node: Json) -> Content:
    """A reaction taken back has no emoji."""
    reaction = child(node, "reaction")
    about = text_at(reaction, "message_id", limits.MESSAGE_ID)
    return Content(InboundKind.REACTION, emoji=text_at(reaction, "emoji", 64), about=about)


def _system(node: Json) -> Content:
    """A changed number or user id: kept for the seller, nothing to answer."""
    return Content(InboundKind.SYSTEM, text=text_at(child(node, "system"), "body", LONGEST))


def _opened(_: Json) -> Content:
    """The shopper opened the chat and has said nothing yet."""
    return Content(InboundKind.SYSTEM)


def _revoke(node: Json) -> Content:
    about = text_at(child(node, "revoke"), "original_message_id", limits.MESSAGE_ID)
    return Content(InboundKind.SYSTEM, about=about)


def _edit(node: Json) -> Content:
    """New words of a message that was answered already: they must not be acted on a second time."""
    edit = child(node, "edit")
    text = text_at(child(child(edit, "message"), "text"), "body", LONGEST)
    return Content(
        InboundKind.UNSUPPORTED, text=text, about=text_at(edit, "original_message_id", limits.MESSAGE_ID)
    )


READERS: Dict[str, Callable[[Json], Content]] = {
    "text": _text,
    "interactive": _interactive,
    "button": _template_button,
    "location": _location,
    "order": _order,
    "image": _file(InboundKind.IMAGE),
    "video": _file(InboundKind.VIDEO),
    "audio": _file(InboundKind.AUDIO),
    "document": _file(InboundKind.DOCUMENT),
    "sticker": _file(InboundKind.STICKER),
    "contacts": _contacts,
    "reaction": _reaction,
    "system": _system,
    "request_welcome": _opened,
    "revoke": _revoke,
    "edit": _edit,
}


def _said(node: Json, name: str) -> str:
    text = text_at(node, name, LONGEST)
    if text is None:
        raise Unreadable(f"{name} is missing")
    return text


def _degrees(value: Any, most: int) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not -most <= value <= most:
        raise Unreadable("coordinates are missing or off the globe")
    return float(value)


def _quantity(value: Any) -> int:
    number = (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 8
        else value
    )
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= limits.MAX_QUANTITY:
        raise Unreadable("a quantity is missing or unreasonable")
    return number
