"""What the Graph API's answer to a send means; each channel brings its table of error codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Mapping, Optional

from channels import payload
from channels.meta.nodes import Json, child, text_at
from channels.provider import SendOutcome, SendResult

LONGEST_WAIT = 86_400.0
RETRY, REFUSED = SendOutcome.RETRY, SendOutcome.REFUSED


@dataclass(frozen=True)
class Treatment:
    """What to do about an error; ``wait`` in seconds where Meta names no time of its own.

    ``most_tries`` where the fault may lie in the message itself: others wait behind it.
    """

    outcome: SendOutcome
    tell_seller: bool = False
    wait: Optional[float] = None
    most_tries: Optional[int] = None


AGAIN = Treatment(RETRY)
A_FEW_TIMES = Treatment(RETRY, most_tries=5)
NEVER = Treatment(REFUSED)
SELLER = Treatment(REFUSED, tell_seller=True)
THROTTLED = Treatment(RETRY, wait=60.0)
SPENT = Treatment(RETRY, tell_seller=True, wait=3600.0)


@dataclass(frozen=True)
class Fault:
    """An error as the Graph API tells it, with the HTTP status it came under."""

    status: int
    code: Optional[int]
    subcode: Optional[int]
    is_transient: bool


def read(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    sent_id: Callable[[Json], Optional[str]],
    treatment: Callable[[Fault], Treatment],
) -> SendResult:
    """The outcome of one send. Never raises: an answer nobody can read is worth another try.

    ``sent_id`` finds the message's id in an answer of success, ``treatment`` what to do about a fault.
    """
    answer = _object(body)
    if 200 <= status < 300:
        return _accepted(sent_id(answer))
    error = child(answer, "error")
    code = _code(error.get("code"))
    if code is None and not error and status < 500 and status not in (401, 403, 408, 429):
        return SendResult(RETRY, error_text=f"HTTP {status}, unreadable")
    chosen = treatment(
        Fault(status, code, _code(error.get("error_subcode")), error.get("is_transient") is True)
    )
    known = {name.lower(): value for name, value in headers.items()}
    wait = _retry_after(known) if chosen.outcome is RETRY else None
    return SendResult(
        chosen.outcome,
        error_code=str(status if code is None else code),
        error_text=_said(error) or f"HTTP {status}",
        retry_after=chosen.wait if wait is None else wait,
        tell_seller=chosen.tell_seller,
        most_tries=chosen.most_tries,
    )


def by_status(fault: Fault) -> Treatment:
    """What to do about a fault whose code says nothing to us."""
    if fault.is_transient or fault.status in (408, 429) or fault.status >= 500:
        return AGAIN
    return SELLER if fault.status in (401, 403) else NEVER


def _accepted(identity: Optional[str]) -> SendResult:
    if identity:
        return SendResult(SendOutcome.ACCEPTED, provider_message_id=payload.clean(identity))
    # It may have been taken, as after a lost answer: one more try makes good, a third could make three.
    return SendResult(RETRY, error_text="accepted without a message id", most_tries=2)


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
    said = (
        text_at(error, "message", 300),
        text_at(child(error, "error_data"), "details", 300),
        text_at(error, "error_user_msg", 300),
    )
    return payload.clean("; ".join(dict.fromkeys(text for text in said if text)))


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
