"""What Meta's answers mean."""

from __future__ import annotations

import json

import pytest

from channels.provider import SendOutcome
from channels.whatsapp.provider import WhatsApp

ACCEPTED, RETRY, REFUSED = SendOutcome.ACCEPTED, SendOutcome.RETRY, SendOutcome.REFUSED


def error(code: int | None, **rest: object) -> bytes:
    return json.dumps(
        {"error": {"message": "(#1) Said", "code": code, "type": "OAuthException", **rest}}
    ).encode()


def test_an_accepted_message_has_its_id() -> None:
    body = {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "2348031112233", "wa_id": "2348031112233"}],
        "messages": [{"id": "wamid.HBgN", "message_status": "accepted"}],
    }
    result = WhatsApp().read(200, {}, json.dumps(body).encode())
    assert (result.outcome, result.provider_message_id) == (ACCEPTED, "wamid.HBgN")


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"messages": [{}]}', b'{"messages": {"id": "x"}}'])
def test_an_answer_without_an_id_is_tried_again_once(body: bytes) -> None:
    result = WhatsApp().read(200, {}, body)
    assert (result.outcome, result.most_tries) == (RETRY, 2)


def test_a_picture_nobody_can_fetch_holds_up_the_rest_for_a_few_tries_only() -> None:
    result = WhatsApp().read(400, {}, b'{"error": {"code": 131053, "message": "Media upload error"}}')
    assert (result.outcome, result.most_tries) == (RETRY, 5)


@pytest.mark.parametrize(
    ("status", "code", "outcome", "tell_seller"),
    [
        (401, 190, REFUSED, True),
        (401, 0, REFUSED, True),
        (403, 10, REFUSED, True),
        (403, 200, REFUSED, True),
        (400, 131031, REFUSED, True),
        (400, 131042, REFUSED, True),
        (400, 133010, REFUSED, True),
        (400, 100, REFUSED, False),
        (400, 131009, REFUSED, False),
        (400, 131026, REFUSED, False),
        (400, 131047, REFUSED, False),
        (400, 131049, REFUSED, False),
        (400, 131050, REFUSED, False),
        (400, 131062, REFUSED, False),
        (400, 4, RETRY, False),
        (400, 80007, RETRY, False),
        (400, 130429, RETRY, False),
        (400, 131056, RETRY, False),
        (400, 131048, RETRY, True),
        (400, 131064, RETRY, True),
        (500, 131000, RETRY, False),
        (503, 2, RETRY, False),
        (400, 131053, RETRY, False),
        (500, 0, RETRY, False),
    ],
)
def test_a_known_code_is_treated_as_the_table_says(
    status: int, code: int, outcome: SendOutcome, tell_seller: bool
) -> None:
    result = WhatsApp().read(status, {}, error(code))
    assert (result.outcome, result.tell_seller, result.error_code) == (outcome, tell_seller, str(code))
    assert result.error_text == "(#1) Said"


@pytest.mark.parametrize(
    ("status", "outcome", "tell_seller"),
    [(400, REFUSED, False), (401, REFUSED, True), (403, REFUSED, True), (404, REFUSED, False)]
    + [(status, RETRY, False) for status in (408, 429, 500, 502, 503, 504)],
)
def test_an_unknown_code_is_judged_by_its_status(
    status: int, outcome: SendOutcome, tell_seller: bool
) -> None:
    result = WhatsApp().read(status, {}, error(987654))
    assert (result.outcome, result.tell_seller) == (outcome, tell_seller)


def test_what_meta_calls_transient_is_tried_again() -> None:
    assert WhatsApp().read(400, {}, error(987654, is_transient=True)).outcome is RETRY


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 502])
def test_a_page_in_the_way_is_tried_again(status: int) -> None:
    assert WhatsApp().read(status, {}, b"<html>Bad gateway</html>").outcome is RETRY


def test_a_token_that_is_refused_without_words_is_told_to_the_seller() -> None:
    result = WhatsApp().read(401, {}, b"")
    assert (result.outcome, result.tell_seller) == (REFUSED, True)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"retry-after": "999999999"}, 86_400.0),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}, 60.0),
        ({"Retry-After": "soon"}, 60.0),
        ({"Retry-After": "-5"}, 60.0),
        ({}, 60.0),
    ],
)
def test_the_wait_is_metas_or_the_tables(headers: dict[str, str], wait: float) -> None:
    assert WhatsApp().read(429, headers, error(130429)).retry_after == wait


def test_one_shopper_is_left_alone_for_six_seconds() -> None:
    assert WhatsApp().read(400, {}, error(131056)).retry_after == 6.0


def test_the_details_are_kept_for_the_seller() -> None:
    body = error(131042, error_data={"details": "No payment method"})
    assert WhatsApp().read(400, {}, body).error_text == "(#1) Said; No payment method"
