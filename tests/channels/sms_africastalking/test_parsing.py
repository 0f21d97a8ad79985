"""What Africa's Talking posts, in the variants that are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import pytest

from channels.provider import MalformedWebhook, Parsed
from channels.sms_africastalking import parsing
from tests.channels.recordings import RECEIVED_AT, posted

FORM = {"from": "+254711000000", "to": "22384", "text": "Habari", "id": "a1", "linkId": "x"}


def read(**changed: str) -> Parsed:
    return parsing.parse(posted(urlencode({**FORM, **changed}).encode()))


@pytest.mark.parametrize(
    ("date", "hour", "minute"),
    [
        ("2026-11-22 11:30:00", 11, 30),
        ("2026-11-22T11:30:00", 11, 30),
        ("2026-11-22T11:30:00Z", 11, 30),
        ("2026-11-22T11:30:00.1234567Z", 11, 30),
        ("2026-11-22T11:30:00+03:00", 8, 30),
        ("2026-11-22 11:30:00 +0300", 8, 30),
        ("2026-11-22T11:30:00 03:00", 8, 30),
        ("2026-11-22T06:30:00-05", 11, 30),
        ("2026-11-22 11:30", 11, 30),
    ],
)
def test_a_time_is_read_with_a_zone_and_without(date: str, hour: int, minute: int) -> None:
    (message,) = read(date=date).messages
    assert message.sent_at == datetime(2026, 11, 22, hour, minute, tzinfo=timezone.utc)  # noqa: UP017 -- Python 3.10 too


@pytest.mark.parametrize(
    "date", ["", "yesterday", "2026-13-45 99:99:99", "0001-01-01 00:00:00", "2030-01-01"]
)
def test_a_time_that_cannot_be_is_the_time_it_came(date: str) -> None:
    assert read(date=date).messages[0].sent_at == RECEIVED_AT


def test_a_message_is_never_from_the_future() -> None:
    assert read(date="2026-11-22 14:30:00").messages[0].sent_at == RECEIVED_AT


@pytest.mark.parametrize("sender", ["+254711000000", "254711000000", " 254711000000"])
def test_a_number_has_its_plus_again(sender: str) -> None:
    body = urlencode({**FORM, "from": ""}).encode() + b"&from=" + sender.replace(" ", "+").encode()
    assert parsing.parse(posted(body)).messages[0].sender == "+254711000000"


def test_an_opt_out_posted_twice_at_once_is_one_and_a_later_one_is_another() -> None:
    webhook = posted(urlencode({"phoneNumber": "+254711000000", "senderId": "SHOP"}).encode())
    later = replace(webhook, received_at=webhook.received_at + timedelta(minutes=5))
    other = replace(webhook, body=webhook.body.replace(b"SHOP", b"SHOE"))
    once, again, later_one, other_one = (
        parsing.parse(one).messages[0].provider_message_id for one in (webhook, webhook, later, other)
    )
    assert once == again
    assert len({once, later_one, other_one}) == 3


@pytest.mark.parametrize(
    "body", [b"", b"text=hello", b"status=Success", b"phoneNumber=%2B254711000000", b'{"from": "x"}']
)
def test_what_is_none_of_them_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        parsing.parse(posted(body))
