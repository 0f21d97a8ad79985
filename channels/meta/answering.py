"""What the Graph API's answer to a send means; each channel brings its table of error codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping, Optional

from channels import answers, payload, treating
from channels.meta.nodes import Json, child, text_at
from channels.provider import SendOutcome, SendResult
from channels.treating import AGAIN, Treatment


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
    answer = answers.read_object(body)
    if 200 <= status < 300:
        identity = sent_id(answer)
        if not identity:
            return treating.TAKEN_WITHOUT_ID
        return SendResult(SendOutcome.ACCEPTED, provider_message_id=payload.clean(identity))
    error = child(answer, "error")
    code = answers.code(error.get("code"))
    if code is None and not error and status < 500 and status not in (401, 403, 408, 429):
        return SendResult(SendOutcome.RETRY, error_text=f"HTTP {status}, unreadable")
    is_transient = error.get("is_transient") is True
    chosen = treatment(Fault(status, code, answers.code(error.get("error_subcode")), is_transient))
    return chosen.result(str(status if code is None else code), _said(error) or f"HTTP {status}", headers)


def by_status(fault: Fault) -> Treatment:
    """What to do about a fault whose code says nothing to us."""
    return AGAIN if fault.is_transient else treating.by_status(fault.status)


def _said(error: Json) -> str:
    said = (
        text_at(error, "message", 300),
        text_at(child(error, "error_data"), "details", 300),
        text_at(error, "error_user_msg", 300),
    )
    return payload.clean("; ".join(dict.fromkeys(text for text in said if text)))
