"""What is for the assistant and what is not: echoes, edits, messages taken back, referrals, failures."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from channels.messages import InboundKind, InboundMessage, Media, OutboundMessage, Referral
from commerce_api.conversations import echoes, ordering, service
from commerce_api.conversations.contact_models import ParkedEcho
from commerce_api.conversations.models import (
    Author,
    DeliveryStatus,
    Direction,
    HandledBy,
    MessagePart,
    TurnState,
)
from commerce_api.conversations.service import ref_of
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, a_seller, inside, message
from tests.commerce_api.conversations.test_turns import HI


@pytest.fixture
def long_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held back stays so until the test says otherwise."""
    monkeypatch.setattr(ordering, "HOLD_BACK", timedelta(seconds=50))
    monkeypatch.setattr(ordering, "BACKLOG_HOLD_BACK", timedelta(seconds=50))


def echo(number: Number, text: str | None, **parts: Any) -> InboundMessage:
    """What the seller typed on their phone."""
    return message(number, text, is_echo=True, sender_name=None, **parts)


async def test_what_the_seller_typed_on_their_phone_is_theirs_and_quiets_the_assistant(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    await bot.deliver(message(number, "is there rice?"), is_patient=True)
    answer = await bot.deliver(echo(number, "Yes, just come"))
    assert (answer["accepted"], answer["turns"]) == (1, [])
    said = (await shop.messages())[-1]
    assert (said.direction, said.author, said.status) == (
        Direction.OUTBOUND,
        Author.SELLER,
        DeliveryStatus.DELIVERED,
    )
    conversation = await shop.conversation()
    assert (conversation.handled_by, conversation.unread) == (HandledBy.SELLER, 0)
    assert {turn.state for turn in await shop.turns()} <= {TurnState.SKIPPED, TurnState.CLAIMED}
    assert (await bot.deliver(message(number, "thank you")))["turns"] == []


async def test_an_echo_from_yesterday_takes_nothing_over(bot: BotSide, number: Number, shop: Shop) -> None:
    await bot.deliver(echo(number, "old", sent_at=now() - timedelta(days=1)))
    assert (await shop.conversation()).handled_by is HandledBy.BOT
    assert [one.text for one in await shop.messages()] == ["old"]


async def being_sent(bot: BotSide, number: Number, shop: Shop, database: Database, **part: Any) -> None:
    """An answer of the assistant's that the worker has just sent, without knowing what became of it."""
    (turn,) = (await bot.deliver(message(number)))["turns"]
    await bot.finish(turn, HI)
    reply = (await shop.messages())[-1]
    async with database.transaction() as session:
        await inside(session, number)
        facts = {"status": DeliveryStatus.SENDING, "attempts": 1, "doubts": 0, "attempted_at": now(), **part}
        session.add(MessagePart(message_id=reply.id, channel_account_id=number.account.id, part=0, **facts))


async def settle(database: Database, number: Number, shop: Shop) -> None:
    """The worker's word on what was parked."""
    (parked,) = await shop.rows(ParkedEcho)
    async with database.transaction() as session:
        await echoes.settle(session, parked.id, await inside(session, number))


async def test_an_echo_of_our_own_message_is_known_by_its_id(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    await being_sent(bot, number, shop, database, provider_message_id="mid.1", status=DeliveryStatus.SENT)
    answer = await bot.deliver(echo(number, HI.text, provider_message_id="mid.1"))
    assert (answer["accepted"], answer["duplicates"]) == (0, 1)
    assert (await shop.conversation()).handled_by is HandledBy.BOT


async def test_an_echo_that_comes_before_the_answer_to_the_sending_waits_and_turns_out_to_be_ours(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    await being_sent(bot, number, shop, database)
    await bot.deliver(echo(number, HI.text, provider_message_id="mid.2"))
    assert (await shop.conversation()).handled_by is HandledBy.BOT
    async with database.transaction() as session:
        await inside(session, number)
        await session.execute(update(MessagePart).values(provider_message_id="mid.2"))
    await settle(database, number, shop)
    assert (await shop.conversation()).handled_by is HandledBy.BOT
    assert len(await shop.messages()) == 2
    assert await shop.rows(ParkedEcho) == []


@pytest.mark.parametrize(
    ("words", "handler"), [(HI.text, HandledBy.BOT), ("I am here now", HandledBy.SELLER)]
)
async def test_when_a_sendings_outcome_stays_unknown_the_words_tell_whose_they_are(
    bot: BotSide, number: Number, shop: Shop, database: Database, words: str, handler: HandledBy
) -> None:
    await being_sent(bot, number, shop, database, doubts=1, status=DeliveryStatus.QUEUED)
    await bot.deliver(echo(number, words, provider_message_id="mid.3"))
    await settle(database, number, shop)
    assert (await shop.conversation()).handled_by is handler


@pytest.mark.parametrize("is_tried_again_first", [False, True])
async def test_the_echo_of_a_try_whose_answer_was_lost_is_ours_though_a_second_try_got_the_id(
    bot: BotSide, number: Number, shop: Shop, database: Database, is_tried_again_first: bool
) -> None:
    second = {"provider_message_id": "mid.second", "status": DeliveryStatus.SENT}
    await being_sent(bot, number, shop, database, doubts=1, **(second if is_tried_again_first else {}))
    await bot.deliver(echo(number, HI.text, provider_message_id="mid.first"))
    async with database.transaction() as session:
        await inside(session, number)
        await session.execute(update(MessagePart).values(**second))
    await settle(database, number, shop)
    assert (await shop.conversation()).handled_by is HandledBy.BOT
    assert len(await shop.messages()) == 2


@pytest.mark.parametrize(
    "parts",
    [
        {"text": HI.text[:4]},
        {"text": None, "kind": InboundKind.IMAGE, "media": Media("picture")},
        {"text": HI.text, "kind": InboundKind.AUDIO, "media": Media("voice")},
    ],
)
async def test_what_is_not_word_for_word_what_we_sent_is_the_sellers(
    bot: BotSide, number: Number, shop: Shop, database: Database, parts: dict[str, Any]
) -> None:
    await being_sent(bot, number, shop, database, doubts=1, status=DeliveryStatus.QUEUED)
    await bot.deliver(echo(number, **parts))
    await settle(database, number, shop)
    assert (await shop.conversation()).handled_by is HandledBy.SELLER
    assert len(await shop.messages()) == 3


async def test_a_sending_of_unknown_outcome_long_ago_has_nothing_to_do_with_what_the_seller_types_now(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    long_ago = now() - timedelta(minutes=5)
    failed = {"doubts": 2, "status": DeliveryStatus.FAILED, "attempted_at": long_ago}
    await being_sent(bot, number, shop, database, **failed)
    await bot.deliver(echo(number, HI.text))
    assert await shop.rows(ParkedEcho) == []
    assert (await shop.conversation()).handled_by is HandledBy.SELLER


async def test_what_someone_else_is_to_answer_is_kept_and_not_answered(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    answer = await bot.deliver(message(number, "for the other agent", is_standby=True))
    assert (answer["accepted"], answer["turns"], answer["waiting"]) == (1, [], [])
    assert len(await shop.messages()) == 1


@pytest.mark.usefixtures("long_hold")
async def test_new_words_for_a_message_that_waits_are_what_is_answered(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    first = message(number, "two bags of rise")
    answer = await bot.deliver(first, is_patient=True)
    edit = message(
        number, "two bags of rice", kind=InboundKind.EDIT, quoted_message_id=first.provider_message_id
    )
    await bot.deliver(edit, is_patient=True)
    (waiting,) = answer["waiting"]
    await bot.end_hold(waiting["conversation_id"])
    turn = await bot.claim_in(waiting["conversation_id"])
    assert turn is not None
    assert (turn["text"], turn["edited"]) == ("two bags of rice", False)
    assert (await bot.finish(turn, HI))["turn"] is None
    assert (await shop.messages())[0].edited_at is not None


async def test_new_words_for_a_message_that_was_answered_are_answered_anew(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    first = message(number, "two bags")
    (turn,) = (await bot.deliver(first))["turns"]
    await bot.finish(turn, HI)
    edit = message(number, "three bags", kind=InboundKind.EDIT, quoted_message_id=first.provider_message_id)
    (turn,) = (await bot.deliver(edit))["turns"]
    assert (turn["kind"], turn["text"], turn["edited"]) == ("text", "three bags", True)


@pytest.mark.usefixtures("long_hold")
@pytest.mark.parametrize("kind", [InboundKind.EDIT, InboundKind.DELETION])
async def test_a_change_that_overtook_its_message_stands(
    bot: BotSide, number: Number, shop: Shop, kind: InboundKind
) -> None:
    first = message(number, "two bags of rise")
    text = "two bags of rice" if kind is InboundKind.EDIT else None
    change = message(number, text, kind=kind, quoted_message_id=first.provider_message_id)
    await bot.deliver(change, is_patient=True)
    answer = await bot.deliver(first, is_patient=True)
    assert (answer["accepted"], answer["duplicates"]) == (0, 1)
    assert "two bags of rise" not in [one.text for one in await shop.messages()]
    assert len(await shop.turns()) == (1 if kind is InboundKind.EDIT else 0)


@pytest.mark.usefixtures("long_hold")
async def test_what_the_shopper_takes_back_in_time_is_not_answered(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    first = message(number, "never mind")
    await bot.deliver(first, is_patient=True)
    await bot.deliver(
        message(number, None, kind=InboundKind.DELETION, quoted_message_id=first.provider_message_id)
    )
    assert [turn.state for turn in await shop.turns()] == [TurnState.SKIPPED]
    assert (await shop.messages())[0].deleted_at is not None
    assert (await shop.conversation()).turn_due_at is None


async def test_what_led_the_shopper_here_and_what_they_filled_in_reach_the_assistant(
    bot: BotSide, number: Number
) -> None:
    led = message(number, "I saw this", referral=Referral("ad", headline="Ankara sale", sku="ANK-1"))
    (turn,) = (await bot.deliver(led))["turns"]
    assert turn["referral"]["headline"] == "Ankara sale"
    await bot.finish(turn, HI)
    shared = message(number, "hi", referral=Referral("link", ref=ref_of("Ankara; 6 yd")))
    (turn,) = (await bot.deliver(shared))["turns"]
    assert turn["quoted_sku"] == "Ankara; 6 yd"
    await bot.finish(turn, HI)
    form = message(number, None, kind=InboundKind.FORM, fields={"size": "12 yards"})
    (turn,) = (await bot.deliver(form))["turns"]
    assert (turn["kind"], turn["fields"]) == ("form", {"size": "12 yards"})


async def test_three_failures_in_a_row_are_excused_once(bot: BotSide, number: Number, shop: Shop) -> None:
    for word in ("one", "two", "three"):
        (turn,) = (await bot.deliver(message(number, word)))["turns"]
        await bot.finish(turn, failure=f"failed at {word}")
    excuses = [one for one in await shop.messages() if one.author is Author.SYSTEM]
    assert len(excuses) == 1
    assert [turn.failure for turn in await shop.turns()] == [
        f"failed at {w}" for w in ("one", "two", "three")
    ]
    assert (await shop.conversation()).handled_by is HandledBy.WAITING


async def test_after_a_take_over_nothing_is_due_and_after_hand_back_it_is_again(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    (turn,) = (await bot.deliver(message(number)))["turns"]
    await bot.finish(turn, HI)
    conversation = await shop.conversation()
    async with database.transaction() as session:
        moment = await inside(session, number)
        await service.take_over(session, conversation.id, await a_seller(session), moment)
    assert (await bot.deliver(message(number)))["turns"] == []
    assert (await shop.conversation()).turn_due_at is None
    async with database.transaction() as session:
        await inside(session, number)
        await service.hand_back(session, conversation.id, now())
    assert len((await bot.deliver(message(number)))["turns"]) == 1


@pytest.mark.parametrize("hours", [1.1, 24 * 6])
async def test_an_old_message_is_answered_as_late(bot: BotSide, number: Number, hours: float) -> None:
    old = message(number, "two bags", sent_at=now() - timedelta(hours=hours))
    (turn,) = (await bot.deliver(old))["turns"]
    assert turn["late"] is True
    assert (await bot.finish(turn, OutboundMessage("Do you still want it?")))["turn"] is None
