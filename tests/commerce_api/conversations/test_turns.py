"""Turns run once, in order, by one process; what dies is told and handed over."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from channels.messages import Choice, InboundKind, OutboundMessage, choice_id
from commerce_api.conversations import service
from commerce_api.conversations.models import Author, Conversation, DeliveryStatus, HandledBy, Turn, TurnState
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import (
    BotSide,
    MakeNumber,
    Number,
    Shop,
    a_seller,
    inside,
    message,
)

HI = OutboundMessage("Hello! What are you looking for?")
MENU = OutboundMessage(
    "Choose:",
    choices=(
        Choice("Ankara", "ask_product_details", {"product": "ankara"}),
        Choice("Rice", "ask_product_details", {"product": "rice"}, "per bag"),
    ),
)


async def expire_leases(database: Database, number: Number) -> None:
    """Makes every lease of the number's tenant a thing of the past."""
    async with database.transaction() as session:
        await inside(session, number)
        await session.execute(
            update(Turn)
            .where(Turn.tenant_id == number.tenant.id, Turn.state == TurnState.CLAIMED)
            .values(lease_until=now() - timedelta(seconds=1))
        )
        await session.execute(
            update(Conversation)
            .where(Conversation.turn_due_at.is_not(None))
            .values(turn_due_at=now() - timedelta(seconds=1))
        )


async def claim_here(bot: BotSide, shop: Shop, worker: str = "rasa-1") -> dict[str, Any] | None:
    """Claims until a turn of this shop comes (other tests leave turns behind), or none is left."""
    here = {str(turn.id) for turn in await shop.turns()}
    while (turn := await bot.claim(worker)) is not None:
        if turn["id"] in here:
            return turn
    return None


