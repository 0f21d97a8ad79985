"""What an event says: one reader for each kind of event Instagram tells of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from channels.instagram import leads, limits
from channels.messages import InboundKind, Media, Referral
from channels.meta.nodes import Json, Unreadable, child, items, name_at, text_at

LONGEST = 65_536

FILES: Dict[str, InboundKind] = {
    "image": InboundKind.IMAGE,
    "video": InboundKind.VIDEO,
    "audio": InboundKind.AUDIO,
    "file": InboundKind.DOCUMENT,
    "animated_image": InboundKind.STICKER,
}
HEART = "❤️"
# Older webhooks name a reaction without its emoji.
EMOJI = {
    "love": HEART, "smile": "😆", "haha": "😆", "wow": "😮", "sad": "😢", "angry": "😠", "like": "👍",
    "dislike": "👎",
}  # fmt: skip


@dataclass(frozen=True)
class Content:
    """The part of an inbound message that depends on its kind.

    ``identity`` is the message's own id, None when the event has none; ``about`` the message it concerns.
    """

    kind: InboundKind
    identity: Optional[str] = None
    text: Optional[str] = None
    choice_id: Optional[str] = None
    media: Tuple[Media, ...] = ()
    emoji: Optional[str] = None
    about: Optional[str] = None
    referral: Optional[Referral] = None


def message(node: Json) -> Content:
    """A ``message``. Raises Unreadable when it has no id."""
    mid = _mid(node)
    if node.get("is_deleted") is True:
        return Content(InboundKind.DELETION, about=mid)
    replied = child(node, "reply_to")
    attachments = items(node, "attachments")
    led = leads.referral(child(node, "referral")) or leads.story(child(replied, "story"))
    pointed = (leads.attached(attachment) for attachment in attachments)
    referral = led or next((found for found in pointed if found), None)
    text = text_at(node, "text", LONGEST)
    files = _files(attachments)
    media = tuple(Media(caption=text, url=url) for _, url in files)
    tapped = text_at(child(node, "quick_reply"), "payload", limits.PAYLOAD)
    has_heart = any(attachment.get("type") == "like_heart" for attachment in attachments)
    if tapped:
        kind = InboundKind.CHOICE
    elif files:
        kind = files[0][0]
    else:
        kind = InboundKind.TEXT if text else _unworded(node, referral, has_heart=has_heart)
    return Content(
        kind,
        identity=mid,
        text=text,
        choice_id=tapped,
        media=media,
        emoji=HEART if has_heart else None,
        about=name_at(replied, "mid", limits.MESSAGE_ID),
        referral=referral,
    )


def edit(node: Json) -> Content:
    """A ``message_edit``: new words of a message. Instagram tells of new messages so too, as edit 0."""
    mid = _mid(node)
    if node.get("num_edit") in (0, "0"):
        raise Unreadable("kept aside: the message itself is told of by another event")
    text = text_at(node, "text", LONGEST)
    return Content(InboundKind.EDIT if text else InboundKind.UNSUPPORTED, text=text, about=mid)


def postback(node: Json) -> Content:
    """A tap on a card's or a template's button, an ice breaker or the menu; only some payloads are ours."""
    content = Content(
        InboundKind.CHOICE,
        identity=name_at(node, "mid", limits.MESSAGE_ID),
        text=text_at(node, "title", LONGEST),
        choice_id=text_at(node, "payload", limits.PAYLOAD),
        referral=leads.referral(child(node, "referral")),
    )
    if not (content.text or content.choice_id):
        raise Unreadable("a tap on nothing")
    return content


def reaction(node: Json) -> Content:
    """A reaction, without an emoji when it was taken back."""
    emoji = None
    if node.get("action") != "unreact":
        emoji = text_at(node, "emoji", 64) or EMOJI.get(str(node.get("reaction")), HEART)
    return Content(InboundKind.REACTION, emoji=emoji, about=_mid(node))


def referral(node: Json) -> Content:
    """A link with ``ref`` that was followed into a conversation there was already."""
    return Content(InboundKind.REFERRAL, referral=leads.referral(node))


def _unworded(node: Json, referral: Optional[Referral], *, has_heart: bool) -> InboundKind:
    """What a message is that has neither words nor files."""
    if has_heart:
        return InboundKind.STICKER
    is_known = referral is not None and node.get("is_unsupported") is not True
    return InboundKind.REFERRAL if is_known else InboundKind.UNSUPPORTED


def _files(attachments: List[Json]) -> List[Tuple[InboundKind, str]]:
    """The shopper's own files: their kinds and where they lie."""
    found: List[Tuple[InboundKind, str]] = []
    for attachment in attachments:
        kind: Any = attachment.get("type")
        url = text_at(child(attachment, "payload"), "url", 4096)
        if isinstance(kind, str) and kind in FILES and url:
            found.append((FILES[kind], url))
    return found


def _mid(node: Json) -> str:
    mid = name_at(node, "mid", limits.MESSAGE_ID)
    if mid is None:
        raise Unreadable("mid is missing or unreadable")
    return mid
