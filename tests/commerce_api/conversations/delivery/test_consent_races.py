"""A STOP, a send, a merge and a receipt at the same moment: none is missed, none waits in a ring."""

import asyncio

from sqlalchemy import select

from channels.messages import ConsentWord, ReceiptStatus
from commerce_api.conversations import ledger, queries
from commerce_api.conversations.models import Conversation, Message
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, message, receipt
from tests.commerce_api.conversations.delivery.conftest import Line
from tests.commerce_api.conversations.delivery.test_consent import STOPPED, fates
from tests.commerce_api.conversations.provider_stand_in import StandIn


async def test_a_send_that_is_being_begun_and_a_stop_wait_for_each_other(
    *, line: Line, number: Number, database: Database, bot: BotSide, provider: StandIn
) -> None:
    """Whichever commits first decides; there is no between."""
    await line.say("racing")
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        conversation = await queries.conversation(session, line.conversation_id)
        await ledger.hold(session, conversation)
        stop = asyncio.create_task(bot.deliver(message(number, "STOP")))
        done, _ = await asyncio.wait({stop}, timeout=0.3)
        assert not done
    await stop
    await line.drain()
    assert provider.texts == [STOPPED]


async def test_a_send_sees_the_stop_of_the_person_its_shopper_turns_out_to_be_meanwhile(
    *, line: Line, number: Number, database: Database, bot: BotSide, shop: Shop, provider: StandIn
) -> None:
    await bot.deliver(message(number, "STOP", sender="2348039999999", consent=ConsentWord.STOP))
    (other,) = [one for one in await shop.rows(Conversation) if one.id != line.conversation_id]
    await line.say("racing")
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        conversation = await queries.lock(session, line.conversation_id)
        await ledger.hold_alone(session, conversation)
        sending = asyncio.create_task(line.drain())
        done, _ = await asyncio.wait({sending}, timeout=0.3)
        assert not done
        conversation.contact_id = other.contact_id
    await sending
    assert provider.texts == []
    assert [code for _, code in await fates(shop)] == ["opted_out"]


async def test_who_holds_what_was_said_holds_it_for_the_contact_of_now(
    *, line: Line, number: Number, database: Database, bot: BotSide, shop: Shop
) -> None:
    await bot.deliver(message(number, "STOP", sender="2348039999999", consent=ConsentWord.STOP))
    (other,) = [one for one in await shop.rows(Conversation) if one.id != line.conversation_id]
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        before = await queries.conversation(session, line.conversation_id)
        async with database.transaction() as merging:
            await enter(merging, number.tenant.id)
            moved = await queries.lock(merging, line.conversation_id)
            moved.contact_id = other.contact_id
        assert (await ledger.standing(session, before)).is_stopped
        await ledger.hold(session, before)
        assert before.contact_id == other.contact_id
        start = asyncio.create_task(bot.deliver(message(number, "START", sender="2348039999999")))
        done, _ = await asyncio.wait({start}, timeout=0.3)
        assert not done
    await start


async def test_news_that_the_shopper_stopped_us_waits_for_a_send_without_being_in_its_way(
    *, line: Line, number: Number, database: Database, bot: BotSide, shop: Shop, provider: StandIn
) -> None:
    await line.say("one")
    await line.drain()
    sent = f"sent-{provider.received[0]['part']}"
    told = receipt(number, sent, ReceiptStatus.FAILED, error_code="21610")
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await ledger.hold(session, await queries.conversation(session, line.conversation_id))
        news = asyncio.create_task(bot.deliver(receipts=[told]))
        done, _ = await asyncio.wait({news}, timeout=0.3)
        assert not done
        free = select(Message.id).with_for_update(nowait=True)
        assert len((await session.scalars(free)).all()) == 1
    await news
    assert [code for _, code in await fates(shop)] == ["21610"]
