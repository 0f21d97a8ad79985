"""A webhook's form: an inbound message, or what became of one of ours.

Both come to the same address: a status callback tells a status that no inbound message has ("Twilio's request
to your incoming message webhook URL", "Outbound message status in status callbacks"). Neither tells a time,
so both count from when they came.
"""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from channels.forms import Form
from channels.messages import InboundMessage, Receipt, ReceiptStatus
from channels.provider import MalformedWebhook, Parsed, WebhookRequest
from channels.twilio import limits

STATUSES = {
    "sent": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "undelivered": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
    "canceled": ReceiptStatus.FAILED,
}
# What we know already when we hear it: the answer to the send has said it.
KNOWN_ALREADY = ("accepted", "scheduled", "queued", "sending")
INBOUND = ("received", "receiving")


class Unreadable(Exception):
    """A form that can't be read; the text says why, for whoever looks into the quarantine."""


Address = Callable[[Optional[str]], Optional[str]]
Reader = Callable[[Form, str, WebhookRequest], InboundMessage]


def parse(request: WebhookRequest, read: Reader, account: Address, shopper: Address) -> Parsed:
    """What the form holds, ``read`` making the inbound message of it. Raises MalformedWebhook.

    ``account`` and ``shopper`` make the channel's own address of Twilio's, and None of another channel's.
    """
    form = Form(request.body)
    sid = form.first(limits.MESSAGE_SID, "MessageSid", "SmsSid", "SmsMessageSid")
    if sid is None or form.first(limits.ADDRESS, "From", "To") is None:
        raise MalformedWebhook("the body is not a Twilio webhook")
    status = (form.first(50, "MessageStatus", "SmsStatus") or INBOUND[0]).lower()
    try:
        if status in INBOUND:
            return Parsed(messages=(read(form, sid, request),))
        if status in KNOWN_ALREADY:
            return Parsed()
        return Parsed(receipts=(_receipt(form, sid, status, request, (account, shopper)),))
    except Unreadable as fault:
        return Parsed(quarantined=((form.raw(), str(fault)),))


def required(value: Optional[str], name: str) -> str:
    """``value``, or Unreadable with its name."""
    if value is None:
        raise Unreadable(f"{name} is missing or unreadable")
    return value


def _receipt(
    form: Form, sid: str, status: str, request: WebhookRequest, ends: Tuple[Address, Address]
) -> Receipt:
    if status not in STATUSES:
        raise Unreadable(f"a status {status}, which is not known")
    return Receipt(
        account=required(ends[0](form.text("From", limits.ADDRESS)), "From"),
        provider_message_id=sid,
        status=STATUSES[status],
        at=request.received_at,
        recipient=ends[1](form.text("To", limits.ADDRESS)),
        error_code=form.text("ErrorCode", 50),
        error_text=form.first(500, "ErrorMessage", "ChannelStatusMessage"),
        raw=form.raw(),
    )
