"""A test message goes to the member's own phone, by the account, in a way the provider takes."""

import pytest

from commerce_api.conversations.answering import trying
from commerce_api.conversations.errors import NumberUnfit, ReplyWindowClosed
from commerce_api.core.database import Database
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import MakeNumber, Number
from tests.conftest import NOON, MakeMember


async def send(database: Database, number: Number, to: str, make_member: MakeMember) -> tuple[object, str]:
    """The template's name, and the words."""
    member = await make_member(number.tenant)
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        sent = await trying.send(
            session, number.account.id, to, shop="Corner Shop", seller_id=member.user.id, now=NOON
        )
        template = sent.body["template"]
        return template and template["name"], sent.text or ""


async def test_a_stranger_is_greeted_by_template_on_whatsapp_and_in_words_by_sms(
    database: Database, make_number: MakeNumber, make_member: MakeMember
) -> None:
    whatsapp, sms = await make_number(), await make_number(channel="sms_africastalking")
    sent = await send(database, whatsapp, "+234 803 123 4567", make_member)
    assert sent == ("hello_world", "Hello World")
    template, words = await send(database, sms, "+2348031234567", make_member)
    assert (template, "Corner Shop" in words) == (None, True)


@pytest.mark.parametrize("to", ["", "08031234567", "+12", "+1234567890123456", "Ada"])
async def test_what_is_no_number_is_refused(
    database: Database, make_number: MakeNumber, make_member: MakeMember, to: str
) -> None:
    with pytest.raises(NumberUnfit):
        await send(database, await make_number(), to, make_member)


async def test_who_can_not_be_written_to_first_is_refused(
    database: Database, make_number: MakeNumber, make_member: MakeMember
) -> None:
    with pytest.raises(NumberUnfit):
        await send(database, await make_number(channel="instagram"), "+2348031234567", make_member)
    with pytest.raises(ReplyWindowClosed):
        await send(database, await make_number(channel="whatsapp_twilio"), "+2348031234567", make_member)


async def test_another_shops_account_is_not_there(
    database: Database, make_number: MakeNumber, make_member: MakeMember
) -> None:
    mine, theirs = await make_number(), await make_number()
    with pytest.raises(NotFound):
        await send(database, Number(mine.tenant, theirs.account), "+2348031234567", make_member)
