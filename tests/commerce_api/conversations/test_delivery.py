"""What is queued leaves once, in order, over real HTTP, whatever the provider answers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text, update

from channels.messages import OutboundMessage, ReceiptStatus
from channels.registry import PROVIDERS
from commerce_api.conversations import accounts, delivery, outbox, queries, sending
from commerce_api.conversations.delivery import Delivery
from commerce_api.conversations.models import Author, DeliveryStatus, Message, MessagePart
from commerce_api.core import clock
from commerce_api.core.database import Database
from commerce_api.core.http import open_client
from commerce_api.core.secrets import Vault, vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, message, receipt
from tests.commerce_api.conversations.provider_stand_in import PlainProvider, StandIn


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StandIn]:
    """A stand-in provider that takes the place of WhatsApp."""
    stand_in = StandIn()
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setitem(PROVIDERS, "whatsapp", PlainProvider(f"http://127.0.0.1:{port}"))
    yield stand_in
    server.close()


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return clock.now() + self.ahead


class Line:
    """One conversation of a number, and the delivery of what it says."""

    def __init__(
        self, database: Database, number: Number, conversation_id: UUID, deliveries: Delivery
    ) -> None:
        self._database = database
        self._number = number
        self.conversation_id = conversation_id
        self.deliveries = deliveries
        self.stop = asyncio.Event()

    async def say(self, *texts: str) -> None:
        """Queues messages."""
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            conversation = await queries.lock(session, self.conversation_id)
            said = [OutboundMessage(one) for one in texts]
            await outbox.enqueue(session, conversation, said, author=Author.ASSISTANT, now=clock.now())

    async def drain(self) -> None:
        """Runs the conversation's delivery once, as its job does, with no job of it waiting."""
        async with self._database.transaction() as session:
            await session.execute(
                text("delete from procrastinate_jobs where lock = :lock"), {"lock": self.lock}
            )
        await self.deliveries.drain(self._number.tenant.id, self.conversation_id, self.stop)

    @property
    def lock(self) -> str:
        return f"deliver:{self.conversation_id}"

    async def next_job(self) -> datetime | None:
        """When the delivery job that waits is due; None for at once. Raises when none waits."""
        async with self._database.transaction() as session:
            found = await session.execute(
                text("select scheduled_at from procrastinate_jobs where lock = :lock"), {"lock": self.lock}
            )
            at: datetime | None = found.one()[0]
            return at

    async def change_parts(self, **columns: Any) -> None:
        """Writes over every part, as a process that died might have left it."""
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            await session.execute(
                update(MessagePart).where(MessagePart.tenant_id == self._number.tenant.id).values(**columns)
            )


@pytest.fixture
def moving() -> Clock:
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as client:
        yield client


@pytest.fixture
async def line(
    *,
    bot: BotSide,
    number: Number,
    shop: Shop,
    database: Database,
    settings: Settings,
    http: httpx.AsyncClient,
    moving: Clock,
    provider: StandIn,
) -> Line:
    await bot.deliver(message(number))
    deliveries = Delivery(database, http, vault(settings), settings, moving)
    return Line(database, number, (await shop.conversation()).id, deliveries)


async def outbound(shop: Shop) -> list[Message]:
    return [one for one in await shop.messages() if one.status is not None]


async def statuses(shop: Shop) -> list[str]:
    return [str(one.status) for one in await outbound(shop)]


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
