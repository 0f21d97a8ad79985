"""Messages are answered as they were said, once each, whatever order and however often they come."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.messages import InboundKind, InboundMessage, Media, OutboundMessage, choice_id
from commerce_api.conversations import ordering
from commerce_api.conversations.models import Contact, Conversation, Message, Turn, TurnState
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, Shop, message
from tests.commerce_api.conversations.test_turns import HI, MENU

STARTED = now() - timedelta(minutes=30)


@pytest.fixture
def long_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, the moment for which a message is held back does not pass by itself."""
    monkeypatch.setattr(ordering, "HOLD_BACK", timedelta(seconds=50))
    monkeypatch.setattr(ordering, "BACKLOG_HOLD_BACK", timedelta(seconds=50))


def said(number: Number, text: str | None, seconds: float, **parts: Any) -> InboundMessage:
    """A message said so many seconds after the test began, by the provider's clock."""
    return message(number, text, sent_at=now() + timedelta(seconds=seconds), **parts)


async def answer_all(bot: BotSide, number: Number, shop: Shop) -> list[str]:
    """Answers the only conversation's turns until none is left; their words in that order."""
    conversation = str((await shop.conversation()).id)
    await bot.end_hold(conversation)
    turn, heard = await bot.claim_in(conversation), []
    while turn is not None:
        heard.append(turn["text"])
        turn = (await bot.finish(turn, OutboundMessage(f"re {turn['text']}")))["turn"]
    return heard


