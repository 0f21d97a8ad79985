"""The way to a shopper's file: its id first, then where that leads."""

from __future__ import annotations

import pytest

from channels.messages import Media
from channels.provider import MediaGone
from channels.whatsapp import fetching
from tests.channels.outbound import ACCOUNT

FILE = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2"


def test_an_id_is_looked_up_with_the_accounts_token() -> None:
    request = fetching.request(Media("2754859441498128", url="https://old.example/1"), ACCOUNT, None)
    assert (request.method, request.is_file) == ("GET", False)
    assert request.url == "http://127.0.0.1:8010/whatsapp/v23.0/2754859441498128"
    assert request.headers["Authorization"] == "Bearer t"


def test_what_the_id_leads_to_is_the_file() -> None:
    looked_up = b'{"url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2"}'
    request = fetching.request(Media("2754859441498128"), ACCOUNT, looked_up)
    assert (request.url, request.is_file) == (FILE, True)


def test_a_file_without_an_id_is_fetched_from_where_it_lies() -> None:
    request = fetching.request(Media(url=FILE), ACCOUNT, None)
    assert (request.url, request.is_file) == (FILE, True)


@pytest.mark.parametrize("looked_up", [b"", b"{}", b'{"url": 1}', b'{"url": ""}', b"[]"])
def test_an_answer_that_leads_nowhere_means_it_is_gone(looked_up: bytes) -> None:
    with pytest.raises(MediaGone):
        fetching.request(Media("2754859441498128", url=FILE), ACCOUNT, looked_up)


@pytest.mark.parametrize("identity", ["../me", "1?fields=access_token", "1/2", "ø"])
def test_an_id_cannot_lead_elsewhere(identity: str) -> None:
    with pytest.raises(MediaGone):
        fetching.request(Media(identity), ACCOUNT, None)
