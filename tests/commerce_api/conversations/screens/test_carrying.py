"""What goes by SMS for a shopper who dials: none of it is lost, whatever else is said there meanwhile."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from channels.messages import OutboundMessage
from commerce_api.conversations import contacts, outbox
from commerce_api.conversations.models import Author, ChannelAccount, HandledBy
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from tests.commerce_api.conversations.conftest import Number, Shop, inside
from tests.commerce_api.conversations.screens.conftest import (
    HOME,
    PHONE,
    Line,
    handled_by,
    line,
    number,
    said_by_sms,
    say,
    sms,
)

__all__ = ["line", "number", "sms"]


async def test_what_is_carried_and_what_is_said_there_at_the_same_moment_are_both_kept(
    *, line: Line, number: Number, shop: Shop, sms: ChannelAccount, database: Database
) -> None:
    await line.dial(HOME)
    await handled_by(database, number, HandledBy.SELLER)
    await say(database, number, shop, "first by SMS")
    async with database.transaction() as session:
        moment = await inside(session, number)
        talk = await contacts.conversation_with(session, sms, PHONE, name=None, now=moment)
        await outbox.enqueue(session, talk, [OutboundMessage("said there")], author=Author.SYSTEM, now=moment)
        carried = asyncio.create_task(say(database, number, shop, "carried there"))
        done, _ = await asyncio.wait({carried}, timeout=0.3)
        assert not done
    await carried
    assert [one.text for one in await said_by_sms(shop)] == ["first by SMS", "said there", "carried there"]


async def test_a_message_that_has_no_place_of_its_own_is_a_fault_and_not_dropped(
    line: Line, number: Number, sms: ChannelAccount, database: Database
) -> None:
    async def enqueue(**place: int) -> None:
        async with database.transaction() as session:
            moment = await inside(session, number)
            talk = await contacts.conversation_with(session, sms, PHONE, name=None, now=moment)
            talk.next_position = place.get("position", talk.next_position)
            said = [OutboundMessage("one")]
            await outbox.enqueue(session, talk, said, author=Author.SYSTEM, now=now())

    await enqueue()
    with pytest.raises(IntegrityError):
        await enqueue(position=1)
