"""What Twilio's answer to a send means ("Message resource", "REST API: your request and the response")."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from channels import answers
from channels.provider import SendOutcome, SendResult
from channels.treating import TAKEN_WITHOUT_ID
from channels.twilio import errors, limits

FAILED = ("failed", "undelivered", "canceled")


def read(status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
    """The outcome of one send. Never raises: an answer nobody can read is worth another try."""
    answer = answers.read_object(body)
    if 200 <= status < 300:
        return _taken(answer, status, headers)
    code = answers.code(answer.get("code"))
    treatment = errors.treatment(code, status)
    said = answers.text(answer.get("message"), 300) or f"HTTP {status}"
    return treatment.result(str(status if code is None else code), said, headers)


def _taken(answer: Dict[str, Any], status: int, headers: Mapping[str, str]) -> SendResult:
    sid = answers.text(answer.get("sid"), limits.MESSAGE_SID)
    if sid and answer.get("status") in FAILED:
        code = answers.code(answer.get("error_code"))
        said = answers.text(answer.get("error_message"), 300) or "failed"
        return errors.treatment(code, status).result(str(code or "failed"), said, headers)
    return SendResult(SendOutcome.ACCEPTED, provider_message_id=sid) if sid else TAKEN_WITHOUT_ID
