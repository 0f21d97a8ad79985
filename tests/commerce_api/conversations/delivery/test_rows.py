"""Objects of fixed statements are those of SQLAlchemy's own queries."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer
from sqlalchemy.orm.exc import StaleDataError

from commerce_api.conversations import accounts, contacts, ordering, queries, sending, talks
from commerce_api.conversations.contact_models import ContactPhone
from commerce_api.conversations.models import (
    ChannelAccount,
    Contact,
    ContactAddress,
    Conversation,
    HandledBy,
    Message,
    MessagePart,
    Turn,
)
from commerce_api.core import tenancy
from commerce_api.core.database import Database
from commerce_api.core.rows import Row, settle
from commerce_api.core.statements import Statement
from commerce_api.tenants.models import Tenant
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, message
from tests.commerce_api.conversations.delivery.conftest import Line
from tests.conftest import MakeTenant

READ: tuple[tuple[type[Any], Row[Any]], ...] = (
    (Conversation, talks.TALK),
    (Contact, talks.PERSON),
    (Tenant, talks.SHOP),
    (Turn, ordering.TURN),
    (Message, sending.MESSAGE),
    (MessagePart, sending.PART),
    (ChannelAccount, accounts.ACCOUNT),
    (ContactAddress, contacts.ADDRESS),
    (ContactPhone, contacts.NUMBER),
)


def state(one: Any, names: set[str]) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names}


@pytest.mark.parametrize(("mapped", "row"), READ, ids=lambda one: getattr(one, "__name__", ""))
async def test_a_row_gives_what_the_query_gives(
    mapped: type[Any], row: Row[Any], line: Line, number: Number, database: Database
) -> None:
    await line.say("hello")
    await line.drain()
    # A message's raw JSON is read by nobody who sends.
    names = {column.key for column in inspect(mapped).column_attrs} - (
        {"raw"} if mapped is Message else set()
    )
    options = [undefer(ChannelAccount.credentials)] if mapped is ChannelAccount else []
    async with database.transaction() as session:
        await tenancy.enter(session, number.tenant.id)
        expected = {
            one.id: state(one, names) for one in await session.scalars(select(mapped).options(*options))
        }
    every = Statement(
        "select {one} from {table}", one=row.columns, table=f"{mapped.__tablename__} {alias(row)}"
    )
    async with database.transaction() as session:
        await tenancy.enter(session, number.tenant.id)
        found = {one.id: one for one in (row.read(session, it) for it in await every.all(session))}
        assert {key: state(one, names) for key, one in found.items()} == expected
        assert not session.dirty
        assert not session.new


def alias(row: Row[Any]) -> str:
    return row.columns.partition(".")[0]


async def test_what_is_changed_is_written_at_the_end(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    async with database.transaction() as session:
        held = await held_in(session, number, turn)
        held.labels = [*held.labels, "vip"]
        held.handled_by = HandledBy.SELLER
    (written,) = await shop.rows(Conversation)
    assert (written.labels, written.handled_by) == (["vip"], HandledBy.SELLER)


async def test_an_object_read_again_keeps_its_changes_and_is_the_same(
    bot: BotSide, number: Number, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    async with database.transaction() as session:
        held = await held_in(session, number, turn)
        held.unread = 41
        again = await queries.conversation(session, held.id)
        assert again is held
        assert again.unread == 41
        # Held again, it is what the database has, and that has been written before.
        assert (await queries.lock(session, held.id)).unread == 41


async def test_what_a_savepoint_takes_back_is_as_it_was(
    bot: BotSide, number: Number, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    async with database.transaction() as session:
        held = await held_in(session, number, turn)
        held.unread = 5
        savepoint = await session.begin_nested()
        held.unread = 99
        await settle(session)
        await savepoint.rollback()
        assert (await queries.lock(session, UUID(turn["conversation_id"]))).unread == 5


async def test_a_row_that_is_gone_is_not_written_unnoticed(
    bot: BotSide, number: Number, database: Database
) -> None:
    await bot.deliver(message(number))
    async with database.transaction() as session:
        await tenancy.enter(session, number.tenant.id)
        (turn,) = await session.scalars(select(Turn))
        await session.execute(text("delete from turns"))
        turn.attempts = 7
        with pytest.raises(StaleDataError):
            await settle(session)
        session.expunge(turn)


async def test_what_is_inserted_is_the_sessions_object_and_written_when_changed(
    bot: BotSide, number: Number, shop: Shop, database: Database
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    async with database.transaction() as session:
        held = await held_in(session, number, turn)
        facts = {"tenant_id": held.tenant_id, "contact_id": held.contact_id, "created_at": held.created_at}
        phone = await contacts.NUMBER.insert(session, id=uuid4(), phone="+2348011111111", **facts)
        assert (await session.scalars(select(ContactPhone).where(ContactPhone.id == phone.id))).one() is phone
        phone.phone = "+2348022222222"
    assert "+2348022222222" in {one.phone for one in await shop.rows(ContactPhone)}


async def test_another_tenants_conversation_is_not_found(
    bot: BotSide, number: Number, database: Database, make_tenant: MakeTenant
) -> None:
    turn = (await bot.deliver(message(number)))["turns"][0]
    other = await make_tenant()
    async with database.transaction() as session:
        await tenancy.enter(session, other.id)
        assert await talks.find(session, talks.ONE, conversation=turn["conversation_id"]) is None
        # Not even where a statement asks for the other's by its tenant: row-level security holds.
        facts = {"tenant": number.tenant.id, "conversation": turn["conversation_id"]}
        assert await talks.ONE.first(session, **facts) is None


async def held_in(session: AsyncSession, number: Number, turn: dict[str, Any]) -> Conversation:
    await tenancy.enter(session, number.tenant.id)
    return await queries.lock(session, turn["conversation_id"])
