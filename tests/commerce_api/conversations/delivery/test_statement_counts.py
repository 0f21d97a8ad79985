"""How many statements the hottest work takes: each costs the API, PostgreSQL and who waits for the answer."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from channels.messages import OutboundMessage, ReceiptStatus
from commerce_api.conversations.models import DeliveryStatus, MessagePart
from commerce_api.core.database import Database
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, message, receipt
from tests.commerce_api.conversations.delivery.conftest import Line
from tests.conftest import SERVICE

RISING = (ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ)


class Statements:
    """What psycopg ran, without begins and commits, whoever asked it to."""

    def __init__(self) -> None:
        self.run: list[str] = []

    def since(self, before: int) -> int:
        return len(self.run) - before


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Statements:
    """Counts every statement of this process."""
    counted = Statements()
    execute = psycopg.AsyncCursor.execute

    async def counting(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        counted.run.append(query if isinstance(query, str) else bytes(query).decode())
        return await execute(self, query, *arguments, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counting)
    return counted


async def ticked(database: Database, bot: BotSide) -> None:
    """Both processes know the database's time: they ask for it once in ten seconds."""
    for known in (database, bot.app.state.database):
        async with known.transaction() as session:
            await known.clock.now(session)


async def test_a_text_of_someone_known_is_recorded_in_eight_statements(
    bot: BotSide, number: Number, statements: Statements, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn, OutboundMessage("Hello!"))
    await ticked(database, bot)
    before = len(statements.run)
    answer = await bot.deliver(message(number, "rice"), is_patient=True)
    assert answer["accepted"] == 1
    assert statements.since(before) <= 8, statements.run[before:]


async def test_a_keyed_post_takes_and_keeps_its_key_in_two_statements(
    bot: BotSide, number: Number, statements: Statements, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    path, told = f"/conversations/{turn['conversation_id']}/remember", {"name": "Ada", "language": "en"}
    # Once before, so that it is known by now and changes nothing.
    await bot.post(path, told)
    before = len(statements.run)
    await bot.post(path, told)
    plain = statements.since(before)
    before = len(statements.run)
    keyed = {**SERVICE, "Idempotency-Key": uuid4().hex}
    answer = await bot.api.post(f"/api/v1/bot{path}", json=told, headers=keyed)
    assert answer.status_code == 200, answer.text
    assert statements.since(before) == plain + 2, statements.run[before:]


async def test_three_receipts_of_a_message_are_recorded_in_seven_statements(
    bot: BotSide, number: Number, shop: Shop, line: Line, statements: Statements, database: Database
) -> None:
    await line.say("hello")
    await line.drain()
    (part,) = await shop.rows(MessagePart)
    assert part.provider_message_id is not None
    told = [receipt(number, part.provider_message_id, status) for status in RISING]
    await ticked(database, bot)
    before = len(statements.run)
    assert (await bot.deliver(receipts=told))["accepted"] == len(RISING)
    assert statements.since(before) <= 7, statements.run[before:]
    (part,) = await shop.rows(MessagePart)
    assert part.status is DeliveryStatus.READ


async def test_a_turn_is_claimed_in_seven_statements_and_finished_in_nine(
    bot: BotSide, number: Number, statements: Statements, database: Database
) -> None:
    waiting = (await bot.deliver(message(number), is_patient=True))["waiting"][0]
    await bot.end_hold(waiting["conversation_id"])
    await ticked(database, bot)
    before = len(statements.run)
    turn = await bot.claim_in(waiting["conversation_id"])
    assert turn is not None
    assert statements.since(before) <= 7, statements.run[before:]
    before = len(statements.run)
    await bot.finish(turn, OutboundMessage("Yes."), OutboundMessage("We have rice."))
    assert statements.since(before) <= 9, statements.run[before:]


async def test_a_message_is_delivered_in_twenty_seven_statements(
    line: Line, statements: Statements, shop: Shop
) -> None:
    await line.say("first")
    await line.drain()
    await line.say("hello")
    before = len(statements.run)
    await line.drain()
    # The test's clock asks for the time twice, and its line for the job's end once.
    assert statements.since(before) <= 27 + 3, statements.run[before:]
    assert [one.status for one in (await shop.messages())[-1:]] == [DeliveryStatus.SENT]
