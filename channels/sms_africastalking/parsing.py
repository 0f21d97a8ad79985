"""What Africa's Talking posts about text messages: one that came in, a delivery report, an opt-out.

All come to one address, and are told apart by their fields ("SMS notifications": incoming messages, delivery
reports, bulk SMS opt out). A delivery report names the shopper's number and not the seller's: its
``account`` is empty, and its message is found by the id it was sent under. An opt-out has no id of its own:
it is known by who opted out of what in which minute, since they may opt in and out again.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timezone
from typing import Optional

from channels.forms import Form
from channels.messages import ConsentWord, InboundKind, InboundMessage, Receipt, ReceiptStatus
from channels.provider import MalformedWebhook, Parsed, WebhookRequest

STATUSES = {
    "sent": ReceiptStatus.SENT,
    "submitted": ReceiptStatus.SENT,
    "buffered": ReceiptStatus.SENT,
    "success": ReceiptStatus.DELIVERED,
    "failed": ReceiptStatus.FAILED,
    "rejected": ReceiptStatus.FAILED,
    "absentsubscriber": ReceiptStatus.FAILED,
    "expired": ReceiptStatus.FAILED,
}
ID, ADDRESS, TEXT = 200, 60, 65_536
# A space is a plus sign that someone forgot to encode.
WHEN = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?\s*(?:Z|([+ -])(\d\d):?(\d\d)?)?")
NUMBER = re.compile(r"[0-9]{9,15}")
EARLIEST = datetime(2010, 1, 1, tzinfo=timezone.utc)


class Unreadable(Exception):
    """A form that can't be read; the text says why, for whoever looks into the quarantine."""


def parse(request: WebhookRequest) -> Parsed:
    """What the form holds. Raises MalformedWebhook when it is none of the three."""
    form = Form(request.body)
    try:
        if form.text("from", ADDRESS) and form.text("id", ID):
            return Parsed(messages=(_message(form, request),))
        if form.text("status", ADDRESS) and form.text("id", ID):
            return Parsed(receipts=(_receipt(form, request),))
        if form.text("phoneNumber", ADDRESS) and form.text("senderId", ADDRESS):
            return Parsed(messages=(_opt_out(form, request),))
    except Unreadable as fault:
        return Parsed(quarantined=((form.raw(), str(fault)),))
    raise MalformedWebhook("the body is not an Africa's Talking SMS webhook")


def _message(form: Form, request: WebhookRequest) -> InboundMessage:
    text = form.text("text", TEXT)
    return InboundMessage(
        provider_message_id=_required(form, "id", ID),
        account=_address(form, "to"),
        sender=_address(form, "from"),
        sent_at=_time(form.text("date", 60), request.received_at),
        kind=InboundKind.TEXT if text else InboundKind.UNSUPPORTED,
        text=text,
        raw=form.raw(),
    )


def _receipt(form: Form, request: WebhookRequest) -> Receipt:
    status = _required(form, "status", ADDRESS)
    known = STATUSES.get(status.lower())
    if known is None:
        raise Unreadable(f"a status {status}, which is not known")
    reason = form.text("failureReason", 200)
    is_failed = known is ReceiptStatus.FAILED
    return Receipt(
        account="",
        provider_message_id=_required(form, "id", ID),
        status=known,
        at=request.received_at,
        recipient=form.text("phoneNumber", ADDRESS),
        error_code=(reason or status)[:50] if is_failed else None,
        error_text=reason if is_failed else None,
        raw=form.raw(),
    )


def _opt_out(form: Form, request: WebhookRequest) -> InboundMessage:
    sender, account = _address(form, "phoneNumber"), _address(form, "senderId")
    told = "\n".join((sender, account, request.received_at.isoformat(timespec="minutes")))
    return InboundMessage(
        provider_message_id=f"opt-out-{hashlib.sha256(told.encode()).hexdigest()[:32]}",
        account=account,
        sender=sender,
        sent_at=request.received_at,
        kind=InboundKind.SYSTEM,
        consent=ConsentWord.STOP,
        raw=form.raw(),
    )


def _address(form: Form, name: str) -> str:
    """A number, E.164, or a short code or name as it is."""
    value = _required(form, name, ADDRESS)
    return f"+{value}" if NUMBER.fullmatch(value) else value


def _required(form: Form, name: str, limit: int) -> str:
    value = form.text(name, limit)
    if value is None:
        raise Unreadable(f"{name} is missing")
    return value


def _time(told: Optional[str], received_at: datetime) -> datetime:
    """When a message was sent, never later than it came; when it came, if it tells nothing readable.

    Seen with a zone and without, ISO and not; without one it is taken for UTC.
    """
    read = _read_time(told or "")
    return min(read, received_at) if read is not None and read >= EARLIEST else received_at


def _read_time(told: str) -> Optional[datetime]:
    found = WHEN.fullmatch(told.upper())
    if found is None:
        return None
    day, clock, sign, hours, minutes = found.groups()
    zone = f"{'-' if sign == '-' else '+'}{hours or '00'}:{minutes or '00'}"
    try:
        return datetime.fromisoformat(f"{day}T{clock}{zone}").astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
