"""Webhooks are stored once, under the right seller, whatever comes at the same time."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from channels.messages import InboundKind, Location, Media, OrderedItem, ReceiptStatus
from commerce_api.conversations import recording
from commerce_api.conversations.models import Contact, Conversation, StoredReceipt
from commerce_api.conversations.schemas import InboundWrite
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import Vault
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, Shop, message, receipt
from tests.conftest import MakeTenant


async def test_a_message_is_stored_with_its_raw_form_and_becomes_a_turn(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    answer = await bot.deliver(message(number, "do you have ankara?", raw={"type": "text", "x": [1]}))
    assert (answer["accepted"], answer["duplicates"], answer["refused"]) == (1, 0, 0)
    (turn,) = answer["turns"]
    assert (turn["text"], turn["kind"], turn["late"]) == ("do you have ankara?", "text", False)
    (stored,) = await shop.messages()
    assert turn["message_id"] == str(stored.id)
    assert stored.body["text"] == "do you have ankara?"
    assert "raw" not in stored.body
    async with database.transaction() as session:
        await session.execute(
            text("select set_config('app.tenant_id', :t, true)"), {"t": str(number.tenant.id)}
        )
        raw = await session.scalar(text("select raw from messages where id = :id"), {"id": stored.id})
    assert raw == {"type": "text", "x": [1]}


@pytest.mark.parametrize("times", [5, 50])
async def test_the_same_message_many_times_at_once_has_one_effect(
    bot: BotSide, number: Number, shop: Shop, times: int
) -> None:
    one = message(number)
    answers = await asyncio.gather(*(bot.deliver(one) for _ in range(times)))
    assert sum(answer["accepted"] for answer in answers) == 1
    assert sum(answer["duplicates"] for answer in answers) == times - 1
    assert sum(len(answer["turns"]) for answer in answers) == 1
    assert len(await shop.messages()) == len(await shop.turns()) == 1
    assert (await shop.conversation()).unread == 1


async def test_an_album_from_someone_new_makes_one_contact_and_one_conversation(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    pictures = [message(number, None, kind=InboundKind.IMAGE, media=Media(f"m{i}")) for i in range(10)]
    answers = await asyncio.gather(*(bot.deliver(picture) for picture in pictures))
    assert sum(answer["accepted"] for answer in answers) == 10
    assert len(await shop.rows(Contact)) == len(await shop.rows(Conversation)) == 1
    assert [one.position for one in await shop.messages()] == list(range(1, 11))
    assert sum(len(answer["turns"]) for answer in answers) == 1


async def test_one_webhook_for_several_sellers_enters_each_in_turn(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    first, second = await make_number(), await make_number()
    answer = await bot.deliver(message(first, "one"), message(second, "two"), message(first, "three"))
    assert answer["accepted"] == 3
    assert {turn["text"] for turn in answer["turns"]} == {"one", "two"}
    assert [one.text for one in await Shop(database, first).messages()] == ["one", "three"]
    assert [one.text for one in await Shop(database, second).messages()] == ["two"]


async def test_webhooks_that_overlap_in_opposite_order_never_deadlock(
    bot: BotSide, make_number: MakeNumber
) -> None:
    first, second = await make_number(), await make_number()
    batches = [
        [message(number, sender=f"23480312345{shopper:02}") for number in pair for shopper in shoppers]
        for pair, shoppers in (
            ((first, second), (0, 1, 2, 3)),
            ((second, first), (3, 2, 1, 0)),
            ((first, second), (0, 1, 2, 3)),
            ((second, first), (3, 2, 1, 0)),
        )
    ]
    answers = await asyncio.gather(*(bot.deliver(*batch) for batch in batches))
    assert sum(answer["accepted"] for answer in answers) == 32
    assert sum(len(answer["turns"]) for answer in answers) == 8


async def test_an_unknown_number_is_refused_and_kept_apart(bot: BotSide, number: Number, shop: Shop) -> None:
    answer = await bot.deliver(message(number, account="999999999999"))
    assert (answer["accepted"], answer["refused"], answer["forged"], answer["turns"]) == (0, 1, 1, [])
    assert await shop.messages() == []


async def test_an_account_with_its_own_secret_is_spoken_for_by_that_one_alone(
    bot: BotSide, make_number: MakeNumber
) -> None:
    own = await make_number(credentials={"access_token": "t", "app_secret": "s"})
    assert (await bot.deliver(message(own)))["forged"] == 1
    assert (await bot.deliver(message(own), secret=str(uuid4())))["forged"] == 1
    assert (await bot.deliver(message(own), secret=str(own.account.id)))["accepted"] == 1


async def test_two_numbers_of_one_app_are_spoken_for_by_its_secret_wherever_it_is_kept(
    bot: BotSide, make_number: MakeNumber, make_tenant: MakeTenant
) -> None:
    seller, credentials = await make_tenant(), {"access_token": "t", "app_secret": "one app"}
    first = await make_number(seller, credentials=credentials)
    second = await make_number(seller, credentials=credentials)
    stranger = await make_number(credentials=credentials)
    assert (await bot.deliver(message(second), secret=str(first.account.id)))["accepted"] == 1
    assert (await bot.deliver(message(stranger), secret=str(first.account.id)))["refused"] == 1


async def test_one_sellers_secret_speaks_for_no_other_seller(
    bot: BotSide, make_number: MakeNumber, number: Number
) -> None:
    own = await make_number(credentials={"access_token": "t", "app_secret": "s"})
    answer = await bot.deliver(message(number, "forged"), message(own, "mine"), secret=str(own.account.id))
    assert (answer["accepted"], answer["refused"], answer["forged"]) == (1, 1, 1)
    assert [turn["text"] for turn in answer["turns"]] == ["mine"]


async def test_a_suspended_sellers_messages_are_refused_and_not_called_forged(
    bot: BotSide, make_number: MakeNumber, make_tenant: MakeTenant
) -> None:
    closed = await make_number(await make_tenant(status="suspended"))
    answer = await bot.deliver(message(closed))
    assert (answer["refused"], answer["forged"]) == (1, 0)


async def test_what_is_refused_can_be_counted_but_not_read_by_the_application(
    bot: BotSide, number: Number, database: Database
) -> None:
    await bot.deliver(quarantined=[{"raw": {"odd": "part"}, "reason": "no type at all"}])
    async with database.transaction() as session:
        reasons = await session.scalars(text("select reason from quarantined_parts"))
        assert "no type at all" in reasons.all()
        with pytest.raises(Exception, match="permission denied"):
            await session.execute(text("select raw from quarantined_parts"))


async def test_one_unreadable_message_costs_the_others_nothing(bot: BotSide, number: Number) -> None:
    good = [message(number, f"n{i}") for i in range(99)]
    bad = {**message(number).to_json(), "sent_at": "yesterday"}
    sent = [one.to_json() for one in good]
    answer = await bot.deliver(messages=[*sent[:50], bad, *sent[50:]])
    assert (answer["accepted"], answer["refused"]) == (99, 1)


async def test_one_webhook_of_a_hundred_messages_for_five_sellers_loses_only_its_bad_one(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    numbers = [await make_number() for _ in range(5)]
    sent = [
        message(numbers[place % 5], f"n{place}", sender=f"23480370000{place % 7:02}").to_json()
        for place in range(100)
    ]
    sent[41]["text"] = {"poison": True}
    answer = await bot.deliver(messages=sent, is_patient=True)
    assert (answer["accepted"], answer["duplicates"], answer["refused"]) == (99, 0, 1)
    for place, number in enumerate(numbers):
        words = {one.text for one in await Shop(database, number).messages()}
        assert words == {f"n{n}" for n in range(place, 100, 5) if n != 41}
    again = await bot.deliver(messages=sent, is_patient=True)
    assert (again["accepted"], again["duplicates"], again["refused"]) == (0, 99, 1)


@pytest.mark.parametrize(
    "damage",
    [
        {"text": {"a": 1}},
        {"sender": ""},
        {"sender": None},
        {"provider_message_id": 7},
        {"kind": "no such kind"},
        {"kind": "event"},
        {"location": {"lat": 1}},
        {"items": [1]},
        {"account": ["x"]},
        {"sent_at": "9999-12-31T23:59:59-14:00"},
    ],
)
async def test_a_damaged_message_is_put_aside_and_never_a_server_error(
    bot: BotSide, number: Number, damage: dict[str, object]
) -> None:
    answer = await bot.deliver(messages=[{**message(number).to_json(), **damage}])
    assert (answer["accepted"], answer["refused"]) == (0, 1)


async def test_what_postgresql_cant_store_is_cleaned(number: Number, shop: Shop, database: Database) -> None:
    nested: object = "bottom"
    for _ in range(200):
        nested = [nested]
    odd = {
        **message(number).to_json(),
        "text": "a\x00b\ud83d" + "x" * 70_000,
        "sender_name": "N\x00gozi",
        "raw": {"deep\x00": [10**400, float("nan"), float("inf"), "\x00" * 9, None, True, 1.5], "n": nested},
    }
    webhook = InboundWrite(channel="whatsapp", secret="platform", worker="w", messages=[odd])
    async with database.transaction() as session:
        assert (await recording.record_inbound(session, Vault(bytes(32)), webhook, now())).accepted == 1
    (stored,) = await shop.messages()
    assert stored.text == "ab\ufffd" + "x" * 4093
    assert [contact.name for contact in await shop.rows(Contact)] == ["Ngozi"]


async def test_a_providers_notice_is_stored_and_asks_nothing(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    answer = await bot.deliver(message(number, None, kind=InboundKind.SYSTEM))
    assert (answer["accepted"], answer["turns"]) == (1, [])
    assert (await shop.conversation()).unread == 0


async def test_a_reaction_asks_and_one_taken_back_does_not(bot: BotSide, number: Number) -> None:
    gone = await bot.deliver(message(number, None, kind=InboundKind.REACTION, emoji=None))
    given = await bot.deliver(message(number, None, kind=InboundKind.REACTION, emoji="👍"))
    assert gone["turns"] == []
    assert [turn["emoji"] for turn in given["turns"]] == ["👍"]


async def test_a_message_of_an_hour_ago_is_late_and_its_window_counts_from_then(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    sent_at = now() - timedelta(hours=2)
    answer = await bot.deliver(message(number, sent_at=sent_at))
    assert answer["turns"][0]["late"] is True
    until = (await shop.conversation()).reply_window_until
    assert until is not None
    assert abs(until - sent_at - timedelta(hours=24)) < timedelta(seconds=1)


async def test_a_clock_that_runs_ahead_opens_no_longer_window(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    await bot.deliver(message(number, sent_at=now() + timedelta(days=3)))
    until = (await shop.conversation()).reply_window_until
    assert until is not None
    assert until <= now() + timedelta(hours=24)


async def test_a_pin_and_a_basket_reach_the_turn_whole(bot: BotSide, number: Number) -> None:
    pin = message(number, None, kind=InboundKind.LOCATION, location=Location(6.5, 3.3, "Home", "Ikeja"))
    basket = message(
        number, None, kind=InboundKind.ORDER, items=(OrderedItem("RICE-5", 2),), sender="2348030000099"
    )
    turns = (await bot.deliver(pin, basket))["turns"]
    by_kind = {turn["kind"]: turn for turn in turns}
    assert by_kind["location"]["location"] == {
        "latitude": 6.5,
        "longitude": 3.3,
        "name": "Home",
        "address": "Ikeja",
    }
    assert by_kind["order"]["items"] == [{"sku": "RICE-5", "quantity": 2}]


async def test_a_phone_number_is_kept_as_one_and_a_business_scoped_id_is_not(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    await bot.deliver(message(number), message(number, sender="NG.13491208655302741918"))
    phones = {contact.phone for contact in await shop.rows(Contact)}
    assert phones == {"+2348031234567", None}


async def test_the_same_receipt_twice_is_stored_once(bot: BotSide, number: Number, shop: Shop) -> None:
    told = receipt(number, "wamid.out", ReceiptStatus.DELIVERED)
    answers = await asyncio.gather(*(bot.deliver(receipts=[told]) for _ in range(5)))
    assert sum(answer["accepted"] for answer in answers) == 1
    assert len(await shop.rows(StoredReceipt)) == 1


async def test_without_the_service_token_nothing_is_recorded(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    body = {
        "channel": "whatsapp",
        "secret": "platform",
        "worker": "w",
        "messages": [message(number).to_json()],
    }
    answer = await bot.api.post("/api/v1/bot/inbound", json=body)
    assert answer.status_code == 401
    assert await shop.messages() == []
