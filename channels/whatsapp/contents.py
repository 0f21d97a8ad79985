"""What a message says: one reader for each of Meta's message types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Optional, Tuple

from channels import payload
from channels.messages import InboundKind, Location, Media, OrderedItem, Referral
from channels.meta.nodes import Json, Unreadable, child, items, name_at, text_at
from channels.provider import MalformedWebhook
from channels.whatsapp import limits, numbers

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
    fields: Dict[str, Any] = field(default_factory=dict)
    shared_phone: Optional[str] = None
    moved_to: Optional[str] = None
    referral: Optional[Referral] = None


def read(node: Json) -> Content:
    """The content of a message; ``UNSUPPORTED`` when its type is unknown or its content unreadable."""
    kind = node.get("type")
    reader = READERS.get(kind, _unsupported) if isinstance(kind, str) else _unsupported
    try:
        return reader(node)
    except Unreadable:
        return _unsupported(node)


def _text(node: Json) -> Content:
    return Content(InboundKind.TEXT, text=_said(child(node, "text"), "body"))


def _interactive(node: Json) -> Content:
    interactive = child(node, "interactive")
    for name in ("button_reply", "list_reply"):
        if reply := child(interactive, name):
            return _choice(reply, "title", "id")
    if reply := child(interactive, "nfm_reply"):
        return Content(InboundKind.FORM, fields=_answers(reply.get("response_json")))
    if child(interactive, "call_permission_reply"):
        return Content(InboundKind.SYSTEM)
    return _product(interactive)


def _answers(given: Any) -> Dict[str, Any]:
    """A form's answers, which come as JSON in a string."""
    if isinstance(given, dict):
        return given
    if not isinstance(given, str):
        raise Unreadable("a form without answers")
    try:
        return payload.read_object(given.encode())
    except MalformedWebhook as fault:
        raise Unreadable("a form whose answers are not JSON") from fault


def _product(interactive: Json) -> Content:
    """A product of the seller's catalogue that the shopper sent into the chat."""
    for holder in (child(interactive, "product"), child(interactive, "action"), interactive):
        if sku := text_at(holder, "product_retailer_id", limits.RETAILER_ID):
            said = text_at(child(interactive, "body"), "text", LONGEST)
            return Content(InboundKind.REFERRAL, text=said, referral=Referral("product", sku=sku))
    raise Unreadable("an interactive answer that is not known")


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
            provider_media_id=name_at(file, "id", limits.MESSAGE_ID),
            mime_type=text_at(file, "mime_type", 200),
            caption=caption,
            filename=text_at(file, "filename", 500),
            url=text_at(file, "url", 4096) or text_at(file, "link", 4096),
        )
        if not (media.provider_media_id or media.url):
            raise Unreadable("a file that lies nowhere")
        return Content(kind, text=caption, media=media)

    return reader


def _contacts(node: Json) -> Content:
    """Contact cards. Only one given in answer to our own request is surely the shopper's own number."""
    asked = (card for card in items(node, "contacts") if card.get("origin") == "contact_request")
    phones = (phone for card in asked for phone in items(card, "phones"))
    shared = (numbers.e164(phone.get(name)) for phone in phones for name in ("wa_id", "phone"))
    return Content(InboundKind.CONTACTS, shared_phone=next((number for number in shared if number), None))


def _reaction(node: Json) -> Content:
    """A reaction taken back has no emoji."""
    reaction = child(node, "reaction")
    about = text_at(reaction, "message_id", limits.MESSAGE_ID)
    return Content(InboundKind.REACTION, emoji=text_at(reaction, "emoji", 64), about=about)


def _system(node: Json) -> Content:
    """A changed number or user id: kept for the seller, nothing to answer."""
    system = child(node, "system")
    moved_to = None
    if system.get("type") == "user_changed_user_id":
        moved_to = name_at(system, "user_id", limits.SENDER)
    elif system.get("type") in ("user_changed_number", "customer_changed_number"):
        names = ("wa_id", "new_wa_id", "user_id")
        found = (name_at(system, name, limits.SENDER) for name in names)
        moved_to = next((address for address in found if address), None)
    return Content(InboundKind.SYSTEM, text=text_at(system, "body", LONGEST), moved_to=moved_to)


def _opened(_: Json) -> Content:
    """The shopper opened the chat and has said nothing yet."""
    return Content(InboundKind.SYSTEM)


def _revoke(node: Json) -> Content:
    return Content(InboundKind.DELETION, about=_original(child(node, "revoke")))


def _edit(node: Json) -> Content:
    """New words of a message, or of a file's caption."""
    edit = child(node, "edit")
    message = child(edit, "message")
    holders = (child(message, name) for name in ("text", "image", "video", "document"))
    said = (text_at(holder, name, LONGEST) for holder in holders for name in ("body", "caption"))
    return Content(
        InboundKind.EDIT, text=next((words for words in said if words), None), about=_original(edit)
    )


def _original(node: Json) -> str:
    about = text_at(node, "original_message_id", limits.MESSAGE_ID)
    if about is None:
        raise Unreadable("which message it was is missing")
    return about


def _unsupported(node: Json) -> Content:
    """What Meta can't pass on (``fields`` say why), or what it added since this was written."""
    for error in items(node, "errors"):
        code = name_at(error, "code", 20)
        said = text_at(child(error, "error_data"), "details", 500) or text_at(error, "title", 500)
        told = {"error_code": code, "error": said, "type": text_at(child(node, "unsupported"), "type", 100)}
        return Content(InboundKind.UNSUPPORTED, fields={name: value for name, value in told.items() if value})
    return Content(InboundKind.UNSUPPORTED)


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
