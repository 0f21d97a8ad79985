"""What Meta's answer to a send means."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from typing import Any, Mapping, Optional

from channels import payload
from channels.provider import SendOutcome, SendResult
from channels.whatsapp import errors, limits
from channels.whatsapp.nodes import Json, child, items, text_at

LONGEST_WAIT = 86_400.0


def read(status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
    """The outcome of one send. Never raises: an answer nobody can read is worth another try."""
    known = {name.lower(): value for name, value in headers.items()}
    answer = _object(body)
    if 200 <= status < 300:
        return _accepted(answer)
    error = child(answer, "error")
    code = _code(error.get("code"))
    if code is None and not error and status < 500 and status not in (401, 403, 408, 429):
        return SendResult(SendOutcome.RETRY, error_text=f"HTTP {status}, unreadable")
    treatment = errors.treatment(code, status, is_transient=error.get("is_transient") is True)
    wait = _retry_after(known) if treatment.outcome is SendOutcome.RETRY else None
    return SendResult(
        treatment.outcome,
        error_code=str(status if code is None else code),
        error_text=_said(error) or f"HTTP {status}",
        retry_after=treatment.wait if wait is None else wait,
        tell_seller=treatment.tell_seller,
        most_tries=treatment.most_tries,
    )


def _accepted(answer: Json) -> SendResult:
    for message in items(answer, "messages"):
        if identity := text_at(message, "id", limits.MESSAGE_ID):
            return SendResult(SendOutcome.ACCEPTED, provider_message_id=payload.clean(identity))
    # It may have been taken, as after a lost answer: one more try makes good, a third could make three.
    return SendResult(SendOutcome.RETRY, error_text="accepted without a message id", most_tries=2)


def _object(body: bytes) -> Json:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _code(value: Any) -> Optional[int]:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _said(error: Json) -> str:
    said = (text_at(error, "message", 300), text_at(child(error, "error_data"), "details", 300))
    return payload.clean("; ".join(text for text in said if text))


def _retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """Seconds to wait: the header has them, or a date that counts from the answer's own ``date``."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return min(float(value), LONGEST_WAIT)
    try:
        wait = (parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return min(max(wait, 0.0), LONGEST_WAIT)
