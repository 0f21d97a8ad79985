"""What a shopper can send by SMS, or by WhatsApp through Twilio, as the parameters of Twilio's webhooks."""

from collections.abc import Callable

from simulator.chats import Chat, Face
from simulator.dialect import Part, tap
from simulator.media import TINY_FILES, File, Media, photo
from simulator.settings import Channel
from simulator.wire import Json

type Build = Callable[[Json, Chat, Media], Part]


def _text(facts: Json, _chat: Chat, _media: Media) -> Part:
    """Words; on WhatsApp with ``referral`` out of an advertisement."""
    words = str(facts["text"])
    content = {"Body": words, "MessageType": "text"}
    if facts.get("referral"):
        ad = {
            "ReferralBody": "Fresh from the market",
            "ReferralHeadline": "New in",
            "ReferralSourceId": "120226305854810726",
            "ReferralSourceType": "ad",
            "ReferralSourceUrl": "https://fb.me/3cr4Wqqkv",
            "ReferralCtwaClid": "Aff-n8ZTODiE79d22KtAwQKj9e",
            "ReferralNumMedia": "0",
        }
        content |= {**ad, **facts["referral"]}
    return Part("text", content, facts.get("quoted"), face=Face(words))


def _tap(facts: Json, chat: Chat, media: Media) -> Part:
    """The number of a numbered line, typed; or a tap on a template's button."""
    message, choice = tap(facts, chat)
    if choice.get("as") == "number":
        return _text({"text": choice["id"]}, chat, media)
    content = {
        "Body": choice["title"],
        "ButtonText": choice["title"],
        "ButtonPayload": choice["id"],
        "MessageType": "button",
    }
    return Part("button", content, message.id, face=Face(choice["title"]))


def _button(facts: Json, _chat: Chat, _media: Media) -> Part:
    """A template's button nobody offered, as a hostile phone could send it."""
    title = str(facts["text"])
    content = {"Body": title, "ButtonText": title, "ButtonPayload": facts["payload"], "MessageType": "button"}
    return Part("button", content, facts.get("quoted"), face=Face(title))


def _location(facts: Json, _chat: Chat, _media: Media) -> Part:
    place = {"Latitude": str(facts["latitude"]), "Longitude": str(facts["longitude"])}
    if facts.get("name"):
        place["Label"] = facts["name"]
    if facts.get("address"):
        place["Address"] = facts["address"]
    return Part("location", {"Body": "", "MessageType": "location", **place}, face=Face())


def _attached(file: File, kind: str, facts: Json, chat: Chat, media: Media) -> Part:
    media_id = media.add(file)
    account = media.account
    address = media.address(f"twilio/2010-04-01/Accounts/{account}/Messages/MM{media_id}/Media/ME{media_id}")
    content = {
        "Body": str(facts.get("caption", "")),
        "MessageType": kind,
        "MediaUrl0": address,
        "MediaContentType0": file.mime_type.partition(";")[0],
    }
    shown = media_id if kind == "image" else None
    words = str(facts.get("caption") or ("" if shown else kind.title()))
    return Part(kind, content, media=shown, face=Face(words))


def _image(facts: Json, chat: Chat, media: Media) -> Part:
    return _attached(photo(facts["photo"]), "image", facts, chat, media)


def _file(kind: str) -> Build:
    def build_file(facts: Json, chat: Chat, media: Media) -> Part:
        return _attached(TINY_FILES[kind], kind, facts, chat, media)

    return build_file


def _contacts(facts: Json, chat: Chat, media: Media) -> Part:
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{facts['name']}\nTEL:{facts['phone']}\nEND:VCARD\n"
    return _attached(File(card.encode(), "text/vcard"), "contacts", {"caption": ""}, chat, media)


def _unsupported(_facts: Json, _chat: Chat, _media: Media) -> Part:
    return Part("unsupported", {"Body": "", "MessageType": "unsupported"}, face=Face("Unsupported message"))


def _raw(facts: Json, _chat: Chat, _media: Media) -> Part:
    """Any parameters at all: ``message`` has them."""
    content = {str(name): str(value) for name, value in facts["message"].items()}
    return Part("text", content, face=Face(content.get("Body", "")))


SMS: dict[str, Build] = {"text": _text, "tap": _tap, "image": _image, "raw": _raw}
WHATSAPP: dict[str, Build] = {
    **SMS,
    "button": _button,
    "location": _location,
    "audio": _file("audio"),
    "video": _file("video"),
    "document": _file("document"),
    "sticker": _file("sticker"),
    "contacts": _contacts,
    "unsupported": _unsupported,
}
KINDS = {Channel.SMS_TWILIO: SMS, Channel.WHATSAPP_TWILIO: WHATSAPP}
