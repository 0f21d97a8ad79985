"""Instagram's rules for the body of a message send.

Figures: Meta's pages "Send messages", "Quick replies", "Generic template" and "Button template" for
Instagram (2026): text of 1,000 bytes in UTF-8, 13 quick replies of 20 characters, 10 cards with titles and
subtitles of 80 and 3 buttons of 20, payloads of 1,000.
"""

from collections.abc import Callable
from typing import Any

from simulator.instagram.errors import InstagramRefusal
from simulator.whatsapp.checks import fields, items, text, web_address
from simulator.whatsapp.errors import GraphRefusal
from simulator.wire import Json

TEXT_BYTES = 1000
MEDIA = ("image", "video", "audio", "file")
ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")


def check(body: Any) -> Json:
    """The body of ``POST …/messages`` when it is one Instagram would accept. Raises InstagramRefusal."""
    try:
        if not isinstance(body, dict):
            raise GraphRefusal(100, "The request body must be a JSON object.")
        _envelope(body)
        if "sender_action" in body:
            _action(body)
        else:
            _message(body["message"])
    except GraphRefusal as refusal:
        raise InstagramRefusal(100, refusal.details) from None
    return body


def _envelope(body: Json) -> None:
    need = ("recipient",) if "sender_action" in body else ("recipient", "message")
    fields(body, "body", need=need, may=("message", "messaging_type", "tag", "sender_action", "payload"))
    recipient = fields(body["recipient"], "recipient", may=("id", "comment_id"))
    if len(recipient) != 1:
        raise GraphRefusal(100, "Param recipient needs one of 'id' and 'comment_id'.")
    for value in recipient.values():
        text(value, "recipient", 64)
    if body.get("messaging_type", "RESPONSE") not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
        raise GraphRefusal(100, "Param messaging_type is not valid.")
    if body.get("tag", "HUMAN_AGENT") != "HUMAN_AGENT":
        raise GraphRefusal(100, "Param tag: only HUMAN_AGENT is supported.")


def _action(body: Json) -> None:
    if body["sender_action"] not in ACTIONS or "message" in body:
        raise GraphRefusal(100, "Param sender_action is not valid.")


def _message(message: Any) -> None:
    fields(message, "message", may=("text", "attachment", "attachments", "quick_replies", "reply_to"))
    said = [name for name in ("text", "attachment", "attachments") if name in message]
    if len(said) != 1:
        raise GraphRefusal(100, "Param message needs exactly one of 'text' and 'attachment'.")
    if "text" in message:
        _words(message["text"], "message['text']", TEXT_BYTES)
    elif "attachment" in message:
        _attachment(message["attachment"])
    else:
        for one in items(message["attachments"], "message['attachments']", 10):
            _attachment(one)
    replies = items(message.get("quick_replies", []), "message['quick_replies']", 13, least=0)
    for place, reply in enumerate(replies):
        _quick_reply(reply, f"quick_replies[{place}]")
    if "reply_to" in message:
        text(fields(message["reply_to"], "reply_to", need=("mid",))["mid"], "reply_to['mid']", 512)


def _words(value: Any, where: str, most_bytes: int) -> None:
    text(value, where, most_bytes)
    if len(value.encode()) > most_bytes:
        raise GraphRefusal(100, f"{where}: Length of param must be less than or equal to {most_bytes} bytes.")


def _quick_reply(reply: Any, where: str) -> None:
    fields(reply, where, need=("content_type",), may=("title", "payload"))
    if reply["content_type"] in ("user_phone_number", "user_email"):
        return
    if reply["content_type"] != "text":
        raise GraphRefusal(100, f"{where}['content_type'] is not valid.")
    text(reply.get("title"), f"{where}['title']", 20)
    text(reply.get("payload"), f"{where}['payload']", 1000)


def _attachment(attachment: Any) -> None:
    kind = fields(attachment, "attachment", need=("type", "payload"))["type"]
    if kind in MEDIA:
        payload = fields(attachment["payload"], "attachment['payload']", may=("url", "is_reusable"))
        web_address(payload.get("url"), "attachment['payload']['url']")
    elif kind == "template":
        payload = attachment["payload"]
        name = payload.get("template_type") if isinstance(payload, dict) else None
        if name not in TEMPLATES:
            raise GraphRefusal(100, f"template_type: {name!r} is not supported.")
        TEMPLATES[name](payload)
    else:
        raise GraphRefusal(100, f"attachment['type']: {kind!r} is not supported.")


def _generic(payload: Json) -> None:
    fields(payload, "payload", need=("template_type", "elements"))
    for place, element in enumerate(items(payload["elements"], "payload['elements']", 10)):
        where = f"elements[{place}]"
        fields(element, where, need=("title",), may=("subtitle", "image_url", "default_action", "buttons"))
        text(element["title"], f"{where}['title']", 80)
        if "subtitle" in element:
            text(element["subtitle"], f"{where}['subtitle']", 80)
        if "image_url" in element:
            web_address(element["image_url"], f"{where}['image_url']")
        if len(element) == 1:
            raise GraphRefusal(100, f"{where} needs more than a title.")
        for button in items(element.get("buttons", []), f"{where}['buttons']", 3, least=0):
            _button(button, where)


def _buttons(payload: Json) -> None:
    fields(payload, "payload", need=("template_type", "text", "buttons"))
    _words(payload["text"], "payload['text']", 640)
    for button in items(payload["buttons"], "payload['buttons']", 3):
        _button(button, "payload")


def _button(button: Any, where: str) -> None:
    kind = fields(button, f"{where}['button']", need=("type", "title"), may=("url", "payload"))["type"]
    text(button["title"], f"{where}['button']['title']", 20)
    if kind == "web_url":
        web_address(button.get("url"), f"{where}['button']['url']")
    elif kind == "postback":
        text(button.get("payload"), f"{where}['button']['payload']", 1000)
    else:
        raise GraphRefusal(100, f"{where}['button']['type']: {kind!r} is not supported.")


TEMPLATES: dict[str, Callable[[Json], None]] = {"generic": _generic, "button": _buttons}
