"""What Africa's Talking's answer to a send means ("Sending SMS": SMSMessageData).

A refused message is answered 201 like any other: what became of it stands with its recipient, or in words
alone when there is none.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping

from channels import answers
from channels.provider import SendOutcome, SendResult
from channels.sms_africastalking import errors
from channels.treating import SELLER, TAKEN_WITHOUT_ID, by_status

NO_ID = "None"
LONGEST_ID = 200


def read(status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
    """The outcome of one send. Never raises: an answer nobody can read is worth another try."""
    if not 200 <= status < 300:
        said = answers.text(body.decode("utf-8", "replace"), 300)
        return by_status(status).result(str(status), said or f"HTTP {status}", headers)
    answer = answers.read_object(body).get("SMSMessageData")
    if not isinstance(answer, dict):
        return TAKEN_WITHOUT_ID
    recipients = answer.get("Recipients")
    recipient = recipients[0] if isinstance(recipients, list) and recipients else None
    if isinstance(recipient, dict):
        return _of_recipient(recipient, headers)
    # "InvalidSenderId" and the like: nothing was sent to anyone.
    return SELLER.result("no_recipient", answers.text(answer.get("Message"), 300) or "no recipient", headers)


def _of_recipient(recipient: Dict[str, Any], headers: Mapping[str, str]) -> SendResult:
    code = answers.code(recipient.get("statusCode"))
    if code is not None and code not in errors.TAKEN:
        said = answers.text(recipient.get("status"), 300) or f"status {code}"
        return errors.treatment(code).result(str(code), said, headers)
    identity = answers.text(recipient.get("messageId"), LONGEST_ID)
    if identity and identity != NO_ID:
        return SendResult(SendOutcome.ACCEPTED, provider_message_id=identity)
    return TAKEN_WITHOUT_ID
