"""A WhatsApp message that came in through Twilio.

The shopper's number is ``From`` less ``whatsapp:+``, as WhatsApp's own ``wa_id`` writes it, so that both
roads of WhatsApp know one shopper by one address. A shopper who hides the number comes as a business-scoped
user id; the other names of theirs (``WaId``, ``ExternalUserId``) come along.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Optional, Tuple

from channels.forms import Form
from channels.messages import InboundKind, InboundMessage, Location, Media, Referral
from channels.provider import Parsed, WebhookRequest
from channels.twilio import callbacks, limits, media

PREFIX = "whatsapp:"
NUMBER = re.compile(r"\+?([0-9]{5,20})")
FILE_NAME = re.compile(r"\S[^\n/\\]{0,250}\.[A-Za-z0-9]{1,8}")
STICKER, REACTION = "sticker", "reaction"


def parse(request: WebhookRequest) -> Parsed:
    """The message or receipt in the form. Raises MalformedWebhook when it is not Twilio's."""
    return callbacks.parse(request, _message, account, shopper)


def account(value: Optional[str]) -> Optional[str]:
    """The seller's number, E.164; None for an address of another channel."""
    return value[len(PREFIX) :].strip() or None if value and value.startswith(PREFIX) else None


def shopper(value: Optional[str]) -> Optional[str]:
    """The shopper's number in digits, or their user id; None for an address of another channel."""
    name = account(value)
    number = NUMBER.fullmatch(name) if name else None
    return number[1] if number else name


def _message(form: Form, sid: str, request: WebhookRequest) -> InboundMessage:
    sender = callbacks.required(shopper(form.text("From", limits.ADDRESS)), "From")
    others = (shopper(form.text("ExternalUserId", limits.ADDRESS)), form.text("WaId", limits.ADDRESS))
    name = form.text("ProfileName", limits.PROFILE_NAME)
    message = InboundMessage(
        provider_message_id=sid,
        account=callbacks.required(account(form.text("To", limits.ADDRESS)), "To"),
        sender=sender,
        sender_ids=tuple(dict.fromkeys(one for one in others if one and one != sender)),
        sender_name=" ".join(name.split()) if name else None,
        sent_at=request.received_at,
        kind=InboundKind.UNSUPPORTED,
        text=form.text("Body", limits.TEXT),
        quoted_message_id=form.text("OriginalRepliedMessageSid", limits.MESSAGE_SID),
        referral=_referral(form),
        raw=form.raw(),
    )
    return _with_content(message, form)


def _with_content(message: InboundMessage, form: Form) -> InboundMessage:
    """The message with what it is, the most telling field first."""
    tapped = form.first(limits.CHOICE_ID, "ButtonPayload", "ListId")
    label = form.first(limits.TEXT, "ButtonText", "ListTitle")
    if tapped or label:
        return replace(message, kind=InboundKind.CHOICE, choice_id=tapped, text=label or message.text)
    if (form.text("MessageType", 30) or "").lower() == REACTION:
        return replace(message, kind=InboundKind.REACTION, emoji=(message.text or "")[:64] or None, text=None)
    location = _location(form)
    if location:
        return replace(message, kind=InboundKind.LOCATION, location=location)
    files = media.files(form, message.text)
    if files:
        return _with_files(message, files, form)
    return replace(message, kind=InboundKind.TEXT) if message.text else message


def _with_files(message: InboundMessage, files: Tuple[Media, ...], form: Form) -> InboundMessage:
    """With its files; of a document the words are its name, since Twilio has no field for that."""
    kind, first = media.kind(files[0]), files[0]
    if (form.text("MessageType", 30) or "").lower() == STICKER:
        kind = InboundKind.STICKER
    if kind is InboundKind.DOCUMENT and message.text and FILE_NAME.fullmatch(message.text):
        first = replace(first, filename=message.text, caption=None)
        message = replace(message, text=None)
    return replace(message, kind=kind, media=first, more_media=files[1:])


def _location(form: Form) -> Optional[Location]:
    latitude, longitude = _degrees(form, "Latitude", 90), _degrees(form, "Longitude", 180)
    if latitude is None or longitude is None:
        return None
    return Location(latitude, longitude, name=form.text("Label", 1000), address=form.text("Address", 1000))


def _degrees(form: Form, name: str, most: int) -> Optional[float]:
    try:
        degrees = float(form.text(name, 40) or "")
    except ValueError:
        return None
    return degrees if math.isfinite(degrees) and abs(degrees) <= most else None


def _referral(form: Form) -> Optional[Referral]:
    """The advertisement or post that the shopper came from."""
    found = Referral(
        source=form.text("ReferralSourceType", 50) or "ad",
        ref=form.text("ReferralCtwaClid", 500),
        source_id=form.text("ReferralSourceId", 200),
        source_url=form.text("ReferralSourceUrl", limits.URL),
        headline=form.text("ReferralHeadline", 500),
    )
    return found if found.ref or found.source_id or found.source_url or found.headline else None
