"""Receipts of several webhooks, recorded in one call, each webhook answered for its own."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from channels.connector import gathering
from channels.connector.gathering import ReceiptGathering
from channels.messages import Receipt, ReceiptStatus
from channels.provider import MalformedWebhook, Parsed
from commerce_client.errors import ApiUnavailable
from commerce_client.turns import Recorded

FORGED = "forged"
UNREADABLE = "unreadable"


def told(provider_message_id: str) -> Parsed:
    """A webhook of one receipt."""
    at = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    return Parsed(receipts=(Receipt("1", provider_message_id, ReceiptStatus.READ, at),))


class Api:
    """Keeps each call's secret and ids. An id named ``forged`` or ``unreadable`` is what it says."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []
        self.is_away = False

    async def record(self, secret: str, parsed: Parsed) -> Recorded:
        ids = [receipt.provider_message_id for receipt in parsed.receipts]
        self.calls.append((secret, ids))
        if self.is_away:
            raise ApiUnavailable("away")
        if UNREADABLE in ids:
            raise MalformedWebhook("unreadable")
        forged = ids.count(FORGED)
        return Recorded(accepted=len(ids) - forged, duplicates=0, refused=forged, forged=forged)


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def receipts(api: Api) -> ReceiptGathering:
    return ReceiptGathering(api.record)


async def test_what_comes_within_a_moment_is_recorded_in_one_call(
    api: Api, receipts: ReceiptGathering
) -> None:
    answers = await asyncio.gather(*(receipts.record("platform", told(one)) for one in "abc"))
    assert api.calls == [("platform", ["a", "b", "c"])]
    assert all(answer.accepted and not answer.forged for answer in answers)
    await receipts.record("platform", told("later"))
    assert api.calls[1:] == [("platform", ["later"])]


async def test_what_different_secrets_signed_is_recorded_apart(api: Api, receipts: ReceiptGathering) -> None:
    await asyncio.gather(*(receipts.record(secret, told(secret)) for secret in ("one", "two", "one")))
    assert sorted(api.calls) == [("one", ["one", "one"]), ("two", ["two"])]


async def test_a_forged_receipt_among_others_is_told_to_its_own_webhook_alone(
    api: Api, receipts: ReceiptGathering
) -> None:
    good, bad = await asyncio.gather(
        receipts.record("platform", told("a")), receipts.record("platform", told(FORGED))
    )
    assert (good.forged, bad.forged, bad.accepted + bad.duplicates) == (0, 1, 0)


async def test_an_unreadable_receipt_costs_no_other(api: Api, receipts: ReceiptGathering) -> None:
    good, bad = await asyncio.gather(
        receipts.record("platform", told("a")),
        receipts.record("platform", told(UNREADABLE)),
        return_exceptions=True,
    )
    assert isinstance(good, Recorded)
    assert isinstance(bad, MalformedWebhook)


async def test_when_nothing_answers_every_webhook_is_put_off(api: Api, receipts: ReceiptGathering) -> None:
    api.is_away = True
    faults = await asyncio.gather(
        *(receipts.record("platform", told(one)) for one in "ab"), return_exceptions=True
    )
    assert [type(fault) for fault in faults] == [ApiUnavailable, ApiUnavailable]
    assert len(api.calls) == 1


async def test_one_call_holds_no_more_than_the_api_takes(
    api: Api, receipts: ReceiptGathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST", 2)
    await asyncio.gather(*(receipts.record("platform", told(str(one))) for one in range(5)))
    assert [len(ids) for _, ids in api.calls] == [2, 2, 1]


async def test_who_posted_and_left_takes_nobodys_receipt_away(api: Api, receipts: ReceiptGathering) -> None:
    leaving = asyncio.ensure_future(receipts.record("platform", told("left")))
    staying = asyncio.ensure_future(receipts.record("platform", told("stayed")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).accepted
    assert api.calls == [("platform", ["left", "stayed"])]
