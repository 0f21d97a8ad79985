"""Token buckets: never faster than the rate, shared by whoever sends, slowed by those who complain."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from channels.provider import Rates
from commerce_api.conversations import pacing
from commerce_api.conversations.models import Message
from commerce_api.conversations.pacing import Failure, Line
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import BotSide, Number, message
from tests.conftest import MakeTenant

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FAST = Rates(account_per_second=1000.0)
PAIR = Rates(account_per_second=1000.0, pair_seconds=6.0, burst=3)


async def ask(session: AsyncSession, line: Line, now: datetime = NOON) -> pacing.Place:
    """The place of a new message."""
    return await pacing.place(session, line, Message(), now)


@pytest.fixture
async def tenant_id(make_tenant: MakeTenant, session: AsyncSession) -> UUID:
    """The tenant that the session has entered."""
    tenant = await make_tenant()
    await enter(session, tenant.id)
    return tenant.id


@pytest.mark.usefixtures("tenant_id")
async def test_to_one_shopper_a_burst_goes_at_once_and_then_one_every_few_seconds(
    session: AsyncSession,
) -> None:
    line = Line(uuid4(), uuid4(), PAIR)
    waits = [((await ask(session, line)).at - NOON).total_seconds() for _ in range(6)]
    assert waits == pytest.approx([0, 0, 0, 6, 12, 18])
    other = Line(line.account_id, uuid4(), PAIR)
    assert (await ask(session, other)).at - NOON < timedelta(seconds=0.1)


@pytest.mark.usefixtures("tenant_id")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.sampled_from([1.0, 4.0, 10.0, 80.0]),
    arrivals=st.lists(st.floats(0, 3), min_size=1, max_size=30),
)
async def test_an_account_never_sends_more_in_any_second_than_its_rate_and_its_burst(
    session: AsyncSession, rate: float, arrivals: list[float]
) -> None:
    line = Line(uuid4(), uuid4(), Rates(account_per_second=rate))
    moments = sorted(arrivals)
    places = [(await ask(session, line, NOON + timedelta(seconds=at))).at for at in moments]
    assert places == sorted(places)
    assert all(place >= NOON + timedelta(seconds=at) for place, at in zip(places, moments, strict=True))
    most = rate + max(1.0, rate * pacing.ACCOUNT_BURST)
    for start in places:
        within = [place for place in places if start <= place < start + timedelta(seconds=1)]
        assert len(within) <= most + 1


async def test_two_workers_share_one_bucket(database: Database, make_tenant: MakeTenant) -> None:
    tenant, line = await make_tenant(), Line(uuid4(), uuid4(), Rates(account_per_second=2.0))
    waits = []
    for _ in range(4):
        async with database.transaction() as session:
            await enter(session, tenant.id)
            waits.append(((await ask(session, line)).at - NOON).total_seconds())
    assert waits == pytest.approx([0, 0.5, 1.0, 1.5])


@pytest.mark.usefixtures("tenant_id")
async def test_a_place_is_kept_until_a_pause_makes_it_void(session: AsyncSession) -> None:
    line = Line(uuid4(), uuid4(), Rates(account_per_second=1.0))
    first = await ask(session, line)
    second = await ask(session, line)
    waiting = Message(due_at=second.at, pace_epoch=second.epoch)
    assert (await pacing.place(session, line, waiting, second.at)).at == second.at
    await pacing.slow_down(session, line, Failure("130429", 30.0), first.at, jitter=0.5)
    anew = await pacing.place(session, line, waiting, second.at)
    assert anew.at >= first.at + timedelta(seconds=30)
    assert anew.epoch > second.epoch


@pytest.mark.usefixtures("tenant_id")
@pytest.mark.parametrize("code", sorted(pacing.TOO_FAST_FOR_ACCOUNT))
async def test_too_fast_pauses_the_account_doubling_from_pause_to_pause(
    session: AsyncSession, code: str
) -> None:
    line = Line(uuid4(), uuid4(), FAST)
    now, pauses = NOON, []
    for _ in range(3):
        await ask(session, line, now)
        await pacing.slow_down(session, line, Failure(code), now, jitter=0.5)
        # Others that were under way complain as well: it is one pause.
        await pacing.slow_down(session, line, Failure(code), now, jitter=0.5)
        at = (await ask(session, line, now)).at
        pauses.append(round((at - now).total_seconds(), 1))
        now = at + timedelta(seconds=1)
    assert pauses == [1.0, 2.0, 4.0]
    await pacing.calm_down(session, line)
    await pacing.slow_down(session, line, Failure(code), now, jitter=0.5)
    assert (await ask(session, line, now)).at - now == pytest.approx(
        timedelta(seconds=1), abs=timedelta(0.001)
    )


@pytest.mark.usefixtures("tenant_id")
async def test_too_fast_for_one_shopper_slows_nobody_else(session: AsyncSession) -> None:
    line = Line(uuid4(), uuid4(), PAIR)
    other = Line(line.account_id, uuid4(), PAIR)
    await ask(session, line)
    await pacing.slow_down(session, line, Failure("131056", 6.0), NOON, jitter=0.5)
    assert (await ask(session, line)).at >= NOON + timedelta(seconds=6)
    assert (await ask(session, other)).at - NOON < timedelta(seconds=0.1)


@pytest.mark.usefixtures("tenant_id")
async def test_one_bad_answer_pauses_nothing_and_many_in_a_row_do(session: AsyncSession) -> None:
    line = Line(uuid4(), uuid4(), FAST)
    await ask(session, line)
    for _ in range(pacing.FAILURES_BORNE):
        await pacing.slow_down(session, line, Failure("500", 20.0), NOON, jitter=0.5)
        assert (await ask(session, line)).at - NOON < timedelta(seconds=0.1)
    await pacing.slow_down(session, line, Failure("500", 20.0), NOON, jitter=0.5)
    assert (await ask(session, line)).at - NOON > timedelta(seconds=0.9)


async def test_what_came_in_counts_towards_the_accounts_rate(
    bot: BotSide, number: Number, database: Database
) -> None:
    line = Line(number.account.id, uuid4(), Rates(account_per_second=2.0))
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        before = (await session.execute(text("select clock_timestamp()"))).scalar_one()
        await ask(session, line, before)
    await bot.deliver(*(message(number, f"m{i}", sender=f"23480300000{i:02}") for i in range(4)))
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        after = (await session.execute(text("select clock_timestamp()"))).scalar_one()
        assert (await ask(session, line, after)).at - before > timedelta(seconds=2)


async def test_another_tenants_buckets_are_not_seen(database: Database, make_tenant: MakeTenant) -> None:
    mine, theirs, account = await make_tenant(), await make_tenant(), uuid4()
    line = Line(account, uuid4(), Rates(account_per_second=1.0))
    for tenant in (mine, theirs):
        async with database.transaction() as session:
            await enter(session, tenant.id)
            assert (await ask(session, line)).at == NOON


async def test_buckets_that_were_full_for_a_day_are_forgotten_and_no_other(
    session: AsyncSession, tenant_id: UUID
) -> None:
    old, fresh, paused = (Line(uuid4(), uuid4(), FAST) for _ in range(3))
    for line in (old, paused):
        await ask(session, line, NOON - timedelta(days=2))
    await ask(session, fresh)
    await session.execute(
        text("update buckets set paused_until = :now where subject_id = :account"),
        {"now": NOON, "account": paused.account_id},
    )
    await pacing.forget_full(session, NOON)
    left = set((await session.scalars(text("select subject_id from buckets where scope = 'account'"))).all())
    assert left == {fresh.account_id, paused.account_id}
