"""What Twilio's answers to a send mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.provider import SendOutcome, SendResult
from channels.twilio import answering

SID = "SM00000000000000000000000000000001"


def answer(http: int, headers: dict[str, str] | None = None, **body: Any) -> SendResult:
    return answering.read(http, headers or {}, json.dumps(body).encode())


def test_a_message_is_taken_under_its_sid() -> None:
    taken = answer(201, sid=SID, status="queued", error_code=None)
    assert taken == SendResult(SendOutcome.ACCEPTED, provider_message_id=SID)


def test_a_message_taken_without_a_sid_is_tried_once_more() -> None:
    assert (answer(201).outcome, answer(201).most_tries) == (SendOutcome.RETRY, 2)


def test_a_message_that_failed_at_once_is_judged_by_its_code() -> None:
    failed = answer(201, sid=SID, status="failed", error_code=21610, error_message="unsubscribed")
    assert (failed.outcome, failed.error_code) == (SendOutcome.REFUSED, "21610")


@pytest.mark.parametrize(
    ("status", "code", "outcome", "tells"),
    [
        (400, 21610, SendOutcome.REFUSED, False),
        (400, 21211, SendOutcome.REFUSED, False),
        (400, 21614, SendOutcome.REFUSED, False),
        (401, 20003, SendOutcome.REFUSED, True),
        (429, 20429, SendOutcome.RETRY, False),
        (400, 30001, SendOutcome.RETRY, False),
        (400, 30007, SendOutcome.REFUSED, True),
        (400, 63016, SendOutcome.REFUSED, False),
        (400, 63018, SendOutcome.RETRY, False),
        (400, 63024, SendOutcome.REFUSED, False),
        (400, 63038, SendOutcome.RETRY, True),
        (400, 99999, SendOutcome.REFUSED, False),
        (403, 99999, SendOutcome.REFUSED, True),
        (503, 20503, SendOutcome.RETRY, False),
        (500, 99999, SendOutcome.RETRY, False),
    ],
)
def test_an_error_code_says_whether_to_try_again_and_whom_to_tell(
    status: int, code: int, outcome: SendOutcome, tells: bool
) -> None:
    result = answer(status, code=code, message="No.", status=status)
    assert (result.outcome, result.tell_seller, result.error_code) == (outcome, tells, str(code))


def test_too_fast_waits_as_long_as_asked_or_a_minute() -> None:
    assert answer(429, {"Retry-After": "7"}, code=20429).retry_after == 7
    assert answer(429).retry_after == 60
