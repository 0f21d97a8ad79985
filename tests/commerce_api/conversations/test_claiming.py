"""Who gets a turn: sellers take turns, lost answers are given again, and one clock decides."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import update

from channels.messages import InboundMessage
from commerce_api.conversations import claiming, ordering
from commerce_api.conversations.models import Conversation, Turn
from commerce_api.core import clock
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, Shop, inside, message
from tests.commerce_api.conversations.test_turns import HI


async def claim_of(bot: BotSide, shops: list[Shop], **body: Any) -> dict[str, Any] | None:
    """Claims until a turn of these sellers' comes (other tests leave turns behind), or none is left."""
    ids = {str(turn.id) for shop in shops for turn in await shop.turns()}
    while (turn := (await bot.post("/turns/claim", body))["turn"]) is not None:
        if turn["id"] in ids:
            found: dict[str, Any] = turn
            return found
    return None


async def backlog(bot: BotSide, database: Database, number: Number, shoppers: int) -> None:
    """So many shoppers of a seller who wait since an hour."""
    messages = [message(number, sender=f"23480360{place:05}") for place in range(shoppers)]
    await bot.deliver(*messages, is_patient=True)
    async with database.transaction() as session:
        moment = await inside(session, number)
        waiting = update(Conversation).where(Conversation.turn_due_at.is_not(None))
        await session.execute(waiting.values(turn_due_at=moment - timedelta(hours=1)))


async def test_one_sellers_backlog_keeps_no_other_waiting(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    busy, quiet, calm = [await make_number() for _ in range(3)]
    await backlog(bot, database, busy, 60)
    for one in (quiet, calm):
        await backlog(bot, database, one, 3)
    shops = [Shop(database, one) for one in (busy, quiet, calm)]
    theirs = {str(turn.id): place for place, shop in enumerate(shops) for turn in await shop.turns()}
    claimed = [await claim_of(bot, shops, worker="fair") for _ in range(9)]
    assert Counter(theirs[turn["id"]] for turn in claimed if turn) == {0: 3, 1: 3, 2: 3}


async def test_a_turn_that_died_is_taken_up_before_an_older_one_that_came_since(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    (later,) = (await bot.deliver(message(number, "later"), worker="dies"))["turns"]
    older = message(number, "older", sent_at=now() - timedelta(minutes=5))
    await bot.deliver(older, is_patient=True)
    async with database.transaction() as session:
        moment = await inside(session, number) - timedelta(seconds=1)
        await session.execute(update(Turn).where(Turn.lease_until.is_not(None)).values(lease_until=moment))
        await session.execute(update(Conversation).values(turn_due_at=moment))
    again = await bot.claim_in(later["conversation_id"])
    assert again is not None
    assert again["id"] == later["id"]
    following = (await bot.finish(again, HI))["turn"]
    assert following["text"] == "older"


async def test_a_backlog_is_worked_off_once_by_many(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    number = await make_number()
    await backlog(bot, database, number, 25)
    shop = Shop(database, number)
    claims = await asyncio.gather(*(claim_of(bot, [shop], worker=f"many-{place}") for place in range(25)))
    ids = [turn["id"] for turn in claims if turn]
    while turn := await claim_of(bot, [shop], worker="many"):
        ids.append(turn["id"])
    assert sorted(ids) == sorted(str(turn.id) for turn in await shop.turns())


async def record(bot: BotSide, one: InboundMessage, call: str, worker: str = "rasa-1") -> dict[str, Any]:
    """Records a dialogue's step, which is answered at once."""
    return await bot.deliver(one, channel="ussd_africastalking", call=call, worker=worker, is_patient=True)


async def test_a_recording_asked_again_gives_its_turns_again_and_only_to_that_call(
    bot: BotSide, make_number: MakeNumber
) -> None:
    number = await make_number(channel="ussd_africastalking")
    step, call = message(number, "", sender="+2348031234567", session_id="s"), str(uuid4())
    (first,) = (await record(bot, step, call))["turns"]
    (again,) = (await record(bot, step, call))["turns"]
    assert first["id"] == again["id"]
    assert (await record(bot, step, str(uuid4())))["turns"] == []
    assert (await record(bot, step, call, worker="rasa-2"))["turns"] == []


async def test_a_claim_of_a_conversation_asked_again_gives_the_same_turn(
    bot: BotSide, number: Number
) -> None:
    (waiting,) = (await bot.deliver(message(number), is_patient=True))["waiting"]
    await bot.end_hold(waiting["conversation_id"])
    body = {"worker": "rasa-1", "conversation_id": waiting["conversation_id"], "call": str(uuid4())}
    first, again = [(await bot.post("/turns/claim", body))["turn"] for _ in range(2)]
    assert first["id"] == again["id"]
    other = await bot.post("/turns/claim", {**body, "call": str(uuid4())})
    assert other["turn"] is None


async def test_a_turn_whose_giving_was_never_heard_of_is_given_again_after_a_while(
    bot: BotSide, number: Number, shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "LEASE", timedelta(minutes=10))
    monkeypatch.setattr(claiming, "UNHEARD", timedelta(minutes=5))
    (turn,) = (await bot.deliver(message(number), worker="deaf"))["turns"]
    body = {"worker": "deaf", "in_hand": []}
    assert await claim_of(bot, [shop], **body) is None
    async with database.transaction() as session:
        await inside(session, number)
        lease = now() + claiming.LEASE - claiming.UNHEARD - timedelta(seconds=1)
        await session.execute(update(Turn).values(lease_until=lease))
    for others in ({"worker": "another"}, {"in_hand": [turn["id"]]}):
        assert await claim_of(bot, [shop], **{**body, **others}) is None
    again = await claim_of(bot, [shop], **body)
    assert again is not None
    assert again["id"] == turn["id"]
    await bot.finish(turn, HI, worker="deaf")


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_process_whose_clock_is_wrong_takes_no_turn_early_and_leaves_none(
    bot: BotSide, number: Number, shop: Shop, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (turn,) = (await bot.deliver(message(number)))["turns"]
    right = clock.now
    monkeypatch.setattr(clock, "now", lambda: right() + timedelta(minutes=minutes))
    assert await claim_of(bot, [shop], worker="rasa-2") is None
    assert (await bot.finish(turn, HI))["turn"] is None
    (turn,) = (await bot.deliver(message(number, sent_at=right())))["turns"]
    await bot.finish(turn, HI)


async def statements(bot: BotSide, monkeypatch: pytest.MonkeyPatch, *messages: InboundMessage) -> int:
    """How many statements recording these takes, between begin and commit."""
    seen: list[Any] = []
    execute = psycopg.AsyncCursor.execute

    async def noting(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(query)
        return await execute(self, query, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.AsyncCursor, "execute", noting)
        await bot.deliver(*messages, is_patient=True)
    return len(seen)


async def test_storing_a_message_takes_few_statements_and_a_batch_hardly_more(
    bot: BotSide, number: Number, monkeypatch: pytest.MonkeyPatch
) -> None:
    (turn,) = (await bot.deliver(message(number)))["turns"]
    await bot.finish(turn, HI)
    monkeypatch.setattr(ordering, "HOLD_BACK", timedelta(seconds=50))
    monkeypatch.setattr(ordering, "BACKLOG_HOLD_BACK", timedelta(seconds=50))
    one = await statements(bot, monkeypatch, message(number))
    many = await statements(bot, monkeypatch, *(message(number, f"n{place}") for place in range(10)))
    assert one <= 11
    # One more to leave out what is known; each message is held to what its shopper said of STOP, and leaves a
    # turn. The clock may be asked once.
    assert many <= one + 1 + 2 * 9 + 1
