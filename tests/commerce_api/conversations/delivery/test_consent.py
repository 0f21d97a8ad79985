"""STOP, START and HELP: nothing leaves after a STOP but its confirmation, whatever tries."""

from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import ProgrammingError

from channels.messages import Ask, Choice, ConsentWord, InboundKind, OutboundMessage, Template
from channels.registry import PROVIDERS
from commerce_api.conversations import contacts, ledger, outbox, queries, service
from commerce_api.conversations.models import Author, Conversation
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Role
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, Shop, message
from tests.commerce_api.conversations.delivery.conftest import Line, outbound
from tests.commerce_api.conversations.provider_stand_in import PlainProvider, StandIn
from tests.conftest import Bearer, MakeMember

STOPPED = "Corner Shop: you'll get no more messages from us here. Reply START to get them again."
STARTED = "Corner Shop: welcome back! You'll get our messages here again. Reply STOP to end them."


async def fates(shop: Shop) -> list[tuple[str | None, str | None]]:
    return [(one.text, one.failure_code) for one in await outbound(shop)]


async def test_a_stop_is_confirmed_once_and_gets_no_turn(
    line: Line, bot: BotSide, number: Number, shop: Shop, provider: StandIn
) -> None:
    for words in ("STOP", "stop!", "how much is rice?"):
        await bot.deliver(message(number, words))
    await line.drain()
    assert provider.texts == [STOPPED]
    assert await shop.turns() == []
    assert (await shop.conversation()).unread == 3


async def test_what_was_queued_before_a_stop_fails_and_what_comes_after_is_never_queued(
    line: Line, bot: BotSide, number: Number, shop: Shop, provider: StandIn
) -> None:
    await line.say("queued before", "and this")
    await bot.deliver(message(number, "STOP"))
    await line.say("said after")
    await line.drain()
    assert provider.texts == [STOPPED]
    assert await fates(shop) == [
        ("queued before", "opted_out"),
        ("and this", "opted_out"),
        (STOPPED, None),
        ("said after", "opted_out"),
    ]


async def test_start_undoes_it_with_one_confirmation(
    line: Line, bot: BotSide, number: Number, shop: Shop, provider: StandIn
) -> None:
    await bot.deliver(message(number, "ACHA"))
    await bot.deliver(message(number, "Start."))
    await line.say("hello again")
    await line.drain()
    swahili, *rest = provider.texts
    assert "hutapokea" in swahili
    assert rest == [STARTED, "hello again"]
    assert await shop.turns() == []


async def test_start_means_nothing_before_a_stop(bot: BotSide, number: Number, shop: Shop) -> None:
    await bot.deliver(message(number, "start"))
    assert len(await shop.turns()) == 1


async def test_a_stop_that_a_later_start_overtook_changes_nothing(
    line: Line, bot: BotSide, number: Number, shop: Shop, provider: StandIn
) -> None:
    said = now()
    await bot.deliver(message(number, "START", sent_at=said))
    await bot.deliver(message(number, "STOP", sent_at=said - timedelta(minutes=1)))
    await line.say("still here")
    await line.drain()
    assert provider.texts == ["still here"]


async def test_a_start_confirmation_that_waits_is_not_sent_after_another_stop(
    line: Line, bot: BotSide, number: Number, provider: StandIn
) -> None:
    for words in ("STOP", "START", "STOP"):
        await bot.deliver(message(number, words))
    await line.drain()
    assert provider.texts == [STOPPED]


async def test_a_stop_while_a_message_is_in_the_air_stops_its_next_part_and_its_next_try(
    line: Line, bot: BotSide, number: Number, shop: Shop, provider: StandIn
) -> None:
    async def stop(_: dict[str, Any]) -> None:
        provider.before_answer = None
        await bot.deliver(message(number, "STOP"))

    provider.before_answer = stop
    await line.say("part one\npart two")
    await line.drain()
    assert provider.texts == ["part one", STOPPED]
    assert (await fates(shop))[0] == ("part one\npart two", "opted_out")


async def test_a_try_that_failed_before_a_stop_is_not_repeated(
    line: Line, bot: BotSide, number: Number, provider: StandIn
) -> None:
    async def stop(_: dict[str, Any]) -> None:
        provider.before_answer = None
        await bot.deliver(message(number, "STOP"))

    provider.before_answer, provider.script, provider.after = stop, [500], 0.0
    await line.say("once")
    await line.drain()
    await line.drain()
    assert provider.texts == ["once", STOPPED]


