"""Receipts, stopping, sweeping and giving up: how a queued message comes to its end."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from channels.messages import OutboundMessage, ReceiptStatus, Template
from channels.registry import PROVIDERS
from commerce_api.conversations import accounts, outbox, queries, sending
from commerce_api.conversations.models import Author, DeliveryStatus
from commerce_api.conversations.outbound_models import AccountNotice
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import Vault, vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, receipt
from tests.commerce_api.conversations.delivery.conftest import Clock, Line, outbound, statuses
from tests.commerce_api.conversations.provider_stand_in import StandIn


async def test_a_receipt_that_comes_before_the_sends_answer_is_not_lost(
    line: Line, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    async def tell(body: dict[str, Any]) -> None:
        told = [
            receipt(number, f"sent-{body['part']}", status)
            for status in (ReceiptStatus.READ, ReceiptStatus.SENT)
        ]
        await bot.deliver(receipts=told)

    provider.before_answer = tell
    await line.say("one")
    await line.drain()
    assert await statuses(shop) == ["read"]


async def test_receipts_and_the_sends_answer_may_race(
    line: Line, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    racing: list[asyncio.Task[Any]] = []

    async def tell(body: dict[str, Any]) -> None:
        told = receipt(number, f"sent-{body['part']}", ReceiptStatus.DELIVERED)
        racing.append(asyncio.create_task(bot.deliver(receipts=[told])))

    provider.before_answer = tell
    await line.say(*(f"line {i}" for i in range(20)))
    await line.drain()
    await asyncio.gather(*racing)
    assert await statuses(shop) == ["delivered"] * 20


async def test_a_message_is_read_when_each_of_its_parts_is(
    line: Line, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    await line.say("one\ntwo")
    await line.drain()
    first, second = (f"sent-{body['part']}" for body in provider.received)
    await bot.deliver(receipts=[receipt(number, first, ReceiptStatus.READ)])
    assert await statuses(shop) == ["sent"]
    await bot.deliver(receipts=[receipt(number, second, ReceiptStatus.DELIVERED)])
    assert await statuses(shop) == ["delivered"]
    await bot.deliver(receipts=[receipt(number, second, ReceiptStatus.READ)])
    await bot.deliver(receipts=[receipt(number, first, ReceiptStatus.SENT)])
    assert await statuses(shop) == ["read"]


async def test_a_failed_receipt_fails_what_was_sent_with_its_reason(
    line: Line, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    await line.say("one")
    await line.drain()
    sent = f"sent-{provider.received[0]['part']}"
    told = receipt(number, sent, ReceiptStatus.FAILED, error_code="131026", error_text="Undeliverable")
    await bot.deliver(receipts=[told])
    (failed,) = await outbound(shop)
    assert (failed.status, failed.failure_code) == (DeliveryStatus.FAILED, "131026")
    assert (await shop.conversation()).handoff_reason == "undelivered: 131026"


async def test_a_receipt_that_names_the_account_opens_a_notice(
    line: Line, provider: StandIn, shop: Shop, bot: BotSide, number: Number
) -> None:
    await line.say("one", "two")
    await line.drain()
    for body in provider.received:
        told = receipt(number, f"sent-{body['part']}", ReceiptStatus.FAILED, error_code="131042")
        await bot.deliver(receipts=[told])
    (notice,) = await shop.rows(AccountNotice)
    assert (notice.code, notice.times, notice.closed_at) == ("131042", 2, None)
    await line.say("three")
    await line.drain()
    (notice,) = await shop.rows(AccountNotice)
    assert notice.closed_at is not None


async def close_window(database: Database, number: Number, line: Line) -> None:
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        held = await queries.lock(session, line.conversation_id)
        held.reply_window_until = now() - timedelta(minutes=1)


async def test_outside_the_reply_window_only_a_template_is_sent_and_a_person_is_asked_for(
    *, line: Line, provider: StandIn, shop: Shop, database: Database, number: Number
) -> None:
    await line.say("free-form")
    await close_window(database, number, line)
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        held = await queries.lock(session, line.conversation_id)
        offer = OutboundMessage("your order is ready", template=Template("ready", "en"))
        await outbox.enqueue(session, held, [offer], author=Author.SYSTEM, now=now())
    await line.drain()
    assert provider.texts == ["your order is ready"]
    assert [one.failure_code for one in await outbound(shop)] == ["window_closed", None]
    conversation = await shop.conversation()
    assert (conversation.handled_by, conversation.handoff_reason) == ("waiting", "undelivered: window_closed")


async def test_a_channel_without_a_window_is_always_open(
    *,
    line: Line,
    provider: StandIn,
    database: Database,
    number: Number,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(PROVIDERS["whatsapp"], "window_hours", None)
    await close_window(database, number, line)
    await line.say("months later")
    await line.drain()
    assert provider.texts == ["months later"]


async def test_a_worker_told_to_stop_leaves_the_rest_to_a_job(
    line: Line, provider: StandIn, shop: Shop
) -> None:
    async def stop(_: dict[str, Any]) -> None:
        line.stop.set()

    provider.before_answer = stop
    await line.say("one", "two")
    await line.drain()
    assert await statuses(shop) == ["sent", "queued"]
    assert await line.next_job() is None


async def test_the_sweep_finds_what_lost_its_job(
    line: Line, shop: Shop, database: Database, provider: StandIn
) -> None:
    await line.say("one")
    async with database.transaction() as session:
        await session.execute(text("delete from procrastinate_jobs where lock = :lock"), {"lock": line.lock})
    await line.deliveries.sweep()
    assert await line.next_job() is None
    await line.drain()
    assert provider.texts == ["one"]


async def test_a_day_old_message_is_not_sent_any_more(
    line: Line, provider: StandIn, shop: Shop, moving: Clock
) -> None:
    await line.say("one")
    moving.ahead = timedelta(hours=25)
    await line.drain()
    assert provider.texts == []
    assert [one.failure_code for one in await outbound(shop)] == ["too_old"]


async def test_a_number_put_out_of_use_sends_nothing(
    *, line: Line, provider: StandIn, shop: Shop, database: Database, settings: Settings, number: Number
) -> None:
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await accounts.change(session, vault(settings), number.account.id, is_active=False)
    await line.say("one")
    await line.drain()
    assert provider.texts == []
    assert [one.failure_code for one in await outbound(shop)] == ["account_inactive"]


async def test_credentials_that_cant_be_opened_hold_the_message_until_they_can(
    *,
    line: Line,
    provider: StandIn,
    shop: Shop,
    database: Database,
    settings: Settings,
    number: Number,
    moving: Clock,
) -> None:
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        account = await accounts.find(session, number.account.id)
        account.credentials = Vault(b"k" * 32).seal(number.tenant.id, {"access_token": "other key"})
    await line.say("one")
    await line.drain()
    assert provider.texts == []
    assert await line.next_job() is not None
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await accounts.change(session, vault(settings), number.account.id, credentials={"access_token": "t"})
    moving.ahead = timedelta(minutes=2)
    await line.drain()
    assert provider.texts == ["one"]
    assert [one.failure_text for one in await outbound(shop)] == [None]


async def test_a_suspended_seller_sends_nothing(
    line: Line, provider: StandIn, shop: Shop, database: Database, number: Number
) -> None:
    await line.say("one")
    async with database.transaction() as session:
        await session.execute(update(Tenant).where(Tenant.id == number.tenant.id).values(status="suspended"))
    await line.drain()
    assert provider.texts == []
    assert [one.failure_code for one in await outbound(shop)] == ["tenant_suspended"]


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 0.5, 1.5), (4, 4, 12), (50, 150, 450)])
def test_pauses_double_up_to_five_minutes_and_are_spread(tries: int, least: float, most: float) -> None:
    assert sending.pause(tries, None, 0.0) == least
    assert sending.pause(tries, None, 1.0) == most


def test_a_pause_the_provider_asks_for_is_kept_within_reason() -> None:
    assert sending.pause(1, 20.0, 0.0) == 20
    assert sending.pause(1, 10**9, 0.0) == 3600
    assert sending.pause(1, -5.0, 1.0) == 0


async def test_after_its_last_try_a_message_fails_and_a_person_is_asked_for(
    line: Line, provider: StandIn, shop: Shop, moving: Clock
) -> None:
    provider.script, provider.after = [500, 500], 30.0
    await line.say("one", "two")
    await line.drain()
    await line.change_parts(attempts=sending.MOST_TRIES - 1)
    moving.ahead = timedelta(minutes=1)
    await line.drain()
    assert provider.texts == ["one", "one", "two"]
    assert [one.failure_code for one in await outbound(shop)] == ["500", None]
    assert (await shop.conversation()).handoff_reason == "undelivered: 500"
