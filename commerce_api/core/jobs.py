"""Due work: procrastinate's app, and jobs that are committed with the work that made them due.

The tasks themselves are in ``commerce_api/worker.py``; whoever asks for one names it. A process that only
asks never opens the app: jobs travel on the session's own connection.
"""

import json
from datetime import datetime

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

app = App(connector=PsycopgConnector())

# How many waiting jobs of a tenant weigh on its next one.
MOST_WEIGHED = 1000
# How many of those who waited longest are brought forward at a time, whatever weighs on them.
MOST_LIFTED = 20
BACKLOG = text(
    "select count(*) from (select from procrastinate_jobs"
    " where status = 'todo' and args ->> 'tenant_id' = :tenant limit :most) waiting"
)
LIFT = text(
    "update procrastinate_jobs set priority = 0 where id in (select id from procrastinate_jobs"
    " where status = 'todo' and priority < 0 and coalesce(scheduled_at, now()) <= now()"
    " order by id limit :most for update skip locked)"
)
HASTEN = text(
    "update procrastinate_jobs set scheduled_at = :at"
    " where id = :id and scheduled_at > coalesce(cast(:at as timestamptz), now())"
)
WAITING = text("select id from procrastinate_jobs where queueing_lock = :key and status = 'todo' for update")


async def ask(
    session: AsyncSession, task: str, *, key: str, at: datetime | None = None, **arguments: str
) -> None:
    """Has ``task`` run once the session commits, or at ``at``; at most one job a key waits, and one runs.

    When one waits already it is brought forward if it is due later, and held until the session ends: no
    worker can take it and miss what the session is about to commit. Of a tenant (argument ``tenant_id``) with
    many jobs waiting the next has to wait longer, so that the many of one don't keep the few of another.
    """
    for _ in range(3):
        waiting = (await session.execute(WAITING, {"key": key})).one_or_none()
        if waiting is not None:
            await session.execute(HASTEN, {"id": waiting.id, "at": at})
            await _wake(session, waiting.id)
            return
        if await _defer(session, task, key, at, arguments):
            return
    # Thrice a job waited when we wrote and none did when we looked: each ran since, seeing what is committed;
    # the sweep asks again for what is not.


async def _defer(
    session: AsyncSession, task: str, key: str, at: datetime | None, arguments: dict[str, str]
) -> bool:
    facts = {"tenant": arguments.get("tenant_id"), "most": MOST_WEIGHED}
    priority = -(await session.execute(BACKLOG, facts)).scalar_one()
    try:
        async with session.begin_nested():
            # Asked for in here: the session sets its savepoint when the connection is first wanted.
            connection = (await (await session.connection()).get_raw_connection()).driver_connection
            await app.configure_task(
                task,
                lock=key,
                queueing_lock=key,
                schedule_at=at,
                priority=priority,
                connection=connection,
            ).defer_async(**arguments)
    except AlreadyEnqueued:
        return False
    return True


async def lift(session: AsyncSession) -> None:
    """Brings forward the jobs that waited longest: nobody waits for ever, however busy the others are."""
    await session.execute(LIFT, {"most": MOST_LIFTED})


async def _wake(session: AsyncSession, job_id: int) -> None:
    # A worker that looked while we held the job passed it over, and procrastinate tells of new jobs alone.
    payload = json.dumps({"type": "job_inserted", "job_id": job_id})
    await session.execute(
        text("select pg_notify('procrastinate_any_queue_v1', :payload)"), {"payload": payload}
    )
