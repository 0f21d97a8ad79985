"""What the bot side reads and keeps of a conversation, read back by its own client."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from channels.messages import Choice, InboundMessage, OutboundMessage, ReceiptStatus
from channels.provider import Parsed
from commerce_api.conversations.holding import WORDS, words
from commerce_api.conversations.opening import is_open
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused
from tests.commerce_api.conversations.conftest import BotSide, Number, message, receipt
from tests.conftest import MakeTenant

WEEK = {"fri": [["08:00", "18:00"], ["20:00", "02:00"]]}


@pytest.fixture
def client(app: FastAPI) -> CommerceClient:
    """The bot side's own client."""
    transport = httpx.ASGITransport(app=app)
    return CommerceClient("http://api.test", "demo-service-token", transport=transport)


async def test_the_bot_sides_client_reads_all_it_asks_for(client: CommerceClient, number: Number) -> None:
    parsed = Parsed(
        messages=(message(number, "hello"), message(number, "second")),
        receipts=(receipt(number, "wamid.x", ReceiptStatus.SENT),),
        quarantined=(({"odd": 1}, "no type"),),
    )
    recorded = await client.record_inbound("whatsapp", "platform", parsed, "rasa-1")
    assert (recorded.accepted, recorded.duplicates, recorded.refused) == (3, 0, 1)
    (waiting,) = recorded.waiting
    turn = await client.claim_waiting("rasa-1", waiting)
    assert turn is not None
    offer = Choice("Rice", "ask_price", {"product": "rice"}, "per bag")
    following = await client.finish_turn(turn.id, "rasa-1", [OutboundMessage("Choose", choices=(offer,))])
    assert following is not None
    assert (following.text, following.offered) == ("second", (offer,))
    with pytest.raises(ApiRefused, match="lease_lost"):
        await client.finish_turn(following.id, "rasa-2", [OutboundMessage("mine")])
    shop = client.shop(turn.conversation_id, turn.message_id, "action_greet")
    read = await shop.conversation()
    assert (read.shop_name, read.currency, read.languages) == ("Corner Shop", "NGN", ("en",))
    assert (read.contact_name, read.handled_by, read.is_open) == ("Bola", "bot", True)
    await shop.remember(name="Bolanle", language="yo")
    await shop.hand_off("talk_to_human")
    read = await shop.conversation()
    assert (read.contact_name, read.language, read.handled_by) == ("Bolanle", "yo", "waiting")
    await client.close()


async def test_what_is_not_remembered_stays(client: CommerceClient, number: Number, bot: BotSide) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    shop = client.shop(turn["conversation_id"], turn["message_id"], "action")
    await shop.remember(language="pcm")
    await shop.remember(name="Chidi")
    read = await shop.conversation()
    assert (read.contact_name, read.language) == ("Chidi", "pcm")
    await bot.deliver(message(number, sender_name="Another name on the phone"))
    assert (await shop.conversation()).contact_name == "Chidi"
    await client.close()


async def test_the_shell_has_one_conversation_a_sender_and_prints_for_itself(
    client: CommerceClient, make_tenant: MakeTenant, bot: BotSide
) -> None:
    tenant = await make_tenant()
    ids = await asyncio.gather(*(client.open_conversation(tenant.slug, "dev") for _ in range(5)))
    assert len(set(ids)) == 1
    assert await client.open_conversation(tenant.slug, "other dev") != ids[0]
    assert (await client.shop(ids[0], str(uuid4()), "a").conversation()).channel == "shell"
    said = InboundMessage.from_json(
        {
            "provider_message_id": "s1",
            "account": tenant.slug,
            "sender": "dev",
            "sent_at": datetime.now(UTC).isoformat(),
            "kind": "text",
            "text": "hello",
        }
    )
    recorded = await client.record_inbound("shell", "platform", Parsed(messages=(said,)), "shell-1")
    assert recorded.turns[0].conversation_id == ids[0]
    await client.finish_turn(recorded.turns[0].id, "shell-1", [OutboundMessage("Hi!")])
    with pytest.raises(ApiRefused, match="not_found"):
        await client.open_conversation("no-such-shop", "dev")
    await client.close()


@pytest.mark.parametrize("path", ["", "/remember", "/handoff"])
async def test_without_the_token_a_known_conversation_answers_as_an_unknown_one(
    bot: BotSide, number: Number, path: str
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    answers = [
        await bot.api.request("POST" if path else "GET", f"/api/v1/bot/conversations/{known}{path}")
        for known in (turn["conversation_id"], uuid4())
    ]
    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-20T07:59", False),
        ("2026-11-20T08:00", True),
        ("2026-11-20T17:59", True),
        ("2026-11-20T18:00", False),
        ("2026-11-20T23:00", True),
        ("2026-11-21T01:59", True),
        ("2026-11-21T02:00", False),
        ("2026-11-21T09:00", False),
        ("2026-11-20T01:00", False),
    ],
)
def test_a_shop_is_open_by_its_own_clock_and_past_midnight(moment: str, opens: bool) -> None:
    local = datetime.fromisoformat(f"{moment}+01:00")
    assert is_open(WEEK, "Africa/Lagos", local) is opens


def test_a_shop_without_hours_is_always_open() -> None:
    assert is_open({}, "Africa/Lagos", datetime(2026, 11, 20, 3, 0, tzinfo=UTC))


def test_the_holding_words_name_the_shop_in_every_language_and_fall_back_to_english() -> None:
    assert all("Mama" in words("Mama", language) for language in WORDS)
    assert words("Mama", None, "xx", "sw") == WORDS["sw"].format(shop="Mama")
    assert words("Mama", None) == WORDS["en"].format(shop="Mama")
