"""What a shopper can do on Instagram, as the events in Meta's webhooks.

An event's ``type`` is its key: ``message``, ``postback``, ``referral``, ``reaction``, ``message_edit``.
"""

from collections.abc import Callable
from typing import Any

from simulator.chats import Chat, Face
from simulator.dialect import CannotSend, Part, tap
from simulator.media import TINY_FILES, File, Media, photo
from simulator.wire import Json

type Build = Callable[[Json, Chat, Media], Part]
STORY = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=17900000000000001&signature=story"
REACTIONS = {"❤️": "love", "❤": "love", "😮": "wow", "😢": "sad", "😠": "angry", "👍": "like", "😂": "laugh"}


def _message(words: str = "", quoted: str | None = None, face: Face | None = None, **content: Any) -> Part:
    made = {**({"text": words} if words else {}), **content}
    if quoted:
        made["reply_to"] = {"mid": quoted}
    return Part("message", made, quoted, face=face or Face(words))


def _text(facts: Json, _chat: Chat, _media: Media) -> Part:
    """Words; with ``product`` written from a product of the seller's Instagram shop."""
    if facts.get("product"):
        referral = {"product": {"id": facts["product"]}}
        return _message(str(facts["text"]), facts.get("quoted"), referral=referral)
    return _message(str(facts["text"]), facts.get("quoted"))


def _tap(facts: Json, chat: Chat, _media: Media) -> Part:
    """A tap on a quick reply, which comes as words, or on a button, which comes as a postback."""
    message, choice = tap(facts, chat)
    if choice["id"] == "user_phone_number":
        # The button shows the shopper's own number, and sends it.
        return _message(chat.shopper.number, quick_reply={"payload": chat.shopper.number})
    if choice.get("as") == "quick":
        return _message(choice["title"], quick_reply={"payload": choice["id"]})
    content = {"title": choice["title"], "payload": choice["id"]}
    return Part("postback", content, message.id, face=Face(choice["title"]))


def _quick_reply(facts: Json, _chat: Chat, _media: Media) -> Part:
    """A quick reply nobody offered, as a hostile phone could send it."""
    return _message(facts["title"], quick_reply={"payload": facts["id"]})


def _postback(facts: Json, _chat: Chat, _media: Media) -> Part:
    """A tap on an ice breaker or the menu; with ``ref`` out of a link that brought the shopper."""
    content: Json = {"title": facts["title"], "payload": facts["payload"]}
    if facts.get("ref"):
        content["referral"] = _link(facts["ref"])
    return Part("postback", content, face=Face(facts["title"]))


def _link(ref: str) -> Json:
    return {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}


def _referral(facts: Json, _chat: Chat, _media: Media) -> Part:
    """The shopper came back by an ``ig.me`` link with ``ref``, or by an advertisement with ``ad``."""
    referral = _link(facts["ref"]) if facts.get("ref") else {}
    if facts.get("ad"):
        referral = {"source": "ADS", "type": "OPEN_THREAD", "ad_id": facts["ad"]}
    return Part("referral", referral, face=Face(f"Came by {referral.get('ref') or referral.get('ad_id')}"))


def _attachment(kind: str, address: str) -> Json:
    return {"type": kind, "payload": {"url": address}}


def _keep(file: File, media: Media) -> tuple[str, str]:
    media_id = media.add(file)
    return media_id, media.address(f"instagram/media/{media_id}")


def _image(facts: Json, _chat: Chat, media: Media) -> Part:
    media_id, address = _keep(photo(facts["photo"]), media)
    content = {"attachments": [_attachment("image", address)]}
    return Part("message", content, media=media_id, face=Face(str(facts.get("caption", ""))))


def _file(kind: str, name: str) -> Build:
    def build_file(_facts: Json, _chat: Chat, media: Media) -> Part:
        _, address = _keep(TINY_FILES[name], media)
        return _message(face=Face(name.title()), attachments=[_attachment(kind, address)])

    return build_file


def _story_reply(facts: Json, _chat: Chat, _media: Media) -> Part:
    """Words under one of the seller's stories."""
    story = {"story": {"url": STORY, "id": str(facts.get("story", "17900000000000001"))}}
    return _message(str(facts["text"]), face=Face(str(facts["text"])), reply_to=story)


def _story_mention(_facts: Json, _chat: Chat, _media: Media) -> Part:
    """The shopper named the seller in a story of their own."""
    face = Face("Mentioned you in a story")
    return _message(face=face, attachments=[_attachment("story_mention", STORY)])


def _share(facts: Json, _chat: Chat, _media: Media) -> Part:
    """A post of the seller's, shared into the chat."""
    payload = {"url": "https://www.instagram.com/p/C0/", "title": facts.get("title", "A post")}
    return _message(face=Face("Shared a post"), attachments=[{"type": "share", "payload": payload}])


def _reaction(facts: Json, _chat: Chat, _media: Media) -> Part:
    emoji = facts.get("emoji", "❤️")
    if not emoji:
        content = {"mid": facts["message"], "action": "unreact"}
        return Part("reaction", content, face=Face("Took a reaction back"))
    name = REACTIONS.get(emoji, "other")
    content = {"mid": facts["message"], "action": "react", "reaction": name, "emoji": emoji}
    return Part("reaction", content, face=Face(f"Reacted {emoji}"))


def _edit(facts: Json, chat: Chat, _media: Media) -> Part:
    edited = chat.find(facts["message"])
    if edited is not None:
        edited.face = Face(str(facts["text"]))
    content = {"mid": facts["message"], "text": str(facts["text"]), "num_edit": int(facts.get("edits", 1))}
    return Part("message_edit", content, face=Face(f"Edited: {facts['text']}"), touched=facts["message"])


def _revoke(facts: Json, chat: Chat, _media: Media) -> Part:
    """The shopper unsends their own ``message``."""
    gone = chat.find(facts["message"])
    if gone is not None:
        gone.face = Face("You unsent this message")
    content = {"mid": facts["message"], "is_deleted": True}
    return Part("message", content, face=Face("Unsent a message"), touched=facts["message"])


def _unsupported(_facts: Json, _chat: Chat, _media: Media) -> Part:
    return _message(face=Face("Something Instagram does not pass on"), is_unsupported=True)


def _echo(facts: Json, _chat: Chat, _media: Media) -> Part:
    """What the seller typed with the Instagram app."""
    content = {"text": str(facts["text"]), "is_echo": True}
    return Part("message", content, face=Face(str(facts["text"])), place="echo")


def _standby(facts: Json, _chat: Chat, _media: Media) -> Part:
    content = {"text": str(facts["text"])}
    return Part("message", content, face=Face(str(facts["text"])), place="standby")


def _raw(facts: Json, _chat: Chat, _media: Media) -> Part:
    """Anything at all: ``message`` is the event, without sender and recipient."""
    event = dict(facts["message"])
    if not event:
        raise CannotSend("An event has at least one key.")
    kind = next(iter(event))
    return Part(kind, event.pop(kind), beside=event)


KINDS: dict[str, Build] = {
    "text": _text,
    "tap": _tap,
    "quick_reply": _quick_reply,
    "postback": _postback,
    "referral": _referral,
    "image": _image,
    "audio": _file("audio", "audio"),
    "video": _file("video", "video"),
    "document": _file("file", "document"),
    "sticker": _file("image", "sticker"),
    "story_reply": _story_reply,
    "story_mention": _story_mention,
    "share": _share,
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "unsupported": _unsupported,
    "echo": _echo,
    "standby": _standby,
    "raw": _raw,
}