@pytest.mark.usefixtures("long_hold")
async def test_a_message_that_overtook_another_is_answered_after_it(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    await bot.deliver(said(number, "two of them", -1), is_patient=True)
    await bot.deliver(said(number, "rice", -3), is_patient=True)
    assert await answer_all(bot, number, shop) == ["rice", "two of them"]
    assert [one.text for one in await shop.messages()][:2] == ["two of them", "rice"]
    thread = await shop.rows(Message, order=(Message.said_at))
    assert [one.text for one in thread][:2] == ["rice", "two of them"]


@pytest.mark.usefixtures("long_hold")
async def test_in_one_second_the_order_of_arrival_counts(bot: BotSide, number: Number, shop: Shop) -> None:
    moment = now() - timedelta(seconds=1)
    for word in ("one", "two", "three"):
        await bot.deliver(message(number, word, sent_at=moment), is_patient=True)
    assert await answer_all(bot, number, shop) == ["one", "two", "three"]


async def test_a_message_older_than_one_that_was_answered_is_answered_next(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    (later,) = (await bot.deliver(said(number, "later", -1)))["turns"]
    assert (await bot.finish(later, HI))["turn"] is None
    (earlier,) = (await bot.deliver(said(number, "earlier", -40)))["turns"]
    assert earlier["text"] == "earlier"
    await bot.finish(earlier, HI)
    assert [turn.state for turn in await shop.turns()] == [TurnState.DONE, TurnState.DONE]


@pytest.mark.usefixtures("long_hold")
async def test_only_the_first_message_after_a_silence_is_to_be_asked_for(
    bot: BotSide, number: Number
) -> None:
    first = await bot.deliver(message(number, "one"), is_patient=True)
    others = [await bot.deliver(message(number, word), is_patient=True) for word in ("two", "three")]
    assert first["turns"] == []
    assert len(first["waiting"]) == 1
    assert [(other["turns"], other["waiting"]) for other in others] == [([], []), ([], [])]


async def test_a_lone_message_waits_for_less_than_a_tenth_of_a_second(bot: BotSide, number: Number) -> None:
    (waiting,) = (await bot.deliver(message(number, "one"), is_patient=True))["waiting"]
    assert 0 < waiting["wait_ms"] <= 100


async def test_four_quick_messages_wait_less_than_300_ms_in_all(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    waited = 0
    for word in ("one", "two", "three", "four"):
        answer = await bot.deliver(message(number, word))
        waited += sum(waiting["wait_ms"] for waiting in answer["waiting"])
        for turn in answer["turns"]:
            assert (await bot.finish(turn, HI))["turn"] is None
    assert len(await shop.turns()) == 4
    assert 0 < waited < 300


@pytest.mark.usefixtures("long_hold")
async def test_held_back_it_can_be_claimed_by_nobody_and_then_at_once(bot: BotSide, number: Number) -> None:
    answer = await bot.deliver(message(number), is_patient=True)
    (waiting,) = answer["waiting"]
    body = {"worker": "rasa-1", "conversation_id": waiting["conversation_id"]}
    early = await bot.post("/turns/claim", body)
    assert early["turn"] is None
    assert 0 < early["wait_ms"] <= waiting["wait_ms"]
    await bot.end_hold(waiting["conversation_id"])
    assert (await bot.post("/turns/claim", body))["turn"]["text"] == "hello"


@pytest.mark.usefixtures("long_hold")
async def test_a_finished_turn_tells_when_to_ask_for_one_that_is_held_back(
    bot: BotSide, number: Number
) -> None:
    (turn,) = (await bot.deliver(message(number, "one")))["turns"]
    await bot.deliver(message(number, "two"), is_patient=True)
    body = {"worker": "rasa-1", "replies": [HI.to_json()], "failure": None}
    ended = await bot.post(f"/turns/{turn['id']}/finish", body)
    assert ended["turn"] is None
    assert 40_000 < ended["wait_ms"] <= 50_000
    assert ended["conversation_id"] == turn["conversation_id"]


async def test_a_step_of_a_dialogue_is_answered_at_once(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    number = await make_number(channel="ussd_africastalking")
    step = message(number, "", sender="+2348031234567", session_id="s1")
    answer = await bot.deliver(step, channel="ussd_africastalking", is_patient=True)
    assert len(answer["turns"]) == 1
    assert answer["waiting"] == []


async def test_what_comes_from_a_backlog_is_held_back_longer(bot: BotSide, number: Number) -> None:
    answer = await bot.deliver(said(number, "old", -7200), is_patient=True)
    (waiting,) = answer["waiting"]
    assert 1000 < waiting["wait_ms"] <= 2000


@pytest.mark.usefixtures("long_hold")
async def test_an_album_in_ten_webhooks_at_once_is_ten_messages_and_one_turn(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    moment = now()
    pictures = [
        message(number, None, kind=InboundKind.IMAGE, media=Media(f"m{place}"), sent_at=moment)
        for place in range(10)
    ]
    await asyncio.gather(*(bot.deliver(picture, is_patient=True) for picture in pictures))
    assert len(await shop.rows(Contact)) == len(await shop.rows(Conversation)) == 1
    stored = await shop.messages()
    assert [one.position for one in stored] == list(range(1, 11))
    (turn,) = await shop.turns()
    assert {one.joined_turn_id for one in stored if one.id != turn.message_id} == {turn.id}


@pytest.mark.usefixtures("long_hold")
async def test_an_album_is_about_the_words_written_under_one_of_its_pictures(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    captions = [None, "how much is this?", None]
    for place, caption in enumerate(captions):
        picture = message(
            number, None, kind=InboundKind.IMAGE, media=Media(f"m{place}", caption=caption), sent_at=now()
        )
        await bot.deliver(picture, is_patient=True)
    assert await answer_all(bot, number, shop) == ["how much is this?"]


async def test_a_picture_after_the_album_was_answered_still_belongs_to_it_and_a_later_one_does_not(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    def picture(seconds: float) -> InboundMessage:
        return said(number, None, seconds, kind=InboundKind.IMAGE, media=Media(uuid4().hex))

    (turn,) = (await bot.deliver(picture(-30)))["turns"]
    await bot.finish(turn, HI)
    await bot.deliver(picture(-28))
    assert len(await shop.turns()) == 1
    await bot.deliver(picture(-1))
    assert len(await shop.turns()) == 2


@pytest.mark.usefixtures("long_hold")
async def test_a_tap_made_twice_counts_once_and_words_typed_twice_count_twice(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    (turn,) = (await bot.deliver(said(number, "hello", -60)))["turns"]
    await bot.finish(turn, MENU)
    offered = (await shop.messages())[-1]
    for seconds in (-30, -29.6, -5):
        rice = choice_id(str(offered.id), 1)
        tap = said(number, "Rice", seconds, kind=InboundKind.CHOICE, choice_id=rice)
        await bot.deliver(tap, is_patient=True)
    assert len(await shop.turns()) == 1 + 2
    for seconds in (-3, -2.6):
        await bot.deliver(said(number, "2 rice", seconds), is_patient=True)
    assert len(await shop.turns()) == 1 + 2 + 2


@pytest.mark.parametrize("minutes", [-10, 0, 10])
async def test_a_clock_that_is_wrong_holds_no_turn_up(bot: BotSide, number: Number, minutes: int) -> None:
    answer = await bot.deliver(said(number, "hello", minutes * 60))
    assert [turn["text"] for turn in answer["turns"]] == ["hello"]


@pytest.mark.parametrize(
    ("sent", "at", "stands"), [(-5, 0, -5), (0, 0, 0), (600, 0, 0)], ids=["past", "now", "future"]
)
def test_nothing_stands_later_in_the_thread_than_it_came(sent: int, at: int, stands: int) -> None:
    def moment(seconds: int) -> datetime:
        return STARTED + timedelta(seconds=seconds)

    assert ordering.said_at(moment(sent), moment(at)) == moment(stands)


ARRIVALS = st.permutations(range(5)).flatmap(
    lambda order: st.lists(st.sampled_from(range(5)), max_size=5).map(lambda again: (order, again))
)


@pytest.mark.usefixtures("long_hold")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARRIVALS)
async def test_any_order_and_any_repetition_ends_in_the_same_thread_and_the_same_turns(
    bot: BotSide, make_number: MakeNumber, database: Database, arrivals: tuple[list[int], list[int]]
) -> None:
    number = await make_number()
    shop = Shop(database, number)
    words = [f"word {place}" for place in range(5)]
    messages = [said(number, word, place - 20) for place, word in enumerate(words)]
    order, again = arrivals
    for place in [*order, *again]:
        await bot.deliver(messages[place], is_patient=True)
    thread = await shop.rows(Message, order=Message.said_at)
    assert [one.text for one in thread] == words
    assert await answer_all(bot, number, shop) == words
    assert {turn.attempts for turn in await shop.rows(Turn)} == {1}
