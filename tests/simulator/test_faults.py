"""Faults of webhooks on order, on every channel: doubled, held back, late, lost; and what the ledger says."""

import asyncio
from typing import Any

import httpx
import pytest

from simulator.faults import Fault, FaultKind, Faults
from simulator.settings import Channel
from tests.simulator.conftest import ADA, SELLER, StandIn

WANJIRU = "254701234503"


def texts(stand_in: StandIn) -> list[str]:
    """The words in the SMS webhooks, in the order in which they were posted."""
    return [httpx.QueryParams(request.content.decode())["Body"] for request in stand_in.product.requests]


async def write_behind(stand_in: StandIn, text: str, **facts: Any) -> None:
    await stand_in.write(channel="sms_twilio", type="text", text=text, posted="behind", **facts)


async def test_a_webhook_is_doubled(stand_in: StandIn) -> None:
    await stand_in.fault(kind="duplicate", copies=3)
    await write_behind(stand_in, "once")
    await stand_in.product.until(lambda product: len(product.requests) >= 4)
    assert texts(stand_in) == ["once"] * 4


async def test_a_webhook_is_overtaken_by_the_next_of_the_same_shopper(stand_in: StandIn) -> None:
    await stand_in.fault(kind="reorder", shopper=ADA, seconds=10)
    await write_behind(stand_in, "first")
    await write_behind(stand_in, "another's", shopper=WANJIRU)
    await write_behind(stand_in, "second")
    await stand_in.product.until(lambda product: len(product.requests) >= 3)
    assert texts(stand_in) == ["another's", "second", "first"]


async def test_a_webhook_that_nothing_overtakes_is_posted_when_its_time_is_up(stand_in: StandIn) -> None:
    await stand_in.fault(kind="reorder", seconds=0.05)
    await write_behind(stand_in, "alone")
    await stand_in.product.until(lambda product: len(product.requests) >= 1)
    assert texts(stand_in) == ["alone"]


async def test_a_delayed_webhook_comes_after_the_next(stand_in: StandIn) -> None:
    await stand_in.fault(kind="delay", seconds=0.2)
    await write_behind(stand_in, "late")
    await write_behind(stand_in, "later")
    await stand_in.product.until(lambda product: len(product.requests) >= 2)
    assert texts(stand_in) == ["later", "late"]


@pytest.mark.parametrize(("accepted", "seen"), [(False, 1), (True, 2)])
async def test_a_lost_webhook_is_posted_again_where_the_provider_does(
    stand_in: StandIn, accepted: bool, seen: int
) -> None:
    await stand_in.fault(kind="drop", accepted=accepted)
    result = await stand_in.write(type="text", text="Hi", posted="until_accepted")
    assert result["answers"] == [200]
    assert len(stand_in.product.requests) == seen
    [entry] = (await stand_in.http.get("/control/ledger")).json()["webhooks"]
    assert (entry["is_accepted"], entry["times"]) == (True, seen + 1 if accepted else 2)
    assert entry["message_id"] == result["id"]


@pytest.mark.parametrize(
    ("channel", "tries"), [("whatsapp", 4), ("sms_twilio", 2), ("sms_africastalking", 1)]
)
async def test_each_provider_tries_again_in_its_own_way(stand_in: StandIn, channel: str, tries: int) -> None:
    stand_in.product.answers = [503] * 10
    await stand_in.write(channel=channel, type="text", text="Hi", posted="until_accepted")
    assert len(stand_in.product.requests) == tries


async def test_receipts_alone_can_be_lost(stand_in: StandIn) -> None:
    await stand_in.fault(kind="drop", of="receipts", times=None, channel="sms_africastalking")
    await stand_in.write(channel="sms_africastalking", type="text", text="Hi", posted="until_accepted")
    assert len(stand_in.product.requests) == 1
    form = {"username": "shop", "to": f"+{ADA}", "from": "+2348030000011", "message": "Hello"}
    await stand_in.http.post("/africastalking/version1/messaging", data=form, headers={"apiKey": "a-key"})
    await stand_in.next(channel="sms_africastalking")
    async with asyncio.timeout(10):
        while not (await stand_in.http.get("/control/faults")).json()["items"][0]["struck"]:  # noqa: ASYNC110  a fault tells nobody
            await asyncio.sleep(0.01)
    assert len(stand_in.product.requests) == 1


async def test_an_order_holds_for_its_channel_and_shopper_until_it_is_dropped(stand_in: StandIn) -> None:
    order = {"kind": "http", "status": 503, "times": None, "channel": "whatsapp", "shopper": ADA}
    ordered = await stand_in.http.post("/control/faults", json=order)
    assert [(await stand_in.send(type="text", text={"body": "x"})).status_code for _ in range(3)] == [503] * 3
    await stand_in.send_text("to another", to=WANJIRU)
    [listed] = (await stand_in.http.get("/control/faults")).json()["items"]
    assert (listed["id"], listed["struck"]) == (ordered.json()["id"], 3)
    await stand_in.http.delete(f"/control/faults/{listed['id']}")
    await stand_in.send_text("again")


def test_chance_strikes_the_same_with_the_same_seed_whatever_comes_between() -> None:
    def struck(seed: int, others: int) -> list[bool]:
        faults = Faults()
        faults.add(Fault(FaultKind.DROP, times=None, probability=0.4, seed=seed))
        took = []
        for _ in range(60):
            took.append(faults.take([FaultKind.DROP], Channel.WHATSAPP, [SELLER], ADA) is not None)
            for _ in range(others):
                faults.take([FaultKind.DROP], Channel.WHATSAPP, [SELLER], WANJIRU)
        return took

    assert struck(7, 0) == struck(7, 3)
    assert struck(7, 0) != struck(8, 0)
    assert 10 < sum(struck(7, 0)) < 40


async def test_the_ledger_lists_sends_and_how_often_the_same_was_taken(stand_in: StandIn) -> None:
    for tracker in ("a:0", "a:0", "a:1"):
        await stand_in.send_text("Hello", biz_opaque_callback_data=tracker)
    await stand_in.next(count=3)
    ledger = (await stand_in.http.get("/control/ledger", params={"channel": "whatsapp"})).json()
    sends = [(send["tracker"], send["times"], send["shopper"], send["seller"]) for send in ledger["sends"]]
    assert sends == [("a:0", 1, ADA, SELLER), ("a:0", 2, ADA, SELLER), ("a:1", 1, ADA, SELLER)]
    assert ledger["sends"][0]["body"]["text"] == {"body": "Hello"}
    after = ledger["sends"][-1]["seq"]
    later = (await stand_in.http.get("/control/ledger", params={"after": after})).json()
    assert later["sends"] == []
