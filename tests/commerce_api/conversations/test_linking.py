"""A shopper brings two of their chats together by a code, and nobody else does."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from commerce_api.conversations import linking
from commerce_api.conversations.contact_models import ContactMerge, LinkCode, LinkTry
from commerce_api.conversations.models import Contact, Message
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.tenants.models import Role
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, Shop, inside, message
from tests.conftest import SERVICE, Bearer, MakeMember

PAGE_USER = "178414777"


@pytest.fixture
async def page(make_number: MakeNumber, number: Number) -> Number:
    """The same seller's page."""
    return await make_number(number.tenant, channel="instagram")


async def ask_for_code(bot: BotSide, number: Number, shop: Shop) -> str:
    """A code the shopper asked for on WhatsApp."""
    answer = await bot.deliver(message(number, "Link my chats!"))
    assert answer["turns"] == []
    codes = sorted(await shop.rows(LinkCode), key=lambda code: code.created_at)
    assert codes[-1].code in await said_last(shop)
    return codes[-1].code


async def said_last(shop: Shop) -> str:
    """The newest message of any conversation."""
    said = await shop.rows(Message)
    # What is answered at once has the time of what it answers.
    return max(said, key=lambda one: (one.created_at, one.position)).text or ""


async def from_page(bot: BotSide, page: Number, text: str) -> None:
    """The shopper writes to the page; it is answered without the assistant."""
    sent = message(page, text, sender=PAGE_USER, sender_name=None)
    assert (await bot.deliver(sent, channel="instagram"))["turns"] == []


async def people(shop: Shop) -> int:
    """How many shoppers there are."""
    return len([one for one in await shop.rows(Contact) if one.merged_into_id is None])


@pytest.mark.parametrize("spelled", ["LINK {}", "link {}", "Link: {}.", "  link-{} "])
async def test_a_code_sent_from_the_other_chat_makes_the_two_one(
    bot: BotSide, number: Number, page: Number, shop: Shop, spelled: str
) -> None:
    code = await ask_for_code(bot, number, shop)
    await from_page(bot, page, spelled.format(code if spelled[0] == "L" else code.lower()))
    assert await people(shop) == 1
    (merge,) = await shop.rows(ContactMerge)
    assert merge.reason == "link_code"
    told = [one.text or "" for one in await shop.rows(Message) if one.kind == linking.KIND]
    assert sum("one now" in text for text in told) == 2
    assert any("Instagram" in text for text in told)
    assert any("WhatsApp" in text for text in told)


async def test_a_code_is_good_once(bot: BotSide, number: Number, page: Number, shop: Shop) -> None:
    code = await ask_for_code(bot, number, shop)
    await from_page(bot, page, f"LINK {code}")
    thief = message(page, f"LINK {code}", sender="178414888", sender_name=None)
    await bot.deliver(thief, channel="instagram")
    assert await people(shop) == 2
    assert len(await shop.rows(LinkTry)) == 1


async def test_a_code_sent_by_two_at_once_is_one_persons(
    bot: BotSide, number: Number, page: Number, shop: Shop
) -> None:
    code = await ask_for_code(bot, number, shop)
    senders = [f"1784147{place:02}" for place in range(4)]
    sent = [message(page, f"LINK {code}", sender=sender, sender_name=None) for sender in senders]
    await asyncio.gather(*(bot.deliver(one, channel="instagram") for one in sent))
    assert len(await shop.rows(ContactMerge)) == 1
    assert await people(shop) == 4


async def test_an_old_code_and_one_replaced_are_good_no_more(
    bot: BotSide, number: Number, page: Number, shop: Shop, database: Database
) -> None:
    first = await ask_for_code(bot, number, shop)
    second = await ask_for_code(bot, number, shop)
    await from_page(bot, page, f"LINK {first}")
    async with database.transaction() as session:
        await inside(session, number)
        await session.execute(update(LinkCode).values(expires_at=now() - timedelta(seconds=1)))
    await from_page(bot, page, f"LINK {second}")
    assert await shop.rows(ContactMerge) == []


async def test_a_code_is_none_at_another_sellers(
    bot: BotSide, number: Number, make_number: MakeNumber, shop: Shop, database: Database
) -> None:
    code = await ask_for_code(bot, number, shop)
    elsewhere = await make_number()
    await bot.deliver(message(elsewhere, f"LINK {code}"))
    assert await shop.rows(ContactMerge) == await Shop(database, elsewhere).rows(ContactMerge) == []


async def test_who_guesses_is_stopped_even_with_the_right_code(
    bot: BotSide, number: Number, page: Number, shop: Shop
) -> None:
    for place in range(linking.MOST_TRIES):
        await from_page(bot, page, f"LINK 2A3B{place + 2}C")
    code = await ask_for_code(bot, number, shop)
    await from_page(bot, page, f"LINK {code}")
    assert await shop.rows(ContactMerge) == []
    assert len(await shop.rows(LinkTry)) == linking.MOST_TRIES


@pytest.mark.parametrize("words", ["link", "link please", "send me the link", "LINK MARKET", "link 123456"])
async def test_talk_of_links_is_for_the_assistant(bot: BotSide, number: Number, words: str) -> None:
    (turn,) = (await bot.deliver(message(number, words)))["turns"]
    assert turn["text"] == words


async def test_a_seller_sends_a_code_and_undoes_what_came_of_it(
    bot: BotSide,
    number: Number,
    page: Number,
    shop: Shop,
    api: httpx.AsyncClient,
    bearer: Bearer,
    make_member: MakeMember,
) -> None:
    await bot.deliver(message(number))
    agent, viewer = [await make_member(number.tenant, role) for role in (Role.AGENT, Role.VIEWER)]
    url = f"/api/v1/tenants/{number.tenant.id}"
    path = f"{url}/conversations/{(await shop.conversation()).id}/link-code"
    assert (await api.post(path, headers=bearer(viewer))).status_code == 403
    given = await api.post(path, headers=bearer(agent))
    assert given.status_code == 201
    await from_page(bot, page, f"LINK {given.json()['code']}")
    (merge,) = (await api.get(f"{url}/contact-merges", headers=bearer(viewer))).json()["items"]
    addresses = await api.get(f"{url}/contacts/{merge['kept_id']}/addresses", headers=bearer(viewer))
    assert addresses.json()["total"] == 2
    undo = f"{url}/contact-merges/{merge['id']}/undo"
    assert (await api.post(undo, headers=bearer(viewer))).status_code == 403
    assert (await api.post(undo, headers=bearer(agent))).json()["undone_by"] == str(agent.user.id)
    assert (await api.post(undo, headers=bearer(agent))).json()["code"] == "merge_undone"
    assert await people(shop) == 2
    stranger = await make_member()
    foreign = f"/api/v1/tenants/{stranger.tenant.id}/contact-merges/{merge['id']}/undo"
    assert (await api.post(foreign, headers=bearer(stranger))).status_code == 404


async def test_the_assistant_gives_a_code_too(bot: BotSide, number: Number, shop: Shop) -> None:
    (turn,) = (await bot.deliver(message(number)))["turns"]
    path = f"/api/v1/bot/conversations/{turn['conversation_id']}/link-code"
    given = await bot.api.post(path, headers=SERVICE)
    assert given.json()["code"] in await said_last(shop)