async def test_a_seller_is_told_that_the_shopper_wants_no_message(
    *,
    line: Line,
    bot: BotSide,
    number: Number,
    make_member: MakeMember,
    bearer: Bearer,
    api: httpx.AsyncClient,
) -> None:
    seller = await make_member(number.tenant, Role.AGENT)
    await bot.deliver(message(number, "STOP"))
    url = f"/api/v1/tenants/{number.tenant.id}/conversations/{line.conversation_id}/messages"
    answer = await api.post(url, headers=bearer(seller), json={"text": "please"})
    assert (answer.status_code, answer.json()["code"]) == (409, "opted_out")


async def test_events_and_turns_under_way_say_nothing_after_a_stop(
    *, line: Line, bot: BotSide, number: Number, database: Database, provider: StandIn
) -> None:
    (turn,) = (await bot.deliver(message(number, "rice?")))["turns"]
    await bot.deliver(message(number, "STOP"))
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await service.record_event(
            session, line.conversation_id, intent="paid", entities={}, key="1", now=now()
        )
    answer = await bot.finish(turn, OutboundMessage("Rice is 5,000"))
    assert answer["turn"] is not None
    await bot.finish(answer["turn"], failure="died")
    await line.drain()
    assert provider.texts == [STOPPED]


async def test_it_holds_for_every_address_of_the_contact_on_that_account_and_no_other(
    *, line: Line, bot: BotSide, number: Number, make_number: MakeNumber, database: Database
) -> None:
    other = await make_number(number.tenant)
    await bot.deliver(message(number, "STOP"), message(other, "hello"))
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        first = await queries.conversation(session, line.conversation_id)
        second = await contacts.conversation_with(
            session, number.account, "2348039999999", name=None, now=now()
        )
        elsewhere = await contacts.conversation_with(
            session, other.account, "2348031234567", name=None, now=now()
        )
        assert not (await ledger.standing(session, second)).is_stopped
        second_row = update(Conversation).where(Conversation.id == second.id)
        await session.execute(second_row.values(contact_id=first.contact_id))
        second = await queries.lock(session, second.id)
        assert (await ledger.standing(session, second)).is_stopped
        assert not (await ledger.standing(session, elsewhere)).is_stopped


@pytest.fixture
def sms(monkeypatch: pytest.MonkeyPatch, provider: StandIn) -> PlainProvider:
    """The stand-in's channel, as one by SMS."""
    plain = cast("PlainProvider", PROVIDERS["whatsapp"])
    monkeypatch.setattr(plain, "window_hours", None)
    return plain


async def test_help_by_sms_says_who_this_is_how_to_stop_and_how_to_reach_a_person(
    *, line: Line, bot: BotSide, number: Number, shop: Shop, provider: StandIn, sms: PlainProvider
) -> None:
    await bot.deliver(message(number, "HELP"))
    await line.drain()
    (said,) = provider.texts
    assert "Corner Shop" in said
    assert "STOP" in said
    assert "person" in said
    assert await shop.turns() == []


async def test_help_elsewhere_is_the_assistants(bot: BotSide, number: Number, shop: Shop) -> None:
    await bot.deliver(message(number, "help"))
    assert len(await shop.turns()) == 1


QUESTIONS = [
    OutboundMessage("Cancel the order?"),
    OutboundMessage("Choose", choices=(Choice("Cancel", "deny"),)),
    OutboundMessage("Your address, please", ask=Ask.TEXT),
]


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_word_that_may_answer_a_question_stops_nothing_while_one_is_asked(
    *,
    line: Line,
    bot: BotSide,
    number: Number,
    shop: Shop,
    database: Database,
    sms: PlainProvider,
    question: OutboundMessage,
) -> None:
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        conversation = await queries.lock(session, line.conversation_id)
        await outbox.enqueue(session, conversation, [question], author=Author.ASSISTANT, now=now())
    await bot.deliver(message(number, "cancel"))
    assert len(await shop.turns()) == 1
    await line.say("As you like.")
    await bot.deliver(message(number, "Cancel"))
    assert len(await shop.turns()) == 1
    assert (await outbound(shop))[-1].text == STOPPED


