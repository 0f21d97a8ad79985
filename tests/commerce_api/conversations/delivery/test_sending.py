"""What is queued leaves once, in order, over real HTTP, whatever the provider answers."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from channels.registry import PROVIDERS
from commerce_api.conversations import delivery, sending
from commerce_api.conversations.models import DeliveryStatus, MessagePart
from commerce_api.core import clock
from commerce_api.core.settings import Settings
from tests.commerce_api.conversations.conftest import Shop
from tests.commerce_api.conversations.delivery.conftest import Clock, Line, outbound, statuses
from tests.commerce_api.conversations.provider_stand_in import PlainProvider, StandIn


async def test_messages_leave_in_order_part_by_part_and_keep_the_providers_ids(
    line: Line, provider: StandIn, shop: Shop
) -> None:
    await line.say("one", "two a\ntwo b", "three")
    await line.drain()
    assert provider.texts == ["one", "two a", "two b", "three"]
    assert {body["to"] for body in provider.received} == {"2348031234567"}
    sent = await outbound(shop)
    assert [one.status for one in sent] == [DeliveryStatus.SENT] * 3
    assert all(one.sent_at and one.due_at is None for one in sent)
    parts = await shop.rows(MessagePart)
    assert {part.provider_message_id for part in parts} == {
        f"sent-{body['part']}" for body in provider.received
    }


async def test_a_busy_provider_is_asked_again_and_what_follows_waits(
    line: Line, provider: StandIn, shop: Shop, moving: Clock
) -> None:
    provider.script, provider.after = [429], 30.0
    await line.say("one", "two")
    await line.drain()
    assert provider.texts == ["one"]
    at = await line.next_job()
    assert at is not None
    assert timedelta(seconds=25) < at - clock.now() < timedelta(seconds=40)
    await line.drain()
    assert provider.texts == ["one"]
    moving.ahead = timedelta(seconds=40)
    await line.drain()
    assert provider.texts == ["one", "one", "two"]
    assert await statuses(shop) == ["sent", "sent"]
    assert not any(one.maybe_doubled for one in await outbound(shop))


async def test_a_broken_provider_never_changes_the_order(
    line: Line, provider: StandIn, shop: Shop, moving: Clock
) -> None:
    provider.script = [500, 200, 500, 429, 200, 500, 200]
    await line.say("one", "two\nthree", "four")
    for _ in range(8):
        await line.drain()
        moving.ahead += timedelta(minutes=10)
    assert provider.texts == ["one", "one", "two", "two", "two", "three", "three", "four"]
    assert await statuses(shop) == ["sent", "sent", "sent"]


async def test_a_refused_message_fails_with_its_reason_and_the_next_goes_on(
    line: Line, provider: StandIn, shop: Shop
) -> None:
    provider.script = [400]
    await line.say("one\nnever", "two")
    await line.drain()
    assert provider.texts == ["one", "two"]
    failed, sent = await outbound(shop)
    assert (failed.status, failed.failure_code, failed.failure_text) == (
        DeliveryStatus.FAILED,
        "400",
        "told to",
    )
    assert sent.status is DeliveryStatus.SENT


async def test_a_message_no_request_can_be_made_of_holds_up_nothing(
    line: Line, provider: StandIn, shop: Shop
) -> None:
    await line.say("unbuildable", "two")
    await line.drain()
    assert provider.texts == ["two"]
    assert [one.failure_code for one in await outbound(shop)] == ["unbuildable", None]


@pytest.mark.parametrize("silence", ["reset", "hang"])
async def test_an_unknown_outcome_is_made_good_once_and_marked(
    *,
    line: Line,
    provider: StandIn,
    shop: Shop,
    moving: Clock,
    monkeypatch: pytest.MonkeyPatch,
    silence: str,
) -> None:
    monkeypatch.setattr(delivery, "PATIENCE", 0.3)
    provider.script = [silence]
    await line.say("one", "two")
    await line.drain()
    moving.ahead = timedelta(minutes=10)
    await line.drain()
    assert provider.texts == ["one", "one", "two"]
    assert [one.maybe_doubled for one in await outbound(shop)] == [True, False]
    assert await statuses(shop) == ["sent", "sent"]


async def test_a_second_unknown_outcome_ends_the_message(
    line: Line, provider: StandIn, shop: Shop, moving: Clock
) -> None:
    provider.script = ["reset", "reset"]
    await line.say("one", "two")
    for _ in range(3):
        await line.drain()
        moving.ahead += timedelta(minutes=10)
    assert provider.texts == ["one", "one", "two"]
    assert [one.failure_code for one in await outbound(shop)] == ["outcome_unknown", None]


async def test_a_provider_that_cant_be_reached_costs_no_doubt(
    line: Line, shop: Shop, moving: Clock, monkeypatch: pytest.MonkeyPatch, provider: StandIn
) -> None:
    there = PROVIDERS["whatsapp"]
    monkeypatch.setitem(PROVIDERS, "whatsapp", PlainProvider("http://127.0.0.1:9"))
    await line.say("one")
    for _ in range(5):
        await line.drain()
        moving.ahead += timedelta(minutes=10)
    monkeypatch.setitem(PROVIDERS, "whatsapp", there)
    await line.drain()
    assert provider.texts == ["one"]
    (sent,) = await outbound(shop)
    assert (sent.status, sent.maybe_doubled) == (DeliveryStatus.SENT, False)


async def test_a_crash_between_sending_and_marking_is_made_good_once(
    line: Line, provider: StandIn, shop: Shop, moving: Clock
) -> None:
    await line.say("one", "two")

    draining = asyncio.create_task(line.drain())
    provider.script = ["hang"]
    await provider.wait_for(1)
    draining.cancel()
    await asyncio.gather(draining, return_exceptions=True)
    assert await statuses(shop) == ["sending", "queued"]
    await line.drain()
    assert provider.texts == ["one"]
    at = await line.next_job()
    assert at is not None
    moving.ahead = sending.TRY_LASTS + timedelta(seconds=1)
    await line.drain()
    assert provider.texts == ["one", "one", "two"]
    assert [one.maybe_doubled for one in await outbound(shop)] == [True, False]


async def test_two_workers_never_send_the_same_part(line: Line, provider: StandIn, shop: Shop) -> None:
    said = [f"line {i}" for i in range(12)]
    await line.say(*said)
    drains = (
        line.deliveries.drain(shop._number.tenant.id, line.conversation_id, line.stop) for _ in range(5)
    )
    await asyncio.gather(*drains)
    await line.drain()
    assert provider.texts == said
    assert await statuses(shop) == ["sent"] * 12


async def test_a_worker_that_was_overtaken_changes_nothing(
    line: Line, provider: StandIn, shop: Shop, moving: Clock
) -> None:
    release = asyncio.Event()

    async def hold(_: dict[str, Any]) -> None:
        provider.before_answer = None
        await release.wait()

    provider.before_answer = hold
    provider.ids = lambda body: f"answer-{len(provider.received)}"
    await line.say("one")
    zombie = asyncio.create_task(line.drain())
    await provider.wait_for(1)
    moving.ahead = sending.TRY_LASTS + timedelta(seconds=1)
    await line.deliveries.drain(shop._number.tenant.id, line.conversation_id, line.stop)
    (part,) = await shop.rows(MessagePart)
    ours = part.provider_message_id
    release.set()
    await zombie
    (part,) = await shop.rows(MessagePart)
    assert (part.provider_message_id, part.attempts) == (ours, 2)
    assert [one.maybe_doubled for one in await outbound(shop)] == [True]


async def test_a_message_of_a_channel_that_was_closed_waits_until_it_is_open_again(
    line: Line,
    provider: StandIn,
    shop: Shop,
    moving: Clock,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await line.say("one")
    with monkeypatch.context() as closed:
        closed.setattr(Settings, "channels", {})
        await line.drain()
    assert provider.texts == []
    [waiting] = await outbound(shop)
    assert waiting.status is DeliveryStatus.QUEUED
    assert waiting.failure_text == "whatsapp is not among CHANNELS"
    moving.ahead = timedelta(hours=1)
    await line.drain()
    assert provider.texts == ["one"]
