"""A shopper who floods: every message is kept, turns are few, one word of patience; nobody else notices."""

from datetime import timedelta
from typing import Any

from commerce_api.conversations import flooding, service
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, inside, message

WORDS = "I'm reading your messages; give me a moment."


async def test_a_flood_is_kept_whole_answered_by_few_turns_and_told_once(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    flood = [message(number, f"word {i}", sent_at=now() + timedelta(milliseconds=i)) for i in range(60)]
    for start in range(0, 60, 5):
        await bot.deliver(*flood[start : start + 5], is_patient=True)
    kept = [one for one in await shop.messages() if one.status is None]
    said = [one.text for one in await shop.messages() if one.status is not None]
    turns = await shop.turns()
    assert len(kept) == 60
    assert len(turns) == flooding.MESSAGES
    assert said == [WORDS]
    (newest,) = [one.id for one in kept if one.text == "word 59"]
    assert turns[-1].message_id == newest
    assert sum(one.joined_turn_id == turns[-1].id for one in kept) == 60 - flooding.MESSAGES


async def test_another_shopper_is_not_slowed_by_a_flood(bot: BotSide, number: Number, shop: Shop) -> None:
    await bot.deliver(*(message(number, f"word {i}") for i in range(30)))
    before = len(await shop.turns())
    answer = await bot.deliver(message(number, "other", sender="2348037777777"))
    assert [turn["text"] for turn in answer["turns"]] == ["other"]
    assert len(await shop.turns()) == before + 1


async def test_news_of_a_payment_is_answered_however_much_is_written_around_it(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    flood = [message(number, f"word {i}", sent_at=now() + timedelta(milliseconds=i)) for i in range(30)]
    await bot.deliver(*flood[:25], is_patient=True)
    async with database.transaction() as session:
        moment = await inside(session, number, now() + timedelta(seconds=1))
        talk = (await shop.conversation()).id
        facts: dict[str, Any] = {"intent": "payment_update", "entities": {}, "key": "paid"}
        news = await service.record_event(session, talk, now=moment, **facts)
    await bot.deliver(*flood[25:], is_patient=True)
    assert news in [turn.message_id for turn in await shop.turns()]
    kept = {one.id: one for one in await shop.messages()}
    assert kept[news].joined_turn_id is None
    assert len(await shop.turns()) == flooding.MESSAGES + 1
