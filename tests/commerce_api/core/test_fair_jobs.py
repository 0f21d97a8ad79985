"""One seller's backlog keeps no other waiting: told by the order in which workers take jobs."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations import outbox
from commerce_api.core import clock, jobs
from commerce_api.core.jobs import MOST_LIFTED

FETCH = text("select args ->> 'tenant_id' from procrastinate_fetch_job_v2(null, null)")


async def ask(session: AsyncSession, tenant_id: UUID, times: int = 1) -> None:
    for _ in range(times):
        await outbox.ask_for_delivery(session, tenant_id, uuid4())


async def taken(session: AsyncSession, times: int) -> list[str]:
    """The tenants of the next jobs, as workers take them."""
    return [str((await session.execute(FETCH)).scalar_one()) for _ in range(times)]


async def empty(session: AsyncSession) -> None:
    await session.execute(text("delete from procrastinate_jobs where status = 'todo'"))


async def test_a_single_reply_passes_a_backlog_of_hundreds(session: AsyncSession) -> None:
    await empty(session)
    many, single = uuid4(), uuid4()
    await ask(session, many, 400)
    await ask(session, single)
    assert str(single) in await taken(session, 2)


async def test_small_sellers_take_turns_with_a_large_one(session: AsyncSession) -> None:
    await empty(session)
    large, small = uuid4(), [uuid4() for _ in range(5)]
    await ask(session, large, 100)
    for tenant_id in small:
        await ask(session, tenant_id, 3)
    first = await taken(session, 30)
    assert all(first.count(str(tenant_id)) == 3 for tenant_id in small)
    assert first.count(str(large)) == 15


async def test_who_waited_longest_is_brought_forward_however_much_weighs_on_them(
    session: AsyncSession,
) -> None:
    await empty(session)
    large, others = uuid4(), [uuid4() for _ in range(50)]
    await ask(session, large, 60)
    await taken(session, 10)
    await jobs.lift(session)
    for tenant_id in others:
        await ask(session, tenant_id)
    assert (await taken(session, MOST_LIFTED + 5)).count(str(large)) == MOST_LIFTED


async def test_a_job_that_waits_is_brought_forward_by_who_asks_for_it_sooner_and_never_put_off(
    session: AsyncSession,
) -> None:
    tenant_id, conversation_id = uuid4(), uuid4()
    waiting = text("select scheduled_at from procrastinate_jobs where lock = :key and status = 'todo'")
    soon, late = clock.now() + timedelta(minutes=1), clock.now() + timedelta(minutes=5)
    told = []
    for at in (late, soon, late, None, late):
        await outbox.ask_for_delivery(session, tenant_id, conversation_id, at=at)
        found = await session.execute(waiting, {"key": outbox.delivery_key(conversation_id)})
        told.append(found.scalar_one())
    assert told == [late, soon, soon, None, None]
