"""A seller's emoji goes to the provider as a reaction to the shopper's message, and takes nothing over."""

from uuid import UUID

import pytest

from channels.messages import OutboundMessage
from channels.provider import SenderAccount
from channels.registry import PROVIDERS
from commerce_api.conversations.answering import reacting
from commerce_api.conversations.errors import ReactionNotCarried
from commerce_api.conversations.models import Author, HandledBy, Message
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.errors import NotFound
from tests.commerce_api.conversations.conftest import (
    BotSide,
    MakeNumber,
    Number,
    Shop,
    a_seller,
    inside,
    message,
)


async def react(database: Database, number: Number, talk_id: UUID, about: UUID, emoji: str) -> Message:
    async with database.transaction() as session:
        await inside(session, number)
        seller_id = await a_seller(session)
        return await reacting.react(session, talk_id, about, emoji, seller_id=seller_id, now=now())


@pytest.mark.parametrize("emoji", ["👍", ""])
async def test_an_emoji_travels_as_a_reaction_and_nobody_is_taken_over(
    bot: BotSide, number: Number, shop: Shop, database: Database, emoji: str
) -> None:
    await bot.deliver(message(number, "thank you", provider_message_id="wamid.thanks"))
    [said] = await shop.messages()
    sent = await react(database, number, said.conversation_id, said.id, emoji)
    assert (sent.kind, sent.author) == ("reaction", Author.SELLER)
    assert (await shop.conversation()).handled_by is HandledBy.BOT
    account = SenderAccount("1", "https://graph.example", {"access_token": "t"})
    built = PROVIDERS["whatsapp"].build(
        OutboundMessage.from_json(sent.body), str(sent.id), "2348031234567", account
    )
    [body] = [one.json_body for one in built if one.json_body]
    assert (body["type"], body["reaction"]) == ("reaction", {"message_id": "wamid.thanks", "emoji": emoji})


async def test_there_is_no_reaction_to_ourselves_or_where_none_is_carried(
    bot: BotSide, number: Number, shop: Shop, database: Database, make_number: MakeNumber
) -> None:
    [turn] = (await bot.deliver(message(number, "hello")))["turns"]
    await bot.finish(turn, OutboundMessage("Hello!"))
    said, answer = await shop.messages()
    with pytest.raises(ReactionNotCarried):
        await react(database, number, said.conversation_id, answer.id, "👍")
    with pytest.raises(NotFound):
        await react(database, await make_number(), said.conversation_id, said.id, "👍")