async def test_what_the_carrier_acts_on_stops_even_while_a_question_is_asked(
    *,
    line: Line,
    bot: BotSide,
    number: Number,
    shop: Shop,
    sms: PlainProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sms, "setup", PlainProvider.of_vendor("twilio"))
    await line.say("Cancel the order?")
    await bot.deliver(message(number, "cancel"))
    assert (await outbound(shop))[-1].text == STOPPED
    await bot.deliver(message(number, "yes"))
    assert (await outbound(shop))[-1].text == STARTED
    assert await shop.turns() == []


async def test_what_the_provider_confirmed_itself_is_not_confirmed_again(
    line: Line, bot: BotSide, number: Number, shop: Shop, provider: StandIn
) -> None:
    await bot.deliver(message(number, "Stop", consent=ConsentWord.STOP))
    await line.say("anyone?")
    await bot.deliver(message(number, "Info", consent=ConsentWord.HELP))
    await line.drain()
    assert provider.texts == []
    await bot.deliver(message(number, "Start", consent=ConsentWord.START))
    await line.say("hello")
    await line.drain()
    assert provider.texts == ["hello"]
    assert await shop.turns() == []


async def test_who_stops_offers_still_gets_answers(
    *, line: Line, bot: BotSide, number: Number, database: Database, provider: StandIn, shop: Shop
) -> None:
    switch = {"kind": InboundKind.SYSTEM, "consent": ConsentWord.STOP}
    await bot.deliver(message(number, None, **switch))
    offer = OutboundMessage("Sale!", template=Template("sale", "en"))
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        conversation = await queries.lock(session, line.conversation_id)
        await outbox.enqueue(session, conversation, [offer], author=Author.SELLER, now=now())
    await line.say("Your order is on its way")
    await line.drain()
    assert provider.texts == ["Your order is on its way"]
    assert (await fates(shop))[0] == ("Sale!", "opted_out")


async def test_a_refusal_because_the_shopper_stopped_us_goes_to_the_ledger(
    line: Line, provider: StandIn, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(provider.codes, 400, "21610")
    provider.script = [400]
    await line.say("one", "two")
    await line.drain()
    assert provider.texts == ["one"]
    assert [code for _, code in await fates(shop)] == ["21610", "opted_out"]
    assert (await shop.conversation()).handoff_at is None


async def test_members_see_what_was_said_and_only_the_shopper_changes_it(
    *, line: Line, bot: BotSide, number: Number, shop: Shop, make_member: MakeMember, bearer: Bearer,
    api: httpx.AsyncClient
) -> None:  # fmt: skip
    await bot.deliver(message(number, "STOP"))
    contact_id = (await shop.conversation()).contact_id
    viewer, stranger = await make_member(number.tenant, Role.VIEWER), await make_member()
    url = f"/api/v1/tenants/{number.tenant.id}/contacts/{contact_id}/consent"
    (read,) = (await api.get(url, headers=bearer(viewer))).json()
    assert (read["channel"], read["is_stopped"]) == ("whatsapp", True)
    assert [(one["word"], one["told_by"]) for one in read["entries"]] == [("stop", "words")]
    theirs = url.replace(str(number.tenant.id), str(stranger.tenant.id))
    assert (await api.get(theirs, headers=bearer(stranger))).status_code == 404
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await api.request(method, url, headers=bearer(viewer))).status_code == 405


@pytest.mark.parametrize(
    "change", ["update consent_entries set word = 'start'", "delete from consent_entries"]
)
async def test_the_ledger_is_never_rewritten(
    bot: BotSide, number: Number, database: Database, line: Line, change: str
) -> None:
    await bot.deliver(message(number, "STOP"))
    async with database.sessions() as session, session.begin():
        await enter(session, number.tenant.id)
        with pytest.raises(ProgrammingError, match="permission denied"):
            await session.execute(text(change))
        await session.rollback()


async def test_another_sellers_ledger_is_not_seen(
    bot: BotSide, number: Number, make_number: MakeNumber, database: Database, line: Line
) -> None:
    stranger = await make_number()
    await bot.deliver(message(number, "STOP"))
    async with database.transaction() as session:
        await enter(session, stranger.tenant.id)
        assert (await session.execute(text("select count(*) from consent_entries"))).scalar_one() == 0
