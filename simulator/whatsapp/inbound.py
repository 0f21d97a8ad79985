"""What a shopper can send, as the objects Meta puts into its webhooks."""

import json
from collections.abc import Callable

from simulator.chats import Chat, Face, Message
from simulator.dialect import Part, tap
from simulator.media import TINY_FILES, Media, photo
from simulator.wire import Json

CATALOGUE = "194836987003835"
AD: Json = {
    "source_url": "https://fb.me/3cr4Wqqkv",
    "source_id": "120226305854810726",
    "source_type": "ad",
    "headline": "New in",
    "body": "Fresh from the market",
    "media_type": "image",
    "image_url": "https://scontent.xx.fbcdn.net/v/t45.1",
    "ctwa_clid": "Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4",
}

type Build = Callable[[Json, Chat, Media], Part]


def _text(facts: Json, _chat: Chat, _media: Media) -> Part:
    """Words; with ``referral`` they came from an advertisement, with ``product`` from that product's page."""
    beside: Json = {}
    if facts.get("referral"):
        beside["referral"] = {**AD, **facts["referral"]}
    if facts.get("product"):
        viewed = {"catalog_id": CATALOGUE, "product_retailer_id": facts["product"]}
        beside["context"] = {"referred_product": viewed}
    return Part("text", {"body": str(facts["text"])}, facts.get("quoted"), beside=beside)


def _tap(facts: Json, chat: Chat, _media: Media) -> Part:
    """A tap on a choice by ``id`` or ``title``, in ``message`` or the newest message that has it."""
    message, choice = tap(facts, chat)
    return Part("interactive", _reply(message, choice), message.id)


def _reply(message: Message, choice: Json) -> Json:
    kind = "list_reply" if message.content["type"] == "list" else "button_reply"
    return {"type": kind, kind: {name: value for name, value in choice.items() if name != "card"}}


def _forged(kind: str) -> Build:
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


def _file(kind: str) -> Build:
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
    return Part("order", {"catalog_id": CATALOGUE, "text": facts.get("text", ""), "product_items": products})


def _system(facts: Json, chat: Chat, _media: Media) -> Part:
    """The shopper's number changed to ``number``, or with ``user_id`` their business-scoped id did."""
    shopper = chat.shopper
    if "user_id" in facts:
        words = f"User {shopper.name} changed from {shopper.user_id} to {facts['user_id']}"
        changed = {"user_id": facts["user_id"], "previous_user_id": shopper.user_id}
        return Part("system", {"body": words, "type": "user_changed_user_id", **changed})
    number = str(facts.get("number", shopper.wa_id)).lstrip("+")
    words = f"User {shopper.name} changed from {shopper.wa_id} to {number}"
    return Part("system", {"body": words, "wa_id": number, "type": "user_changed_number"})


def _edit(facts: Json, chat: Chat, _media: Media) -> Part:
    """New words for the shopper's own ``message``; on the phone too."""
    edited = chat.find(facts["message"])
    if edited is not None:
        edited.face = Face(str(facts["text"]))
    new = {"type": "text", "text": {"body": str(facts["text"])}}
    content = {"original_message_id": facts["message"], "message": new}
    return Part("edit", content, face=Face(f"Edited: {facts['text']}"), touched=facts["message"])


def _revoke(facts: Json, chat: Chat, _media: Media) -> Part:
    """The shopper takes back their own ``message``."""
    taken_back = chat.find(facts["message"])
    if taken_back is not None:
        taken_back.face = Face("You deleted this message")
    content = {"original_message_id": facts["message"]}
    return Part("revoke", content, face=Face("Deleted a message"), touched=facts["message"])


def _echo(facts: Json, _chat: Chat, _media: Media) -> Part:
    """What the seller typed with the WhatsApp app on their own phone."""
    return Part("text", {"body": str(facts["text"])}, place="echo")


def _standby(facts: Json, _chat: Chat, _media: Media) -> Part:
    """What the shopper wrote while another of the seller's agents has the conversation."""
    return Part("text", {"body": str(facts["text"])}, place="standby")


def _flow(facts: Json, _chat: Chat, _media: Media) -> Part:
    """A filled-in form; ``fields`` are its answers."""
    reply = {"name": "flow", "body": "Sent", "response_json": json.dumps(facts["fields"])}
    return Part("interactive", {"type": "nfm_reply", "nfm_reply": reply}, facts.get("quoted"))


def _share_phone(facts: Json, chat: Chat, _media: Media) -> Part:
    """The shopper's own number, as the button of a request for it sends it."""
    asked = facts.get("quoted") or next(
        (one.id for one in reversed(chat.messages) if one.face.ask == "phone"), None
    )
    shopper = chat.shopper
    name = {"formatted_name": shopper.name, "first_name": shopper.name.split()[0]}
    phone = {"phone": shopper.number, "wa_id": shopper.wa_id, "type": "CELL"}
    card = {"origin": "contact_request", "name": name, "phones": [phone]}
    return Part("contacts", [card], asked, face=Face(shopper.number))


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


KINDS: dict[str, Build] = {
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
    "edit": _edit,
    "revoke": _revoke,
    "echo": _echo,
    "standby": _standby,
    "flow": _flow,
    "share_phone": _share_phone,
    "system": _system,
    "unsupported": _unsupported,
    "raw": _raw,
}
