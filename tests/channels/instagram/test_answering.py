"""What Instagram's answers mean."""

from __future__ import annotations

import json

import pytest

from channels.instagram.provider import Instagram
from channels.provider import SendOutcome

ACCEPTED, RETRY, REFUSED = SendOutcome.ACCEPTED, SendOutcome.RETRY, SendOutcome.REFUSED


def error(code: int, subcode: int | None = None) -> bytes:
    told = {"message": "Said", "type": "OAuthException", "code": code, "error_subcode": subcode}
    return json.dumps({"error": told}).encode()


def test_an_accepted_message_has_its_id() -> None:
    body = json.dumps({"recipient_id": "1254477777772919", "message_id": "aWdfZAG1"}).encode()
    result = Instagram().read(200, {}, body)
    assert (result.outcome, result.provider_message_id) == (ACCEPTED, "aWdfZAG1")


@pytest.mark.parametrize(
    ("status", "code", "subcode", "outcome", "tell_seller"),
    [
        (400, 10, 2534022, REFUSED, False),
        (400, 10, 2018278, REFUSED, False),
        (403, 10, None, REFUSED, True),
        (400, 100, 2534014, REFUSED, False),
        (400, 100, None, REFUSED, False),
        (400, 100, 2534037, RETRY, False),
        (401, 190, 463, REFUSED, True),
        (400, 230, None, REFUSED, True),
        (400, 368, None, REFUSED, True),
        (400, 551, 1545041, REFUSED, False),
        (400, 613, None, RETRY, False),
        (400, 613, 1996, RETRY, True),
        (403, 4, 2018022, RETRY, False),
        (500, 2, 1545133, RETRY, False),
        (500, -1, 2018012, RETRY, False),
        (400, 987654, None, REFUSED, False),
        (503, 987654, None, RETRY, False),
    ],
)
def test_a_code_means_again_never_or_the_seller(
    status: int, code: int, subcode: int | None, outcome: SendOutcome, tell_seller: bool
) -> None:
    result = Instagram().read(status, {}, error(code, subcode))
    assert (result.outcome, result.tell_seller, result.error_code) == (outcome, tell_seller, str(code))


def test_a_rate_is_waited_for() -> None:
    assert Instagram().read(400, {}, error(613)).retry_after == 60.0


def test_a_picture_that_could_not_be_fetched_is_tried_a_few_times() -> None:
    assert Instagram().read(400, {}, error(100, 2018047)).most_tries == 5
