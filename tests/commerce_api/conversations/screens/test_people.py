"""People and text messages beside a dialogue of screens: what is written, and where it is read."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from channels.messages import Link, OutboundMessage
from commerce_api.conversations import service
from commerce_api.conversations.models import Conversation, HandledBy
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop
from tests.commerce_api.conversations.screens.conftest import (
    CHANNEL,
    ENGLISH,
    HOME,
    Line,
    dialled,
    handled_by,
    said_by_sms,
    say,
)


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
    carried = [one for one in await shop.messages() if one.id != text.id and one.text == text.text]
    # Nobody knows yet whether it arrives.
    assert [one.status for one in carried] == ["sent"]
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
