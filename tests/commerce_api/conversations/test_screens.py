"""Dialogues of screens: what each step is answered with, over keys, drops, delays and people."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import update

from channels.gsm import is_plain, septets
from channels.messages import Choice, InboundKind, InboundMessage, Link, OutboundMessage
from channels.ussd.paging import LIMIT
from channels.ussd.words import WORDS
from commerce_api.conversations import accounts, service
from commerce_api.conversations.models import Conversation, DeliveryStatus, HandledBy, Message
from commerce_api.conversations.screen_models import ScreenState
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop
from tests.conftest import MakeTenant

CHANNEL = "ussd_africastalking"
PHONE = "+2348031234501"
WORKER = "rasa-1"
ENGLISH = WORDS["en"]
HOME = OutboundMessage(
    "Welcome! What can I get you?", (Choice("Browse", "browse_catalog"), Choice("My cart", "view_cart"))
)
SHELF = OutboundMessage("Look:", (Choice("Oil", "ask_price"), Choice("Rice", "ask_price")))
LONG = OutboundMessage(
    "\n".join(f"{place}. Thing {place} of the shop, ₦{place},500 per bag" for place in range(1, 10)),
    tuple(Choice(f"Thing {place} of the shop", "ask_price") for place in range(1, 10)),
)

Json = dict[str, Any]


@dataclass
class Line:
    """A shopper's phone on the line with a seller's code."""

    bot: BotSide
    code: str
    session: str = ""
    typed: str = ""

    async def dial(self, *replies: OutboundMessage) -> str:
        """Dials; the screen, once the assistant has said ``replies``."""
        self.session, self.typed = f"ATUid_{uuid4().hex}", ""
        return await self.post(None, *replies)

    async def type(self, text: str, *replies: OutboundMessage) -> str:
        """Types something; the screen after it."""
        self.typed = f"{self.typed}*{text}" if self.typed else text
        return await self.post(text, *replies)

    async def post(self, text: str | None, *replies: OutboundMessage) -> str:
        recorded = await self.record(text)
        for turn in recorded["turns"]:
            await self.bot.finish(turn, *replies)
        assert bool(recorded["turns"]) == bool(replies), "a turn, or none, where none or one was awaited"
        screen = await self.take()
        assert screen["is_ready"]
        shown: str = screen["text"]
        assert is_plain(shown)
        assert septets(shown) <= LIMIT
        return shown

    async def record(self, text: str | None) -> Json:
        return await self.bot.deliver(self.message(text), channel=CHANNEL)

    async def take(self, *, is_final: bool = False) -> Json:
        step = {"channel": CHANNEL, "address": self.code, "provider_message_id": self.step}
        return await self.bot.post("/screens/take", {**step, "is_final": is_final})

    @property
    def step(self) -> str:
        return f"{self.session}:{len(self.typed.split('*')) if self.typed else 0}"

    def message(self, text: str | None) -> InboundMessage:
        return InboundMessage(
            provider_message_id=self.step,
            account=self.code,
            sender=PHONE,
            sent_at=now(),
            kind=InboundKind.TEXT,
            text=text,
            session_id=self.session,
            fields={"typed": self.typed},
        )


@pytest.fixture
async def number(database: Database, settings: Settings, make_tenant: MakeTenant) -> Number:
    """A seller with a code to dial."""
    tenant = await make_tenant(name="Mama Ngozi", languages=["en"])
    async with database.transaction() as session:
        await enter(session, tenant.id)
        account = await connect(session, settings, CHANNEL, f"*384*{uuid4().int % 10**9}#")
    return Number(tenant, account)


async def connect(session: Any, settings: Settings, channel: str, address: str) -> Any:
    return await accounts.connect(
        session,
        vault(settings),
        channel=channel,
        address=address,
        name=channel,
        display_number=None,
        credentials={},
        now=now(),
    )


@pytest.fixture
async def sms(database: Database, settings: Settings, number: Number) -> Any:
    """The same seller's number for text messages."""
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        return await connect(session, settings, "sms_africastalking", f"+23480{uuid4().int % 10**8:08d}")


@pytest.fixture
def line(bot: BotSide, number: Number) -> Line:
    """A phone."""
    return Line(bot, number.address)


async def handled_by(database: Database, number: Number, who: HandledBy) -> None:
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await session.execute(update(Conversation).values(handled_by=who))


