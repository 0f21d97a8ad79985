"""A provider that hangs for one seller's account leaves the worker free for everybody else's."""

import asyncio
from datetime import timedelta
from typing import Any

from channels.messages import OutboundMessage
from commerce_api.conversations import contacts, outbox
from commerce_api.conversations.models import Author
from commerce_api.conversations.seats import MOST_OF_ACCOUNT
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from stack.database import Urls
from tests.commerce_api.conversations.conftest import MakeNumber, Number, make_number
from tests.commerce_api.conversations.provider_stand_in import StandIn
from tests.commerce_api.test_worker import graph, quiet, running

__all__ = ["graph", "make_number", "quiet"]

MANY = 25
PATIENT = "2348030000777"


async def queue(database: Database, number: Number, *shoppers: str) -> None:
    """One message to each shopper."""
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        for shopper in shoppers:
            conversation = await contacts.conversation_with(
                session, number.account, shopper, name=None, now=now()
            )
            conversation.reply_window_until = now() + timedelta(hours=24)
            said = [OutboundMessage("hello")]
            await outbox.enqueue(session, conversation, said, author=Author.ASSISTANT, now=now())


async def test_an_account_that_hangs_fills_its_own_seats_alone(
    *, urls: Urls, database: Database, graph: tuple[StandIn, str], make_number: MakeNumber
) -> None:
    stand_in, url = graph
    slow, quick = await make_number(), await make_number()
    released = asyncio.Event()

    async def hang(body: dict[str, Any]) -> None:
        if PATIENT not in body["to"]:
            await released.wait()

    stand_in.before_answer = hang
    await queue(database, slow, *(f"23480311{i:05}" for i in range(MANY)))
    async with running(urls.application, url) as process:
        await stand_in.wait_for(MOST_OF_ACCOUNT, seconds=60)
        await queue(database, quick, PATIENT)
        await stand_in.wait_for(MOST_OF_ACCOUNT + 1, seconds=30)
        assert [PATIENT in body["to"] for body in stand_in.received].index(True) == MOST_OF_ACCOUNT
        released.set()
        await stand_in.wait_for(MANY + 1, seconds=60)
        assert (await process.stop())[0] == 0
    assert len({body["to"] for body in stand_in.received}) == MANY + 1
