"""What Meta says became of a message we sent ("Status messages webhook reference")."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Optional, Tuple

from channels.messages import Receipt, ReceiptStatus
from channels.meta.nodes import Json, Unreadable, child, first_of, items, required, text_at, time_of
from channels.whatsapp import limits

STATUSES = {
    "sent": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "played": ReceiptStatus.READ,
    "failed": ReceiptStatus.FAILED,
}


def receipt(node: Json, account: Any, received_at: datetime) -> Receipt:
    """One status. Raises Unreadable; what was charged for it (``pricing``) stays in ``raw``."""
    status = node.get("status")
    if not isinstance(status, str) or status not in STATUSES:
        raise Unreadable(f"a status {str(status)[:100]}, which is not known")
    code, text = _fault(node)
    return Receipt(
        account=required(account, "phone_number_id", limits.PHONE_NUMBER_ID),
        provider_message_id=required(node.get("id"), "id", limits.MESSAGE_ID),
        status=STATUSES[status],
        at=time_of(node.get("timestamp"), received_at),
        recipient=first_of(node, "recipient_id", "recipient_user_id", "recipient_parent_user_id", "user_id"),
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
