"""Twilio's rules for the form that sends a message ("Messages resource", 2026)."""

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from simulator.twilio.errors import TwilioRefusal

LONGEST_BODY = 1600
MOST_MEDIA = 10
E164 = re.compile(r"\+[1-9]\d{6,14}")
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
WHATSAPP = "whatsapp:"

type Form = Mapping[str, Sequence[str]]


def check(form: Form) -> None:
    """Raises TwilioRefusal at the first fault of a form to ``Messages.json``."""
    sent_to, sent_from = one(form, "To"), one(form, "From")
    if not sent_to:
        raise TwilioRefusal(21604)
    if not sent_from:
        raise TwilioRefusal(21603)
    if sent_to.startswith(WHATSAPP) != sent_from.startswith(WHATSAPP):
        raise TwilioRefusal(21910)
    _address(sent_to, 21211)
    _address(sent_from, 21212)
    _content(form)
    callback = one(form, "StatusCallback")
    if callback and not _is_web_address(callback):
        raise TwilioRefusal(21609)


def one(form: Form, name: str) -> str:
    """A field's one value; empty when it isn't there."""
    return (form.get(name) or [""])[0]


def _address(address: str, code: int) -> None:
    name = address.removeprefix(WHATSAPP)
    is_user_id = address.startswith(WHATSAPP) and USER_ID.fullmatch(name)
    if not (E164.fullmatch(name) or is_user_id):
        raise TwilioRefusal(code, f"The number {address} is not a valid phone number." if name else "")


def _content(form: Form) -> None:
    body, media = one(form, "Body"), form.get("MediaUrl", [])
    if not body.strip() and not media and not one(form, "ContentSid"):
        raise TwilioRefusal(21602)
    if len(body) > LONGEST_BODY:
        raise TwilioRefusal(21617)
    if len(media) > (1 if one(form, "To").startswith(WHATSAPP) else MOST_MEDIA):
        raise TwilioRefusal(21623)
    if not all(map(_is_web_address, media)):
        raise TwilioRefusal(21620)
    try:
        json.loads(one(form, "ContentVariables") or "{}")
    except ValueError:
        raise TwilioRefusal(21656, "The ContentVariables Parameter is invalid.") from None


def _is_web_address(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", value)
