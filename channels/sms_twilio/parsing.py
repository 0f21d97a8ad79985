"""A text message that came in through Twilio, its pictures with it, or a word on consent.

Where Twilio itself answers STOP, START and HELP it says so in ``OptOutType`` ("Advanced Opt-Out").
"""

from __future__ import annotations

from typing import Optional

from channels.forms import Form
from channels.messages import ConsentWord, InboundKind, InboundMessage
from channels.provider import Parsed, WebhookRequest
from channels.twilio import callbacks, limits, media

CONSENT = {"STOP": ConsentWord.STOP, "START": ConsentWord.START, "HELP": ConsentWord.HELP}


def parse(request: WebhookRequest) -> Parsed:
    """The message or receipt in the form. Raises MalformedWebhook when it is not Twilio's."""
    return callbacks.parse(request, _message, address, address)


def address(value: Optional[str]) -> Optional[str]:
    """A number as Twilio writes it; None for an address of another channel."""
    return value if value and ":" not in value else None


def _message(form: Form, sid: str, request: WebhookRequest) -> InboundMessage:
    body = form.text("Body", limits.TEXT)
    files = media.files(form, body)
    kind = media.kind(files[0]) if files else InboundKind.TEXT if body else InboundKind.UNSUPPORTED
    return InboundMessage(
        provider_message_id=sid,
        account=callbacks.required(address(form.text("To", limits.ADDRESS)), "To"),
        sender=callbacks.required(address(form.text("From", limits.ADDRESS)), "From"),
        sent_at=request.received_at,
        kind=kind,
        text=body,
        media=files[0] if files else None,
        more_media=files[1:],
        consent=CONSENT.get((form.text("OptOutType", 20) or "").upper()),
        raw=form.raw(),
    )
