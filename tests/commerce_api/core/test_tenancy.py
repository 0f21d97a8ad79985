"""Two fences: with the ORM filter dropped the database still shows nothing."""

import asyncio
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql
from sqlalchemy import Uuid, column, func, insert, select, text, update
from sqlalchemy import table as named_table
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

import commerce_api.main  # noqa: F401 -- maps every table
from channels.messages import ConsentWord
from commerce_api.catalogue import indexing
from commerce_api.catalogue.models import Category
from commerce_api.catalogue.tree import Tree
from commerce_api.conversations.contact_models import ContactPhone, LinkCode, LinkTry, ParkedEcho
from commerce_api.conversations.models import DeliveryStatus, MessagePart, StoredReceipt
from commerce_api.conversations.outbound_models import AccountNotice, ConsentEntry, Scope, ToldBy
from commerce_api.conversations.screen_models import ScreenMode, ScreenState, ShownScreen
from commerce_api.conversations.step_models import ConversationStep, StepKind
from commerce_api.core.database import Base, Database
from commerce_api.core.tenancy import NoTenant, current, enter, inside, leave
from commerce_api.orders.models import Order, OrderMove
from commerce_api.orders.states import Actor, OrderState
from commerce_api.tenants.models import Membership, Role
from stack import database as stack_database
from tests.commerce_api.stalls import Stall, furnish
from tests.conftest import NOON, MakeMember, Member

TENANTS_TABLES = sorted(table.name for table in Base.metadata.tables.values() if "tenant_id" in table.columns)


@pytest.fixture
async def two(make_member: MakeMember) -> tuple[Member, Member]:
    """An owner of one tenant and an owner of another."""
    return await make_member(), await make_member()


async def _seen(session: AsyncSession) -> set[UUID]:
    """The tenants whose memberships plain SQL shows, past the ORM and its filter."""
    rows = await session.execute(text("select distinct tenant_id from memberships"))
    return set(rows.scalars())


async def test_without_a_tenant_nothing_is_there(session: AsyncSession, two: tuple[Member, Member]) -> None:
    assert await _seen(session) == set()
    assert (await session.scalars(select(Membership))).all() == []
    with pytest.raises(NoTenant):
        current(session)


async def test_plain_sql_shows_the_entered_tenant_alone(
    session: AsyncSession, two: tuple[Member, Member]
) -> None:
    for member in two:
        await enter(session, member.tenant.id)
        assert current(session) == member.tenant.id
        assert await _seen(session) == {member.tenant.id}
        orm = (await session.scalars(select(Membership))).all()
        assert [row.user_id for row in orm] == [member.user.id]
    await leave(session)
    assert await _seen(session) == set()


@pytest.fixture(scope="module")
async def stalls(database: Database, app: FastAPI) -> tuple[Stall, Stall]:
    """Two tenants, each with a row in every table that has tenants."""
    made = await furnish(database, app.state.vault), await furnish(database, app.state.vault)
    for stall in made:
        await _fill_the_rest(database, stall)
    return made


async def _fill_the_rest(database: Database, stall: Stall) -> None:
    """The rows that only work in progress leaves: the search's, an order's move, a part sent, its receipt."""
    ids = {name: UUID(value) for name, value in stall.ids.items() if name.endswith("_id")}
    async with database.transaction() as session:
        await enter(session, stall.owner.tenant.id)
        tree = Tree.of(await session.scalars(select(Category)))
        await indexing.index(session, [ids["product_id"]], tree)
        order_id = await session.scalar(select(Order.id).where(Order.number == stall.ids["number"]))
        move = {"order_id": order_id, "ordinal": 1, "to_state": OrderState.PLACED, "actor": Actor.SHOPPER}
        session.add(OrderMove(**move, at=NOON))
        sent = {"channel_account_id": ids["account_id"], "provider_message_id": uuid4().hex}
        status = DeliveryStatus.DELIVERED
        session.add(MessagePart(**sent, message_id=ids["message_id"], part=0, status=status))
        session.add(StoredReceipt(**sent, status=status, at=NOON, raw={}, created_at=NOON))
        session.add_all(_of_messaging(ids))


def _of_messaging(ids: dict[str, UUID]) -> list[Base]:
    """What messaging keeps of people, accounts and dialogues beside messages."""
    talk, account = {"conversation_id": ids["conversation_id"]}, {"channel_account_id": ids["account_id"]}
    contact, made = {"contact_id": ids["contact_id"]}, {"created_at": NOON}
    word = {"word": ConsentWord.STOP, "scope": Scope.ALL, "told_by": ToldBy.WORDS, "said_at": NOON}
    shown = {"session_id": "s", "typed": "", "mode": ScreenMode.ANSWER, "behind": [], "updated_at": NOON}
    return [
        ContactPhone(phone=f"+234{uuid4().int % 10**10}", **contact, **made),
        LinkCode(code=uuid4().hex[:6].upper(), expires_at=NOON, **talk, **made),
        LinkTry(**talk, **made),
        ParkedEcho(provider_message_id=uuid4().hex, message={}, **account, **talk, **made),
        AccountNotice(code="190", opened_at=NOON, last_at=NOON, **account),
        ConsentEntry(**word, **contact, **account, **talk, **made),
        ScreenState(**shown, **talk),
        ConversationStep(kind=StepKind.TAKEN_OVER, at=NOON, **talk),
        ShownScreen(message_id=ids["message_id"], text="CON", is_last=False, **made),
    ]