async def test_turns_of_a_conversation_come_in_order_and_one_at_a_time(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    first = (await bot.deliver(message(number, "one")))["turns"][0]
    later = [await bot.deliver(message(number, word)) for word in ("two", "three")]
    assert [answer["turns"] for answer in later] == [[], []]
    second = (await bot.finish(first, HI))["turn"]
    third = (await bot.finish(second, HI))["turn"]
    assert (second["text"], third["text"]) == ("two", "three")
    assert (await bot.finish(third, HI))["turn"] is None


async def test_many_claims_at_once_give_each_turn_to_one(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    number = await make_number()
    for shopper in range(8):
        await bot.deliver(message(number, sender=f"23480399999{shopper:02}"))
    await expire_leases(database, number)
    claims = await asyncio.gather(*(bot.claim(f"rasa-{i}") for i in range(16)))
    ids = [claim["id"] for claim in claims if claim]
    assert len(ids) == len(set(ids))
    here = {str(turn.id) for turn in await Shop(database, number).turns()}
    while (turn := await bot.claim()) is not None:
        ids.append(turn["id"])
    assert here <= set(ids)


async def test_a_lease_that_ran_out_goes_to_another_and_the_first_is_fenced_out(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    turn = (await bot.deliver(message(number), worker="slow"))["turns"][0]
    assert await claim_here(bot, shop, "quick") is None
    await expire_leases(database, number)
    again = await claim_here(bot, shop, "quick")
    assert again is not None
    assert again["id"] == turn["id"]
    refused = await bot.finish(turn, OutboundMessage("too late"), worker="slow", status=409)
    assert refused["code"] == "lease_lost"
    await bot.finish(again, HI, worker="quick")
    assert [one.text for one in await shop.messages()] == ["hello", HI.text]


async def test_finishing_twice_says_everything_once_and_gives_the_same_next_turn(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    turn = (await bot.deliver(message(number, "one")))["turns"][0]
    await bot.deliver(message(number, "two"))
    first = await bot.finish(turn, HI, MENU)
    second = await bot.finish(turn, HI, MENU)
    assert first["turn"] == second["turn"]
    assert first["turn"]["text"] == "two"
    replies = [one for one in await shop.messages() if one.author is Author.ASSISTANT]
    assert [(one.ordinal, one.text) for one in replies] == [(0, HI.text), (1, MENU.text)]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_worker_that_stops_finishes_and_leaves_the_next_turn_to_others(
    bot: BotSide, number: Number, shop: Shop, times: int
) -> None:
    turn = (await bot.deliver(message(number, "one")))["turns"][0]
    await bot.deliver(message(number, "two"))
    body = {"worker": "rasa-1", "replies": [HI.to_json()], "claim_next": False}
    for _ in range(times):
        assert (await bot.post(f"/turns/{turn['id']}/finish", body))["turn"] is None
    await bot.end_hold(turn["conversation_id"])
    following = await claim_here(bot, shop, "rasa-2")
    assert following is not None
    assert following["text"] == "two"


async def test_turns_given_back_are_claimed_at_once_and_count_no_attempt(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    numbers = [await make_number(), await make_number()]
    sent = [message(number, sender=f"23480388888{n:02}") for number in numbers for n in range(7)]
    stops = (await bot.deliver(*sent, worker="stops"))["turns"]
    goes_on = (await bot.deliver(message(numbers[0], sender="2348038888899"), worker="goes on"))["turns"]
    assert (len(stops), len(goes_on)) == (14, 1)
    for _ in range(2):
        await bot.post("/turns/release", {"worker": "stops"}, status=204)
    shops = [Shop(database, number) for number in numbers]
    left = [turn for shop in shops for turn in await shop.turns()]
    assert {str(turn.id) for turn in left if turn.state is TurnState.CLAIMED} == {goes_on[0]["id"]}
    assert {turn.attempts for turn in left if turn.state is TurnState.PENDING} == {0}
    for given_back in stops:
        await bot.end_hold(given_back["conversation_id"])
    again = set()
    while (turn := await bot.claim("another")) is not None:
        again.add(turn["id"])
    assert again >= {turn["id"] for turn in stops}


async def test_who_gave_a_turn_back_cannot_finish_it(bot: BotSide, number: Number, shop: Shop) -> None:
    turn = (await bot.deliver(message(number), worker="stops"))["turns"][0]
    await bot.post("/turns/release", {"worker": "stops"}, status=204)
    refused = await bot.finish(turn, HI, worker="stops", status=409)
    assert refused["code"] == "lease_lost"
    assert [one.text for one in await shop.messages()] == ["hello"]


async def test_finishing_at_the_same_time_stores_one_set_of_replies(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await asyncio.gather(*(bot.finish(turn, HI) for _ in range(6)))
    assert [one.text for one in await shop.messages()] == ["hello", HI.text]


async def test_an_unknown_turn_is_not_found(bot: BotSide, number: Number) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    unknown = {**turn, "id": "00000000-0000-4000-8000-000000000000"}
    assert (await bot.finish(unknown, HI, status=404))["code"] == "not_found"


async def test_a_turn_that_died_tells_the_shopper_in_their_language_and_asks_for_a_person(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    number = await make_number(languages=["fr"], name="Chez Awa")
    shop = Shop(database, number)
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn, OutboundMessage("half an answer"), failure="action server away")
    texts = [(one.author, one.text or "") for one in (await shop.messages())[1:]]
    assert texts[0] == (Author.ASSISTANT, "half an answer")
    assert texts[1][0] is Author.SYSTEM
    assert "Chez Awa" in texts[1][1]
    assert texts[1][1].startswith("Désolé")
    conversation = await shop.conversation()
    assert conversation.handled_by is HandledBy.WAITING
    assert conversation.handoff_reason == "turn_failed: action server away"


async def test_a_silent_turn_is_a_dead_one(bot: BotSide, number: Number, shop: Shop) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn)
    assert [turn.failure for turn in await shop.turns()] == ["silent"]
    assert (await shop.messages())[-1].author is Author.SYSTEM
    assert (await shop.conversation()).handled_by is HandledBy.WAITING


async def test_a_reaction_may_be_left_unanswered(bot: BotSide, number: Number, shop: Shop) -> None:
    turn = (await bot.deliver(message(number, None, kind=InboundKind.REACTION, emoji="👍")))["turns"][0]
    await bot.finish(turn)
    assert [turn.state for turn in await shop.turns()] == [TurnState.DONE]
    assert (await shop.conversation()).handled_by is HandledBy.BOT


async def test_a_turn_that_dies_three_times_is_given_up(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    await bot.deliver(message(number))
    for _ in range(2):
        await expire_leases(database, number)
        assert await claim_here(bot, shop) is not None
    await expire_leases(database, number)
    assert await claim_here(bot, shop) is None
    (turn,) = await shop.turns()
    assert (turn.state, turn.attempts, turn.failure) == (TurnState.FAILED, 3, "attempts_used_up")
    assert (await shop.messages())[-1].author is Author.SYSTEM
    assert (await shop.conversation()).handled_by is HandledBy.WAITING


async def test_while_nobody_has_come_yet_the_assistant_helps_on(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    path = f"/conversations/{turn['conversation_id']}/handoff"
    assert (await bot.post(path, {"reason": "talk_to_human"}))["handled_by"] == "waiting"
    await bot.finish(turn, OutboundMessage("A person will answer you."))
    (meanwhile,) = (await bot.deliver(message(number, "and how much is rice?")))["turns"]
    await bot.finish(meanwhile, OutboundMessage("₦1,300 a derica."))
    assert [turn.state for turn in await shop.turns()] == [TurnState.DONE, TurnState.DONE]
    assert [one.text for one in await shop.messages()][-1] == "₦1,300 a derica."
    conversation = await shop.conversation()
    assert (conversation.handled_by, conversation.unread) == (HandledBy.WAITING, 2)


async def test_replies_are_kept_back_when_a_seller_took_over_meanwhile(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    conversation = await shop.conversation()
    async with database.transaction() as session:
        moment = await inside(session, number)
        await service.take_over(session, conversation.id, await a_seller(session), moment)
    assert (await bot.finish(turn, HI))["turn"] is None
    assert [one.text for one in await shop.messages()] == ["hello"]
    assert [turn.state for turn in await shop.turns()] == [TurnState.SKIPPED]


async def test_a_tap_means_what_that_conversation_was_offered(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn, MENU)
    offered = (await shop.messages())[-1]
    tap = message(number, "Rice", kind=InboundKind.CHOICE, choice_id=choice_id(str(offered.id), 1))
    tapped = (await bot.deliver(tap))["turns"][0]
    assert tapped["choice"] == {
        "title": "Rice",
        "intent": "ask_product_details",
        "entities": {"product": "rice"},
        "description": "per bag",
    }
    assert [choice["title"] for choice in tapped["offered"]] == ["Ankara", "Rice"]


async def test_a_tap_on_what_another_conversation_was_offered_is_only_its_words(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn, MENU)
    offered = (await shop.messages())[-1]
    wrong_ids = (
        choice_id(str(offered.id), 1),
        choice_id(str(offered.id), 7),
        "not-an-id.0",
        "9" * 5000,
        f"{offered.id.hex}.²",
        None,
    )
    for place, wrong in enumerate(wrong_ids):
        sender = "2348055555555" if place == 0 else f"23480555556{place:02}"
        tap = message(number, "Rice", kind=InboundKind.CHOICE, choice_id=wrong, sender=sender)
        tapped = (await bot.deliver(tap))["turns"][0]
        assert (tapped["choice"], tapped["kind"], tapped["text"]) == (None, "text", "Rice")


async def test_what_is_offered_is_the_whole_last_answer(bot: BotSide, number: Number) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn, MENU, HI, OutboundMessage("More:", choices=(Choice("More", "browse_catalog"),)))
    turn = (await bot.deliver(message(number, "2")))["turns"][0]
    assert [choice["title"] for choice in turn["offered"]] == ["Ankara", "Rice", "More"]
    await bot.finish(turn, HI)
    turn = (await bot.deliver(message(number, "2")))["turns"][0]
    assert turn["offered"] == []


async def test_an_event_is_a_turn_like_a_tap_and_happens_once(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn, HI)
    conversation = await shop.conversation()
    for _ in range(2):
        async with database.transaction() as session:
            moment = await inside(session, number)
            await service.record_event(
                session,
                conversation.id,
                intent="payment_update",
                entities={"order": "A-1", "status": "paid"},
                key="payment-1:paid",
                now=moment,
            )
    event = await claim_here(bot, shop)
    assert event is not None
    assert event["kind"] == "event"
    assert event["choice"]["intent"] == "payment_update"
    assert event["choice"]["entities"] == {"order": "A-1", "status": "paid"}
    assert (await bot.finish(event, OutboundMessage("Paid!")))["turn"] is None
    assert len(await shop.turns()) == 2


async def test_news_of_a_payment_reaches_a_shopper_whom_a_seller_is_talking_to(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    await bot.deliver(message(number))
    conversation = await shop.conversation()
    async with database.transaction() as session:
        moment = await inside(session, number)
        await service.take_over(session, conversation.id, await a_seller(session), moment)
        await service.record_event(
            session, conversation.id, intent="payment_update", entities={}, key="p", now=moment
        )
    await expire_leases(database, number)
    event = await claim_here(bot, shop)
    assert event is not None
    await bot.finish(event, OutboundMessage("Paid!"))
    assert (await shop.messages())[-1].text == "Paid!"
    assert (await shop.conversation()).handled_by is HandledBy.SELLER


async def test_replies_are_queued_with_a_job_in_the_same_transaction(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    await bot.finish(turn, HI, MENU)
    replies = (await shop.messages())[1:]
    assert {one.status for one in replies} == {DeliveryStatus.QUEUED}
    async with database.transaction() as session:
        jobs = await session.execute(
            text("select args from procrastinate_jobs where lock = :lock and status = 'todo'"),
            {"lock": f"deliver:{turn['conversation_id']}"},
        )
        (args,) = jobs.scalars()
    assert args == {"tenant_id": str(number.tenant.id), "conversation_id": turn["conversation_id"]}


async def test_the_database_itself_refuses_a_second_running_turn(
    bot: BotSide, number: Number, database: Database
) -> None:
    await bot.deliver(message(number, "one"))
    await bot.deliver(message(number, "two"))
    async with database.sessions() as session:
        await enter(session, number.tenant.id)
        with pytest.raises(IntegrityError, match="uq_turns_claimed"):
            await session.execute(text("update turns set state = 'claimed'"))
