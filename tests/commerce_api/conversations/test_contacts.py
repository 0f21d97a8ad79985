"""A shopper is one contact under all their addresses, whoever comes first and however many come at once."""

import asyncio
from datetime import timedelta

import pytest

from channels.messages import InboundKind
from commerce_api.conversations import contacts
from commerce_api.conversations.contact_models import ContactMerge, ContactPhone, MergeReason
from commerce_api.conversations.models import Contact, ContactAddress, Conversation
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, Shop, inside, message

BSUID = "NG.5f3a9c21"


@pytest.fixture
async def sms(make_number: MakeNumber, number: Number) -> Number:
    """The same seller's number for text messages."""
    return await make_number(number.tenant, channel="sms_twilio")


async def people(shop: Shop) -> list[Contact]:
    """The contacts that are not part of another."""
    return [contact for contact in await shop.rows(Contact) if contact.merged_into_id is None]


async def test_the_same_number_on_two_channels_is_one_contact_with_two_conversations(
    bot: BotSide, number: Number, sms: Number, shop: Shop
) -> None:
    await bot.deliver(message(number, sender="2348031234567"))
    await bot.deliver(message(sms, sender="+2348031234567", sender_name=None), channel="sms_twilio")
    (contact,) = await people(shop)
    assert contact.phone == "+2348031234567"
    assert len(await shop.rows(Conversation)) == 2
    assert {talk.contact_id for talk in await shop.rows(Conversation)} == {contact.id}


async def test_someone_new_on_two_channels_at_once_is_one_contact(
    bot: BotSide, number: Number, sms: Number, shop: Shop
) -> None:
    await asyncio.gather(
        *(bot.deliver(message(number, sender="2348039999999"), is_patient=True) for _ in range(4)),
        *(
            bot.deliver(message(sms, sender="+2348039999999"), channel="sms_twilio", is_patient=True)
            for _ in range(4)
        ),
    )
    assert len(await shop.rows(Contact)) == len(await shop.rows(ContactPhone)) == 1
    assert len(await shop.rows(Conversation)) == len(await shop.rows(ContactAddress)) == 2


async def test_the_same_number_at_two_sellers_is_two_contacts(
    bot: BotSide, number: Number, make_number: MakeNumber, shop: Shop, database: Database
) -> None:
    other = await make_number()
    await bot.deliver(message(number, sender="2348031234567"), message(other, sender="2348031234567"))
    (mine,), (theirs,) = await people(shop), await people(Shop(database, other))
    assert mine.id != theirs.id