async def say(database: Database, number: Number, shop: Shop, text: str) -> None:
    """The seller answers from the inbox."""
    conversation = await dialled(shop)
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await service.say(session, conversation.id, text=text, seller_id=uuid4(), now=now())


async def dialled(shop: Shop) -> Conversation:
    return next(one for one in await shop.rows(Conversation) if one.channel == CHANNEL)


async def said_by_sms(shop: Shop) -> list[Message]:
    talks = {one.id for one in await shop.rows(Conversation) if one.channel != CHANNEL}
    return [one for one in await shop.messages() if one.conversation_id in talks]


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


async def test_a_person_who_answers_is_written_to_and_answers_at_the_next_dial(
    line: Line, database: Database, number: Number, shop: Shop
) -> None:
    await line.dial(HOME)
    await handled_by(database, number, HandledBy.SELLER)
    told = await line.type("where are my things")
    assert told == ENGLISH.person_by_dialling.format(shop="Mama Ngozi", code=line.code)
    assert (await line.take())["is_last"]
    assert await line.dial() == ENGLISH.write_to_person.format(shop="Mama Ngozi")
    assert await line.type("2") == told
    await say(database, number, shop, "They left this morning.")
    assert (await line.dial()).startswith("They left this morning.")


async def test_a_persons_answer_goes_by_sms_where_the_seller_has_a_number(
    line: Line, database: Database, number: Number, shop: Shop, sms: Any
) -> None:
    await line.dial(HOME)
    await handled_by(database, number, HandledBy.SELLER)
    told = await line.type("where are my things")
    assert told == ENGLISH.person_by_sms.format(shop="Mama Ngozi")
    await say(database, number, shop, "They left this morning.")
    (text,) = await said_by_sms(shop)
    assert (text.text, text.author, text.status) == ("They left this morning.", "seller", "queued")
    assert text.channel_account_id == sms.id
    talk = next(one for one in await shop.rows(Conversation) if one.channel != CHANNEL)
    assert talk.handled_by is HandledBy.SELLER
    assert talk.contact_id == (await dialled(shop)).contact_id
    assert await line.dial() == ENGLISH.write_to_person.format(shop="Mama Ngozi")


async def test_a_pay_link_goes_by_sms_to_the_same_phone(line: Line, shop: Shop, sms: Any) -> None:
    placed = OutboundMessage("Pay ₦9,350.", link=Link("Pay now", "https://pay.example/1"), is_last=True)
    await line.dial(HOME)
    assert await line.type("1", placed) == f"Pay N9,350.\n{ENGLISH.by_sms}"
    (text,) = await said_by_sms(shop)
    assert (text.text, text.body["link"]["url"]) == ("Pay ₦9,350.", "https://pay.example/1")


async def test_without_a_number_for_sms_the_link_is_on_the_screen(line: Line) -> None:
    placed = OutboundMessage("Pay ₦9,350.", link=Link("Pay now", "https://pay.example/1"))
    await line.dial(HOME)
    assert "Pay now: https://pay.example/1" in await line.type("1", placed)


async def test_news_of_an_order_go_by_sms_and_else_wait_for_the_next_dial(
    line: Line, bot: BotSide, database: Database, number: Number, shop: Shop
) -> None:
    await line.dial(HOME)
    await report(bot, database, number, shop, "Your payment arrived.")
    assert (await line.dial()).startswith("Your payment arrived.")


async def test_news_that_went_by_sms_are_not_told_twice(
    line: Line, bot: BotSide, database: Database, number: Number, shop: Shop, sms: Any
) -> None:
    await line.dial(HOME)
    await report(bot, database, number, shop, "Your payment arrived.")
    assert [one.text for one in await said_by_sms(shop)] == ["Your payment arrived."]
    assert (await line.dial(HOME)).startswith("Welcome! What")


async def report(bot: BotSide, database: Database, number: Number, shop: Shop, text: str) -> None:
    conversation = await dialled(shop)
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await service.record_event(
            session,
            conversation.id,
            intent="payment_update",
            entities={},
            key=uuid4().hex,
            now=now() - timedelta(seconds=1),
        )
    turn = await bot.claim_in(str(conversation.id))
    assert turn is not None
    await bot.finish(turn, OutboundMessage(text))


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