@pytest.fixture(scope="module")
def owner(urls: stack_database.Urls) -> Iterator[psycopg.Connection]:
    """The owner's connection, which no policy holds back."""
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("table", TENANTS_TABLES)
async def test_no_table_shows_another_tenants_rows_to_plain_sql(
    table: str, session: AsyncSession, stalls: tuple[Stall, Stall], owner: psycopg.Connection
) -> None:
    mine, theirs = (stall.owner.tenant.id for stall in stalls)
    everyones = sql.SQL("select tenant_id from {}").format(sql.Identifier(table))
    there = {row[0] for row in owner.execute(everyones)}
    assert {mine, theirs} <= there, "without rows of both there would be nothing to hide"

    # Names alone, no mapped class: the ORM's filter has nothing to hold on to.
    plain = select(column("tenant_id", Uuid())).select_from(named_table(table))
    for tenant_id in (mine, theirs):
        await enter(session, tenant_id)
        assert set(await session.scalars(plain)) == {tenant_id}
    await leave(session)
    assert (await session.scalars(plain)).all() == []


async def test_the_orm_filters_even_where_the_database_would_not(
    urls: stack_database.Urls, two: tuple[Member, Member]
) -> None:
    # The owner of the tables, a superuser here, passes every policy: what holds it back is the ORM's filter.
    database = Database(urls.owner, pool_size=1)
    try:
        async with database.transaction() as session:
            await enter(session, two[0].tenant.id)
            assert len(await _seen(session)) >= 2
            assert {row.tenant_id for row in await session.scalars(select(Membership))} == {two[0].tenant.id}
            counted = await session.scalar(select(func.count()).select_from(Membership))
            assert counted == 1
    finally:
        await database.close()


async def test_another_tenants_rows_can_neither_be_changed_nor_made(
    session: AsyncSession, two: tuple[Member, Member]
) -> None:
    mine, other = two
    await enter(session, mine.tenant.id)
    foreign = Membership.__table__.c.tenant_id == other.tenant.id
    changed = await session.execute(update(Membership.__table__).where(foreign).values(role="viewer"))  # type: ignore[arg-type]
    assert changed.rowcount == 0  # type: ignore[attr-defined]
    stolen = update(Membership.__table__).values(tenant_id=other.tenant.id)  # type: ignore[arg-type]
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with session.begin_nested():
            await session.execute(stolen)
    planted = {"tenant_id": other.tenant.id, "id": UUID(int=1), "user_id": mine.user.id, "role": "owner"}
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with session.begin_nested():
            await session.execute(insert(Membership.__table__).values(planted))  # type: ignore[arg-type]


async def test_a_new_row_belongs_to_the_entered_tenant(
    session: AsyncSession, two: tuple[Member, Member]
) -> None:
    mine, other = two
    membership = Membership(user_id=other.user.id, role=Role.VIEWER)
    session.add(membership)
    with pytest.raises(NoTenant):
        await session.flush()
    session.expunge(membership)
    await enter(session, mine.tenant.id)
    session.add(membership)
    await enter(session, other.tenant.id)
    assert membership.tenant_id == mine.tenant.id


async def test_inside_goes_back_to_where_the_session_was(
    session: AsyncSession, two: tuple[Member, Member]
) -> None:
    mine, other = (member.tenant.id for member in two)
    async with inside(session, other):
        assert await _seen(session) == {other}
    assert await _seen(session) == set()
    await enter(session, mine)
    async with inside(session, other):
        pass
    assert (current(session), await _seen(session)) == (mine, {mine})


async def test_a_reused_connection_remembers_no_tenant(
    urls: stack_database.Urls, two: tuple[Member, Member]
) -> None:
    database = Database(urls.application, pool_size=1, overflow=0)
    try:
        first = await _visit(database, two[0].tenant.id)
        assert await _visit(database) == (first[0], set())
        with pytest.raises(RuntimeError):
            await _visit(database, two[0].tenant.id, failing=True)
        assert await _visit(database) == (first[0], set())
        assert await _visit(database, two[1].tenant.id) == (first[0], {two[1].tenant.id})
    finally:
        await database.close()


async def _visit(
    database: Database, tenant_id: UUID | None = None, *, failing: bool = False
) -> tuple[int, set[UUID]]:
    """The connection a transaction got, and the tenants it saw."""
    async with database.transaction() as session:
        if tenant_id:
            await enter(session, tenant_id)
        if failing:
            raise RuntimeError("in the middle of a transaction")
        return await session.scalar(text("select pg_backend_pid()")) or 0, await _seen(session)


async def test_side_by_side_each_session_sees_its_own_tenant(
    database: Database, two: tuple[Member, Member]
) -> None:
    async def look(member: Member) -> set[UUID]:
        async with database.transaction() as session:
            await enter(session, member.tenant.id)
            await asyncio.sleep(0)
            return await _seen(session)

    wanted = [*two, *two, *two]
    assert await asyncio.gather(*map(look, wanted)) == [{member.tenant.id} for member in wanted]
