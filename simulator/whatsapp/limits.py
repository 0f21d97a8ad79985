"""Meta's documented rules for the body of a message send, checked as strictly as Meta checks them.

``check`` returns nothing and raises GraphRefusal at the first fault, so that a message our product builds
wrongly fails in development and not at a shop. Figures: Meta's Cloud API reference, pages "Messages",
"Interactive reply buttons messages" and "Interactive list messages" (2026-05).
"""

from collections.abc import Callable
from typing import Any

from simulator.whatsapp import interactive
from simulator.whatsapp.checks import fields, items, media, text
from simulator.whatsapp.errors import GraphRefusal
from simulator.wire import Json

ENVELOPE = {
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
}


def check(body: Any) -> Json:
    """The body of ``POST …/messages`` when it is a message Meta would accept. Raises GraphRefusal."""
    if not isinstance(body, dict):
        raise GraphRefusal(100, "The request body must be a JSON object.")
    kind = body.get("type", "text")
    if not isinstance(kind, str) or kind not in KINDS:
        raise GraphRefusal(131051, f"Message type {kind!r} is not supported.")
    fields(body, "body", need=("messaging_product", kind), may=ENVELOPE)
    check_product(body)
    if body.get("recipient_type", "individual") != "individual":
        raise GraphRefusal(131009, "recipient_type must be 'individual'.")
    check_recipient(body)
    if "context" in body:
        text(
            fields(body["context"], "context", need=("message_id",))["message_id"],
            "context['message_id']",
            512,
        )
    if "biz_opaque_callback_data" in body:
        text(body["biz_opaque_callback_data"], "biz_opaque_callback_data", 512)
    KINDS[kind](body[kind])
    return body


def check_product(body: Json) -> None:
    """Every body names its product, also one that marks a message as read."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphRefusal(100, "The parameter messaging_product is required and must be 'whatsapp'.")


def check_recipient(body: Json) -> None:
    """A phone number in ``to`` or a business-scoped user id in ``recipient``."""
    if body.get("to"):
        number = text(body["to"], "to", 24).lstrip("+")
        if not (number.isascii() and number.isdigit() and 7 <= len(number) <= 15):
            raise GraphRefusal(131009, f"to: {body['to']!r} is not a phone number.")
        return
    country, _, rest = text(body.get("recipient", ""), "to", 160).partition(".")
    if len(country) != 2 or not rest.isalnum():
        raise GraphRefusal(131009, "recipient is not a business-scoped user ID.")


def _text(part: Any) -> None:
    fields(part, "text", need=("body",), may=("preview_url",))
    text(part["body"], "text['body']", 4096)
    if not isinstance(part.get("preview_url", False), bool):
        raise GraphRefusal(100, "Param text['preview_url'] must be a boolean.")


def _location(part: Any) -> None:
    fields(part, "location", need=("latitude", "longitude"), may=("name", "address"))
    for key, bound in (("latitude", 90), ("longitude", 180)):
        try:
            degrees = float(part[key])
        except (TypeError, ValueError):
            raise GraphRefusal(100, f"Param location['{key}'] must be a number.") from None
        if not -bound <= degrees <= bound:
            raise GraphRefusal(131009, f"location['{key}'] is out of range.")
    for key in ("name", "address"):
        if key in part:
            text(part[key], f"location['{key}']", 1000)


def _reaction(part: Any) -> None:
    fields(part, "reaction", need=("message_id",), may=("emoji",))
    text(part.get("emoji"), "reaction['emoji']", 16, least=0)


def _contacts(part: Any) -> None:
    for place, contact in enumerate(items(part, "contacts", 257)):
        name = contact.get("name") if isinstance(contact, dict) else None
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise GraphRefusal(
                131008, f"The parameter contacts[{place}]['name']['formatted_name'] is required."
            )


def _template(part: Any) -> None:
    fields(part, "template", need=("name", "language"), may=("components",))
    text(part["name"], "template['name']", 512)
    text(
        fields(part["language"], "language", need=("code",), may=("policy",))["code"], "language['code']", 16
    )
    items(part.get("components", []), "template['components']", 20, least=0)


def _interactive(part: Any) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    check_interactive = interactive.KINDS.get(kind) if isinstance(kind, str) else None
    if check_interactive is None:
        raise GraphRefusal(131009, f"interactive['type']: {kind!r} is not supported.")
    check_interactive(part)


KINDS: dict[str, Callable[[Any], None]] = {
    "text": _text,
    "image": lambda part: media(part, "image", "caption"),
    "video": lambda part: media(part, "video", "caption"),
    "audio": lambda part: media(part, "audio", "voice"),
    "document": lambda part: media(part, "document", "caption", "filename"),
    "sticker": lambda part: media(part, "sticker"),
    "location": _location,
    "reaction": _reaction,
    "contacts": _contacts,
    "template": _template,
    "interactive": _interactive,
}
