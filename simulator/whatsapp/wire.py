"""Meta's envelopes and ids for WhatsApp."""

import base64
import secrets
import uuid

from simulator.chats import Chat
from simulator.settings import Seller
from simulator.wire import Json

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


def envelope(seller: Seller, content: Json, field: str = "messages", phone_number_id: str = "") -> Json:
    """A webhook of one change."""
    metadata = {
        "display_phone_number": seller.digits,
        "phone_number_id": phone_number_id or seller.phone_number_id,
    }
    value = {"messaging_product": "whatsapp", "metadata": metadata, **content}
    change = {"value": value, "field": field}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": seller.business_account, "changes": [change]}],
    }


def contact(chat: Chat) -> Json:
    """Who writes: with their number unless they hide it, then with a username."""
    shopper = chat.shopper
    if chat.hides_number:
        profile = {"name": shopper.name, "username": shopper.handle}
        return {"profile": profile, "user_id": shopper.user_id}
    return {"profile": {"name": shopper.name}, "wa_id": shopper.wa_id, "user_id": shopper.user_id}


def status_content(chat: Chat, message_id: str, status: str, *, at: int, error: Json | None = None) -> Json:
    """What tells how far one of the seller's messages got."""
    shopper = chat.shopper
    item: Json = {
        "id": message_id,
        "status": status,
        "timestamp": str(at),
        "recipient_id": shopper.wa_id,
        "recipient_user_id": shopper.user_id,
    }
    if chat.hides_number:
        del item["recipient_id"]
    if error:
        return {"statuses": [{**item, "errors": [error]}]}
    dialogue = uuid.uuid5(uuid.NAMESPACE_OID, f"{chat.seller.phone_number_id}:{shopper.wa_id}").hex
    item["conversation"] = {"id": dialogue, "origin": {"type": "service"}}
    item["pricing"] = {
        "billable": False,
        "pricing_model": "PMP",
        "type": "free_customer_service",
        "category": "service",
    }
    return {"statuses": [item]}
