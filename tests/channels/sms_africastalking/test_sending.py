"""What goes to Africa's Talking, and what its answers mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.messages import Media, OutboundMessage
from channels.provider import MediaGone, SenderAccount, SendOutcome, SendResult
from channels.sms_africastalking.provider import SmsAfricasTalking

PROVIDER = SmsAfricasTalking()
ACCOUNT = SenderAccount("22384", "https://api.africastalking.com", {"username": "shop", "api_key": "k3y"})


def answer(http: int = 201, headers: dict[str, str] | None = None, **recipient: Any) -> SendResult:
    told = {"number": "+2348031112233", "cost": "NGN 2.20", "messageId": "ATXid_1", **recipient}
    body = {"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [told]}}
    return PROVIDER.read(http, headers or {}, json.dumps(body).encode())


def test_a_text_message_is_one_form_under_the_accounts_key() -> None:
    (request,) = PROVIDER.build(OutboundMessage("Habari"), "0" * 32, "+254711000000", ACCOUNT)
    assert (request.method, request.url) == ("POST", "https://api.africastalking.com/version1/messaging")
    assert request.headers["apiKey"] == "k3y"
    assert request.form == {"username": "shop", "to": "+254711000000", "from": "22384", "message": "Habari"}


@pytest.mark.parametrize("code", [100, 101, 102, "101"])
def test_a_message_is_taken_under_its_id(code: int | str) -> None:
    assert answer(statusCode=code) == SendResult(SendOutcome.ACCEPTED, provider_message_id="ATXid_1")


def test_a_message_taken_without_an_id_is_tried_once_more() -> None:
    assert answer(statusCode=101, messageId="None").most_tries == 2
    assert PROVIDER.read(201, {}, b"<html>").most_tries == 2


@pytest.mark.parametrize(
    ("code", "outcome", "tells"),
    [
        (401, SendOutcome.REFUSED, False),
        (402, SendOutcome.REFUSED, True),
        (403, SendOutcome.REFUSED, False),
        (404, SendOutcome.REFUSED, False),
        (405, SendOutcome.RETRY, True),
        (406, SendOutcome.REFUSED, False),
        (407, SendOutcome.RETRY, False),
        (409, SendOutcome.REFUSED, False),
        (500, SendOutcome.RETRY, False),
        (501, SendOutcome.RETRY, False),
        (502, SendOutcome.RETRY, False),
        (599, SendOutcome.RETRY, False),
        (499, SendOutcome.REFUSED, False),
    ],
)
def test_a_recipients_code_says_whether_to_try_again_and_whom_to_tell(
    code: int, outcome: SendOutcome, tells: bool
) -> None:
    result = answer(statusCode=code, status="Why", messageId="None")
    assert (result.outcome, result.tell_seller) == (outcome, tells)
    assert (result.error_code, result.error_text) == (str(code), "Why")


def test_an_answer_without_recipients_is_for_the_seller() -> None:
    body = b'{"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}'
    result = PROVIDER.read(201, {}, body)
    assert (result.outcome, result.tell_seller, result.error_text) == (
        SendOutcome.REFUSED,
        True,
        "InvalidSenderId",
    )


@pytest.mark.parametrize(
    ("http", "outcome", "tells"),
    [
        (401, SendOutcome.REFUSED, True),
        (429, SendOutcome.RETRY, False),
        (503, SendOutcome.RETRY, False),
        (400, SendOutcome.REFUSED, False),
    ],
)
def test_a_refused_request_is_judged_by_its_status(http: int, outcome: SendOutcome, tells: bool) -> None:
    result = PROVIDER.read(http, {"Retry-After": "9"}, b"The supplied authentication is invalid")
    assert (result.outcome, result.tell_seller) == (outcome, tells)
    assert result.error_text == "The supplied authentication is invalid"
    assert result.retry_after == (9 if outcome is SendOutcome.RETRY else None)


def test_a_text_message_has_no_files() -> None:
    with pytest.raises(MediaGone):
        PROVIDER.media_request(Media(url="https://x.example"), ACCOUNT, None)