async def test_a_number_is_none_where_the_provider_gives_ids(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    page = await make_number(channel="instagram")
    await bot.deliver(message(page, sender="234803123456789"), channel="instagram")
    (contact,) = await people(Shop(database, page))
    assert contact.phone is None


@pytest.mark.parametrize("first", [(BSUID,), ("2348031234567",)])
async def test_a_user_id_and_a_number_of_one_webhook_lead_to_one_conversation(
    bot: BotSide, number: Number, shop: Shop, first: tuple[str, ...]
) -> None:
    await bot.deliver(message(number, sender=first[0]))
    await bot.deliver(message(number, sender="2348031234567", sender_ids=(BSUID,)))
    await bot.deliver(message(number, sender=BSUID))
    (contact,) = await people(shop)
    assert contact.phone == "+2348031234567"
    assert len(await shop.rows(Conversation)) == 1
    assert {one.address for one in await shop.rows(ContactAddress)} == {BSUID, "2348031234567"}


async def test_two_contacts_that_a_webhook_names_as_one_are_merged_and_go_on_in_one_conversation(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    await bot.deliver(message(number, "by number", sender="2348031234567"))
    await bot.deliver(message(number, "by id", sender=BSUID, sender_name=None))
    assert len(await people(shop)) == 2
    await bot.deliver(message(number, "both", sender="2348031234567", sender_ids=(BSUID,)))
    await bot.deliver(message(number, "id again", sender=BSUID))
    (contact,) = await people(shop)
    (merge,) = await shop.rows(ContactMerge)
    assert (merge.reason, merge.kept_id) == (MergeReason.SAME_PERSON, contact.id)
    talks = {one.text: one.conversation_id for one in await shop.messages()}
    assert talks["both"] == talks["id again"] == talks["by id"]


async def test_a_number_the_shopper_shares_brings_their_chats_together(
    bot: BotSide, number: Number, make_number: MakeNumber, shop: Shop
) -> None:
    page = await make_number(number.tenant, channel="instagram")
    await bot.deliver(message(number, sender="2348031234567"))
    await bot.deliver(message(page, sender="178414999", sender_name=None), channel="instagram")
    shared = message(page, sender="178414999", kind=InboundKind.CONTACTS, shared_phone="+2348031234567")
    await bot.deliver(shared, channel="instagram")
    (contact,) = await people(shop)
    (merge,) = await shop.rows(ContactMerge)
    assert merge.reason is MergeReason.SHARED_PHONE
    assert {talk.contact_id for talk in await shop.rows(Conversation)} == {contact.id}


async def test_a_shared_number_nobody_has_is_kept_and_an_odd_one_is_not(
    bot: BotSide, make_number: MakeNumber, database: Database
) -> None:
    page = await make_number(channel="instagram")
    for phone in ("ask me later", "+2348031234567", "+2348037654321"):
        shared = message(page, sender="178414999", kind=InboundKind.CONTACTS, shared_phone=phone)
        await bot.deliver(shared, channel="instagram")
    (contact,) = await people(Shop(database, page))
    assert contact.phone == "+2348031234567"


async def test_a_changed_number_keeps_the_contact_and_frees_the_old_number(
    bot: BotSide, number: Number, sms: Number, shop: Shop
) -> None:
    old, new = "2348031234567", "2348030000077"
    await bot.deliver(message(number, "before", sender=old))
    await bot.deliver(message(sms, sender=f"+{old}"), channel="sms_twilio")
    moved = message(number, None, sender=old, kind=InboundKind.SYSTEM, moved_to=new)
    await bot.deliver(moved)
    (contact,) = await people(shop)
    assert contact.phone == f"+{new}"
    await bot.deliver(message(number, "from the new one", sender=new, sender_name=None))
    assert len(await people(shop)) == 1
    # Whoever has the number now is someone else, on every channel.
    later = now() + timedelta(minutes=10)
    await bot.deliver(message(number, "a stranger", sender=old, sender_name="Stranger", sent_at=later))
    await bot.deliver(message(sms, sender=f"+{old}", sent_at=later), channel="sms_twilio")
    stranger = next(one for one in await people(shop) if one.id != contact.id)
    assert (stranger.name, stranger.phone) == ("Stranger", f"+{old}")
    talks = {one.text: one.conversation_id for one in await shop.messages()}
    assert talks["before"] == talks["from the new one"] != talks["a stranger"]
    assert len(await people(shop)) == 2


async def test_a_message_from_before_the_change_of_number_is_the_old_shoppers(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    old, new = "2348031234567", "2348030000078"
    await bot.deliver(message(number, sender=old))
    await bot.deliver(message(number, None, sender=old, kind=InboundKind.SYSTEM, moved_to=new))
    late = message(number, "late", sender=old, sent_at=now() - timedelta(hours=2))
    await bot.deliver(late)
    assert len(await people(shop)) == 1


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=40)], ids=["same clock", "ahead of ours"])
async def test_a_number_given_up_stays_given_up_however_often_that_is_told(
    bot: BotSide, number: Number, shop: Shop, database: Database, ahead: timedelta
) -> None:
    old, new = "2348031234567", "2348030000078"
    await bot.deliver(message(number, sender=old))
    change = message(number, None, sender=old, kind=InboundKind.SYSTEM, moved_to=new, sent_at=now() + ahead)
    await bot.deliver(change)
    await bot.deliver(change)
    await bot.deliver(message(number, "late", sender=old, sent_at=now() - timedelta(hours=2)))
    (contact,) = await people(shop)
    async with database.transaction() as session:
        await inside(session, number)
        assert await contacts.address_for(session, number.account, contact.id) == new
    later = message(number, "I have this number now", sender=old, sent_at=now() + timedelta(minutes=10))
    await bot.deliver(later)
    assert len(await people(shop)) == 2


async def test_a_contact_is_written_to_at_their_number_and_where_they_wrote_from(
    bot: BotSide, number: Number, sms: Number, shop: Shop, database: Database
) -> None:
    await bot.deliver(message(number, sender=BSUID))
    await bot.deliver(message(number, sender="2348031234567", sender_ids=(BSUID,)))
    (contact,) = await people(shop)
    async with database.transaction() as session:
        await inside(session, number)
        best = await contacts.address_for(session, number.account, contact.id)
        assert best == "2348031234567"
        assert await contacts.address_for(session, sms.account, contact.id) is None


async def test_people_at_once_in_both_orders_never_wait_in_a_ring(
    bot: BotSide, number: Number, shop: Shop
) -> None:
    pairs = [(f"23480340000{place:02}", f"NG.id{place}") for place in range(6)]
    batch = [
        message(number, str(place), sender=phone, sender_ids=(user,))
        for place, (phone, user) in enumerate(pairs)
    ]
    again = [
        message(number, str(place), sender=user, sender_ids=(phone,))
        for place, (phone, user) in enumerate(pairs)
    ]
    await asyncio.gather(
        *(bot.deliver(*batch, is_patient=True) for _ in range(2)),
        bot.deliver(*reversed(again), is_patient=True),
    )
    assert len(await people(shop)) == 6
