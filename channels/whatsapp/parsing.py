"""Meta's webhook body into messages and receipts.

What identifies a message (its id, the receiving number, the sender, the time) must be readable, or that part
is quarantined. A message whose content can't be read, or is of a kind unknown here, becomes ``UNSUPPORTED``,
so that the shopper is asked to say it again instead of meeting silence. Shapes: Meta's "messages webhook
reference" and its pages for each type; usernames after "Business-scoped user IDs" (2026-05).
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Tuple

from channels import payload
from channels.messages import InboundMessage, Receipt, ReceiptStatus
from channels.provider import MalformedWebhook, Parsed
from channels.whatsapp import contents, limits
from channels.whatsapp.nodes import Json, Unreadable, child, first_of, items, text_at

OBJECT = "whatsapp_business_account"
STATUSES = {
    "sent": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "played": ReceiptStatus.READ,
    "failed": ReceiptStatus.FAILED,
}
EARLIEST, LATEST = 1_230_768_000, 4_102_444_800  # WhatsApp began in 2009; nothing of ours runs in 2100


def parse(body: bytes) -> Parsed:
    """Every message and receipt of ``body``. Raises MalformedWebhook when it is not Meta's."""
    envelope = payload.read_object(body)
    if envelope.get("object") != OBJECT or not isinstance(envelope.get("entry"), list):
        raise MalformedWebhook("the body is not a WhatsApp webhook")
    collected = _Collected()
    for entry in envelope["entry"]:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list):
            collected.set_aside(entry, "an entry without changes")
            continue
        for change in changes:
            collected.read_change(change)
    return Parsed(tuple(collected.messages), tuple(collected.receipts), tuple(collected.quarantined))


class _Collected:
    """What one body has held so far."""

    def __init__(self) -> None:
        self.messages: List[InboundMessage] = []
        self.receipts: List[Receipt] = []
        self.quarantined: List[Tuple[Json, str]] = []

    def set_aside(self, part: Any, reason: str) -> None:
        self.quarantined.append((part if isinstance(part, dict) else {"part": part}, reason))

    def read_change(self, change: Any) -> None:
        value = change.get("value") if isinstance(change, dict) else None
        if not isinstance(value, dict):
            self.set_aside(change, "a change without a value")
        elif change.get("field") != "messages":
            self.set_aside(
                change, f"a change of field {str(change.get('field'))[:100]}, which is not handled"
            )
        else:
            self._read_value(value)

    def _read_value(self, value: Json) -> None:
        account = child(value, "metadata").get("phone_number_id")
        for name in ("messages", "statuses", "errors"):
            parts = value.get(name, [])
            if not isinstance(parts, list):
                self.set_aside({name: parts}, f"{name} is not a list")
                continue
            for part in parts:
                self._read_part(name, part, account, value)

    def _read_part(self, name: str, part: Any, account: Any, value: Json) -> None:
        try:
            if not isinstance(part, dict):
                raise Unreadable(f"one of {name} is not an object")
            if name == "messages":
                self.messages.append(_message(part, account, items(value, "contacts")))
            elif name == "statuses":
                self.receipts.append(_receipt(part, account))
            else:
                raise Unreadable("an error Meta reports about itself or the number")
        except Unreadable as fault:
            held = part if isinstance(part, dict) else {"part": part}
            self.set_aside({**held, "phone_number_id": account}, str(fault))


def _message(node: Json, account: Any, contacts: List[Json]) -> InboundMessage:
    contact = _contact(node, contacts)
    sender = first_of(node, "from", "from_user_id") or first_of(contact, "wa_id", "user_id")
    context = child(node, "context")
    content = contents.read(node)
    return InboundMessage(
        provider_message_id=_required(node.get("id"), "id", limits.MESSAGE_ID),
        account=_required(account, "phone_number_id", limits.PHONE_NUMBER_ID),
        sender=_required(sender, "from", limits.SENDER),
        sent_at=_time(node.get("timestamp")),
        kind=content.kind,
        sender_name=_name(contact),
        text=content.text,
        choice_id=content.choice_id,
        location=content.location,
        items=content.items,
        media=content.media,
        emoji=content.emoji,
        quoted_message_id=content.about or text_at(context, "id", limits.MESSAGE_ID),
        quoted_sku=text_at(child(context, "referred_product"), "product_retailer_id", limits.RETAILER_ID),
        raw=node,
    )


def _contact(node: Json, contacts: List[Json]) -> Json:
    """Who wrote ``node``; an only contact did, though ``wa_id`` differs from ``from`` in some countries."""
    sender, user = node.get("from"), node.get("from_user_id")
    for contact in contacts:
        if (sender and contact.get("wa_id") == sender) or (user and contact.get("user_id") == user):
            return contact
    return contacts[0] if len(contacts) == 1 else {}


def _name(contact: Json) -> Optional[str]:
    profile = child(contact, "profile")
    name = first_of(profile, "name", "username")
    return " ".join(name.split())[: limits.PROFILE_NAME] or None if name else None


def _receipt(node: Json, account: Any) -> Receipt:
    status = node.get("status")
    if not isinstance(status, str) or status not in STATUSES:
        raise Unreadable(f"a status {str(status)[:100]}, which is not known")
    code, text = _fault(node)
    return Receipt(
        account=_required(account, "phone_number_id", limits.PHONE_NUMBER_ID),
        provider_message_id=_required(node.get("id"), "id", limits.MESSAGE_ID),
        status=STATUSES[status],
        at=_time(node.get("timestamp")),
        recipient=first_of(node, "recipient_id", "recipient_user_id", "user_id"),
        error_code=code,
        error_text=text,
        raw=node,
    )


def _fault(node: Json) -> Tuple[Optional[str], Optional[str]]:
    """The first error of a status: its code, and every different thing it says."""
    for error in items(node, "errors"):
        said: Dict[str, None] = {}
        for holder, name in ((error, "title"), (error, "message"), (child(error, "error_data"), "details")):
            if text := text_at(holder, name, 500):
                said[text] = None
        code = error.get("code")
        return (str(code)[:50] if isinstance(code, (int, str)) else None), "; ".join(said) or None
    return None, None


def _required(value: Any, name: str, limit: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > limit:
        raise Unreadable(f"{name} is missing or unreadable")
    return value


def _time(value: Any) -> datetime:
    digits = (
        value if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10 else None
    )
    seconds = int(digits) if digits else value
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not EARLIEST <= seconds < LATEST:
        raise Unreadable("timestamp is missing or not a time")
    return datetime.fromtimestamp(seconds, timezone.utc)
