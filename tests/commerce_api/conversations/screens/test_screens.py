"""Dialogues of screens: what each step is answered with, over keys, drops and delays."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from channels.messages import OutboundMessage
from commerce_api.conversations import flooding
from commerce_api.conversations.models import DeliveryStatus
from commerce_api.conversations.screen_models import ScreenState
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop
from tests.commerce_api.conversations.screens.conftest import CHANNEL, ENGLISH, HOME, LONG, SHELF, Json, Line


async def test_who_dials_is_greeted_with_a_menu(line: Line, shop: Shop) -> None:
    assert await line.dial(HOME) == "Welcome! What can I get you?\n1. Browse\n2. My cart"
    dialling, hello = await shop.messages()
    assert (dialling.text, dialling.body["choice"]["intent"]) == (line.code, "start_over")
    assert (hello.status, hello.due_at) == (DeliveryStatus.DELIVERED, None)


async def test_a_choices_number_is_a_tap_on_it(line: Line, bot: BotSide) -> None:
    await line.dial(HOME)
    line.typed = "2"
    recorded = await line.record("2")
    (turn,) = recorded["turns"]
    assert turn["choice"]["intent"] == "view_cart"
    assert turn["kind"] == "choice"


async def test_words_and_other_numbers_are_said_to_the_assistant(line: Line) -> None:
    await line.dial(HOME)
    line.typed = "7"
    (turn,) = (await line.record("7"))["turns"]
    assert (turn["text"], turn["choice"], turn["kind"]) == ("7", None, "text")


async def test_stars_that_were_typed_are_part_of_what_was_typed(line: Line) -> None:
    await line.dial(HOME)
    line.typed = "12*4 Marina"
    (turn,) = (await line.record("4 Marina"))["turns"]
    assert turn["text"] == "12*4 Marina"


async def test_a_long_answer_is_turned_over_page_by_page_without_the_assistant(line: Line) -> None:
    await line.dial(HOME)
    seen = [await line.type("1", LONG)]
    while "98 More" in seen[-1]:
        seen.append(await line.type("98"))
    assert len(seen) > 2
    for place in range(1, 10):
        assert sum(f"{place}. Thing {place} of the shop, N{place},500 per bag" in page for page in seen) == 1
    for page in reversed(seen[:-1]):
        assert await line.type("0") == page


async def test_a_choice_can_be_picked_from_any_page(line: Line) -> None:
    await line.dial(HOME)
    await line.type("1", LONG)
    line.typed += "*9"
    (turn,) = (await line.record("9"))["turns"]
    assert turn["choice"]["title"] == "Thing 9 of the shop"


async def test_back_goes_to_the_screen_before_and_its_choices_hold(line: Line) -> None:
    home = await line.dial(HOME)
    await line.type("1", SHELF)
    assert await line.type("0") == home
    line.typed += "*2"
    (turn,) = (await line.record("2"))["turns"]
    assert turn["choice"]["intent"] == "view_cart"


async def test_home_leads_to_the_menu_from_anywhere_and_back_again(line: Line) -> None:
    await line.dial(HOME)
    await line.type("1", SHELF)
    shelf = await line.type("1", LONG)
    assert (await line.type("00")).startswith("Welcome! What can I get you?\n1. Browse\n2. My cart")
    assert await line.type("0") == shelf


async def test_keys_are_kept_as_messages_and_cost_no_turn(line: Line, shop: Shop) -> None:
    await line.dial(HOME)
    await line.type("1", SHELF)
    await line.type("0")
    inbound = [one.text for one in await shop.messages() if one.direction == "inbound"]
    assert inbound == [line.code, "1", "0"]
    assert len(await shop.turns()) == 2


async def test_the_way_back_is_bounded(line: Line, shop: Shop) -> None:
    await line.dial(HOME)
    for _ in range(15):
        await line.type("words", SHELF)
    (state,) = await shop.rows(ScreenState)
    assert len(state.behind) == 10


async def test_a_step_posted_again_gets_the_same_screen_and_runs_nothing(line: Line, shop: Shop) -> None:
    await line.dial(HOME)
    shelf = await line.type("1", LONG)
    again = await line.record("1")
    assert (again["accepted"], again["duplicates"], again["turns"]) == (0, 1, [])
    assert (await line.take())["text"] == shelf
    more = await line.type("98")
    assert (await line.record("98"))["duplicates"] == 1
    assert (await line.take())["text"] == more
    assert len(await shop.turns()) == 2


async def test_a_step_posted_again_while_its_turn_runs_waits_for_it(line: Line, bot: BotSide) -> None:
    await line.dial(HOME)
    line.typed = "1"
    (turn,) = (await line.record("1"))["turns"]
    assert not (await line.take())["is_ready"]
    assert (await line.record("1"))["duplicates"] == 1
    assert not (await line.take())["is_ready"]
    await bot.finish(turn, SHELF)
    first, second = await line.take(), await line.take()
    assert first == second
    assert first["text"].startswith("Look:")


async def test_an_answer_that_takes_longer_is_fetched_later(line: Line, bot: BotSide) -> None:
    await line.dial(HOME)
    line.typed = "1"
    (turn,) = (await line.record("1"))["turns"]
    working = await line.take(is_final=True)
    assert (working["text"], working["is_last"]) == (f"{ENGLISH.working}\n1. {ENGLISH.see_answer}", False)
    await bot.finish(turn, SHELF)
    assert (await line.type("1")).startswith("Look:\n1. Oil")


async def test_an_answer_that_still_takes_longer_is_asked_for_again(line: Line, bot: BotSide) -> None:
    await line.dial(HOME)
    line.typed = "1"
    (turn,) = (await line.record("1"))["turns"]
    await line.take(is_final=True)
    line.typed += "*1"
    await line.record("1")
    assert not (await line.take())["is_ready"]
    assert (await line.take(is_final=True))["text"].startswith(ENGLISH.working)
    await bot.finish(turn, SHELF)
    assert (await line.type("1")).startswith("Look:")


async def test_who_was_cut_off_is_asked_whether_to_go_on(line: Line) -> None:
    await line.dial(HOME)
    shelf = await line.type("1", SHELF)
    welcome = await line.dial()
    assert welcome == "Welcome back to Mama Ngozi.\n1. Go on where you were\n2. Start anew"
    assert await line.type("1") == shelf


async def test_who_starts_anew_is_greeted_and_nothing_lies_behind(line: Line) -> None:
    home = await line.dial(HOME)
    await line.type("1", SHELF)
    await line.dial()
    assert await line.type("2", HOME) == home
    assert await line.type("0") == home


async def test_words_typed_at_the_question_are_said(line: Line) -> None:
    await line.dial(HOME)
    await line.type("1", SHELF)
    welcome = await line.dial()
    assert await line.type("7") == welcome
    assert (await line.type("palm oil", SHELF)).startswith("Look:")


async def test_after_hours_a_dial_begins_anew(
    line: Line, database: Database, number: Number, shop: Shop
) -> None:
    await line.dial(HOME)
    await line.type("1", SHELF)
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        long_ago = now() - timedelta(hours=4)
        await session.execute(update(ScreenState).values(updated_at=long_ago))
    assert (await line.dial(HOME)).startswith("Welcome! What")


async def test_the_menu_and_a_last_screen_are_nothing_to_go_on_with(line: Line) -> None:
    await line.dial(HOME)
    assert (await line.dial(HOME)).startswith("Welcome! What")
    await line.type("bye", OutboundMessage("Bye!", is_last=True))
    assert (await line.take())["is_last"]
    assert (await line.dial(HOME)).startswith("Welcome! What")


async def test_an_answer_nobody_took_is_shown_at_the_next_dial(line: Line, bot: BotSide) -> None:
    await line.dial(HOME)
    line.typed = "1"
    (turn,) = (await line.record("1"))["turns"]
    await bot.finish(turn, SHELF)
    assert (await line.dial()).startswith("Look:\n1. Oil\n2. Rice")


async def test_a_turn_that_died_is_told_of(line: Line, bot: BotSide) -> None:
    await line.dial(HOME)
    line.typed = "1"
    (turn,) = (await line.record("1"))["turns"]
    await bot.finish(turn, failure="timeout")
    assert "I've asked a person" in (await line.take())["text"]


async def test_nothing_is_sent_by_the_worker(line: Line, api: httpx.AsyncClient, shop: Shop) -> None:
    await line.dial(HOME)
    outbound = [one for one in await shop.messages() if one.direction == "outbound"]
    assert [one.due_at for one in outbound] == [None]


async def test_a_longer_code_leads_to_the_one_that_is_registered(line: Line, number: Number) -> None:
    line.code = number.address.replace("#", "*5#")
    assert (await line.dial(HOME)).startswith("Welcome! What")


async def test_what_is_typed_with_the_code_is_part_of_dialling(line: Line) -> None:
    line.session, line.typed = "ATUid_x", "5"
    assert (await line.post("5", HOME)).startswith("Welcome! What")
    line.typed = "5*2"
    (turn,) = (await line.record("2"))["turns"]
    assert turn["choice"]["intent"] == "view_cart"


@pytest.mark.parametrize("wrong", [{"address": "*1#"}, {"provider_message_id": "x:0"}])
async def test_a_step_nobody_recorded_has_no_screen(line: Line, bot: BotSide, wrong: Json) -> None:
    await line.dial(HOME)
    step = {"channel": CHANNEL, "address": line.code, "provider_message_id": line.step, **wrong}
    await bot.post("/screens/take", step, 404)


async def test_screens_are_not_for_the_world(api: httpx.AsyncClient) -> None:
    assert (await api.post("/api/v1/bot/screens/take", json={})).status_code == 401


async def test_who_leafs_quickly_floods_nobody_and_leaves_nothing_unread(line: Line, shop: Shop) -> None:
    await line.dial(HOME)
    await line.type("look", LONG)
    for _ in range(flooding.MESSAGES):
        await line.type("98")
        await line.type("0")
    assert (await shop.conversation()).unread == 1
    assert await line.type("rice", SHELF) == "Look:\n1. Oil\n2. Rice\n0 Back 00 Home"
    assert len(await shop.turns()) == 3


async def test_who_types_words_without_end_is_slowed_though_they_dial(line: Line, shop: Shop) -> None:
    await line.dial(HOME)
    for place in range(flooding.MESSAGES - 1):
        line.typed = f"{line.typed}*word {place}" if line.typed else f"word {place}"
        await line.record(f"word {place}")
    assert len(await shop.turns()) == flooding.MESSAGES
    line.typed = f"{line.typed}*more"
    await line.record("more")
    assert len(await shop.turns()) == flooding.MESSAGES
