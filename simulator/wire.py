"""Meta's envelopes and ids, and the signatures of both Meta and the payment gateway, as bytes."""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from typing import Any

from simulator.settings import Seller, Shopper

type Json = dict[str, Any]

TO_BUSINESS, FROM_BUSINESS = b"\x12\x18\x14", b"\x11\x18\x12"


def wamid(wa_id: str, *, inbound: bool) -> str:
    """A new message id built as WhatsApp builds them: base64 over the number and a random hex id."""
    serial = secrets.token_hex(10 if inbound else 9).upper().encode()
    number = wa_id.encode()
    # The two length bytes name the serial's length: 20 hex characters from a phone, 18 from the platform.
    packed = (
        b"\x1c\x18"
        + bytes([len(number)])
        + number
        + b"\x15\x02\x00"
        + (TO_BUSINESS if inbound else FROM_BUSINESS)
    )
    return "wamid." + base64.b64encode(packed + serial + b"\x00").decode()


def dump(body: Json) -> bytes:
    """A webhook's bytes the way Meta writes them: compact, and everything outside ASCII as ``\\uXXXX``."""
    return json.dumps(body, separators=(",", ":")).encode()


def meta_signature(secret: str, body: bytes) -> str:
    """The value of ``X-Hub-Signature-256`` over these very bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def gateway_signature(secret: str, body: bytes) -> str:
    """The value of ``X-Gateway-Signature`` over these very bytes."""
    return hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()


def trace_id() -> str:
    """An ``fbtrace_id``."""
    return "A" + secrets.token_urlsafe(16)[:22]


def _envelope(seller: Seller, content: Json) -> Json:
    metadata = {"display_phone_number": seller.digits, "phone_number_id": seller.phone_number_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, **content}
    change = {"value": value, "field": "messages"}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": seller.business_account, "changes": [change]}],
    }


def message_webhook(seller: Seller, shopper: Shopper, message: Json) -> Json:
    """The webhook that brings one inbound message. System messages come without contacts, as Meta's do."""
    if message["type"] == "system":
        return _envelope(seller, {"messages": [message]})
    contact = {"profile": {"name": shopper.name}, "wa_id": shopper.wa_id, "user_id": shopper.user_id}
    return _envelope(seller, {"contacts": [contact], "messages": [message]})


def status_webhook(
    seller: Seller, shopper: Shopper, message_id: str, status: str, *, at: int, error: Json | None = None
) -> Json:
    """The webhook that tells how far one of the seller's messages got."""
    item: Json = {
        "id": message_id,
        "status": status,
        "timestamp": str(at),
        "recipient_id": shopper.wa_id,
        "recipient_user_id": shopper.user_id,
    }
    if error:
        return _envelope(seller, {"statuses": [{**item, "errors": [error]}]})
    chat = uuid.uuid5(uuid.NAMESPACE_OID, f"{seller.phone_number_id}:{shopper.wa_id}").hex
    item["conversation"] = {"id": chat, "origin": {"type": "service"}}
    item["pricing"] = {
        "billable": False,
        "pricing_model": "PMP",
        "type": "free_customer_service",
        "category": "service",
    }
    return _envelope(seller, {"statuses": [item]})
