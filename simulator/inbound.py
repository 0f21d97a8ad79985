"""What a shopper can send, as the objects Meta puts into its webhooks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.chats import Chat, Message
from simulator.media import File, Media, photo
from simulator.wire import Json

TINY_FILES = {
    "audio": File(b"OggS" + bytes(60), "audio/ogg; codecs=opus"),
    "video": File(b"\x00\x00\x00\x18ftypmp42" + bytes(60), "video/mp4"),
    "document": File(b"%PDF-1.4\n%%EOF\n", "application/pdf"),
    "sticker": File(b"RIFF\x1a\x00\x00\x00WEBPVP8L" + bytes(18), "image/webp"),
}


class CannotSend(Exception):
    """The phone can't send this; the text says why."""


@dataclass(frozen=True)
class Part:
    """A message's type and Meta's object for it, the message it answers, and the file the phone shows."""

    type: str
    content: Any
    quoted: str | None = None
    media: str | None = None
    beside: Json = field(default_factory=dict)


def build(kind: str, facts: Json, chat: Chat, media: Media) -> Part:
    """The part for ``kind`` with ``facts``. Raises CannotSend when they don't make one."""
    if kind not in KINDS:
        raise CannotSend(f"No phone sends {kind!r}; it sends {', '.join(sorted(KINDS))}.")
    try:
        return KINDS[kind](facts, chat, media)
    except KeyError as error:
        raise CannotSend(f"{kind} needs {error}") from error


def _text(facts: Json, _chat: Chat, _media: Media) -> Part:
    return Part("text", {"body": str(facts["text"])}, facts.get("quoted"))


def _tap(facts: Json, chat: Chat, _media: Media) -> Part:
    """A tap on a choice by ``id`` or ``title``, in ``message`` or the newest message that has it."""
    wanted = chat.find(facts.get("message"))
    for message in [wanted] if wanted else reversed(chat.messages):
        for choice in () if message.by_shopper else message.choices:
            if facts.get("id") == choice["id"] or ("id" not in facts and facts["title"] == choice["title"]):
                message.picked = choice["id"]
                return Part("interactive", _reply(message, choice), message.id)
    raise CannotSend(f"Nothing on the screen offers {facts.get('id', facts.get('title'))!r}.")


def _reply(message: Message, choice: Json) -> Json:
    kind = "list_reply" if message.content["type"] == "list" else "button_reply"
    return {"type": kind, kind: choice}


def _forged(kind: str) -> Callable[[Json, Chat, Media], Part]:
    """A reply nobody offered, as a hostile phone could send it."""

    def build_reply(facts: Json, _chat: Chat, _media: Media) -> Part:
        reply = {key: facts[key] for key in ("id", "title", "description") if key in facts}
        return Part("interactive", {"type": kind, kind: reply}, facts.get("quoted"))

    return build_reply


def _button(facts: Json, _chat: Chat, _media: Media) -> Part:
    return Part("button", {"payload": facts["payload"], "text": facts["text"]}, facts.get("quoted"))


def _location(facts: Json, _chat: Chat, _media: Media) -> Part:
    place = {key: facts[key] for key in ("name", "address", "url") if facts.get(key)}
    return Part(
        "location",
        {"latitude": facts["latitude"], "longitude": facts["longitude"], **place},
        facts.get("quoted"),
    )


def _image(facts: Json, _chat: Chat, media: Media) -> Part:
    file = photo(facts["photo"])
    content: Json = {"mime_type": file.mime_type, "sha256": file.sha256, "id": media.add(file)}
    if facts.get("caption"):
        content["caption"] = facts["caption"]
    return Part("image", content, media=content["id"])


def _file(kind: str) -> Callable[[Json, Chat, Media], Part]:
    def build_file(facts: Json, _chat: Chat, media: Media) -> Part:
        file = TINY_FILES[kind]
        extra: Json = {key: facts[key] for key in ("caption", "filename") if facts.get(key)}
        if kind == "audio":
            extra["voice"] = bool(facts.get("voice", True))
        if kind == "sticker":
            extra["animated"] = False
        return Part(
            kind, {"mime_type": file.mime_type, "sha256": file.sha256, "id": media.add(file), **extra}
        )

    return build_file


def _contacts(facts: Json, _chat: Chat, _media: Media) -> Part:
    name = {"formatted_name": facts["name"], "first_name": str(facts["name"]).split()[0]}
    phone = {"phone": facts["phone"], "wa_id": str(facts["phone"]).lstrip("+"), "type": "CELL"}
    return Part("contacts", [{"name": name, "phones": [phone]}])


def _reaction(facts: Json, _chat: Chat, _media: Media) -> Part:
    return Part("reaction", {"message_id": facts["message"], "emoji": facts.get("emoji", "👍")})


def _order(facts: Json, _chat: Chat, _media: Media) -> Part:
    products = [
        {
            "product_retailer_id": item["sku"],
            "quantity": item["quantity"],
            "item_price": item.get("price", 1),
            "currency": item.get("currency", "NGN"),
        }
        for item in facts["items"]
    ]
    return Part(
        "order", {"catalog_id": "194836987003835", "text": facts.get("text", ""), "product_items": products}
    )


def _system(facts: Json, chat: Chat, _media: Media) -> Part:
    number = facts.get("number", chat.shopper.wa_id)
    words = f"User {chat.shopper.name} changed from {chat.shopper.wa_id} to {number}"
    return Part("system", {"body": words, "wa_id": number, "type": "user_changed_number"})


def _unsupported(_facts: Json, _chat: Chat, _media: Media) -> Part:
    details = {"details": "Message type is currently not supported."}
    error = {
        "code": 131051,
        "title": "Message type unknown",
        "message": "Message type unknown",
        "error_data": details,
    }
    return Part("unsupported", {"type": "unknown"}, beside={"errors": [error]})


def _raw(facts: Json, _chat: Chat, _media: Media) -> Part:
    """Anything at all: ``message`` is the object itself."""
    message = dict(facts["message"])
    kind = str(message.pop("type", "unknown"))
    return Part(kind, message.pop(kind, {}), beside=message)


KINDS: dict[str, Callable[[Json, Chat, Media], Part]] = {
    "text": _text,
    "tap": _tap,
    "button_reply": _forged("button_reply"),
    "list_reply": _forged("list_reply"),
    "button": _button,
    "location": _location,
    "image": _image,
    "audio": _file("audio"),
    "video": _file("video"),
    "document": _file("document"),
    "sticker": _file("sticker"),
    "contacts": _contacts,
    "reaction": _reaction,
    "order": _order,
    "system": _system,
    "unsupported": _unsupported,
    "raw": _raw,
}
