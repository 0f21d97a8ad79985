"""Due work: procrastinate's app, and jobs that are committed with the work that made them due.

The tasks themselves are in ``commerce_api/worker.py``; whoever asks for one names it. A process that only
asks never opens the app: jobs travel on the session's own connection.
"""

from datetime import datetime

from procrastinate import App, PsycopgConnector
from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.statements import Statement

app = App(connector=PsycopgConnector())

# How many waiting jobs of a tenant weigh on its next one.
MOST_WEIGHED = 1000
# How many of those who waited longest are brought forward at a time, whatever weighs on them.
MOST_LIFTED = 20
LIFT = text(
    "update procrastinate_jobs set priority = 0 where id in (select id from procrastinate_jobs"
    " where status = 'todo' and priority < 0 and coalesce(scheduled_at, now()) <= now()"
    " order by id limit :most for update skip locked)"
)
# Finds the job that waits under the key, holds it, brings it forward and tells workers of it: one that looked
# when it was held passed it over, and procrastinate tells of new jobs alone. Makes one where none waits. When
# somebody else makes one this moment, that is waited for, and there is neither an old nor a new one.
ASK = Statement(
    "with waiting as (select id from procrastinate_jobs"
    "  where queueing_lock = %(key)s and status = 'todo' for update),"
    " hastened as (update procrastinate_jobs job set scheduled_at = %(at)s from waiting"
    "  where job.id = waiting.id and job.scheduled_at > coalesce(%(at)s::timestamptz, now())),"
    " made as (insert into procrastinate_jobs"
    "  (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)"
    "  select 'default', %(task)s, -(select count(*) from (select from procrastinate_jobs"
    "   where status = 'todo' and args ->> 'tenant_id' = %(tenant)s limit %(most)s) backlog),"
    "  %(key)s, %(key)s, %(arguments)s, %(at)s where not exists (select from waiting)"
    "  on conflict (queueing_lock) where status = 'todo' do nothing returning id)"
    " select made.id as made, waiting.id as waiting, case when waiting.id is not null then"
    "  pg_notify('procrastinate_any_queue_v1',"
    "   json_build_object('type', 'job_inserted', 'job_id', waiting.id)::text) end as told"
    " from made full join waiting on true"
)


async def ask(
    session: AsyncSession, task: str, *, key: str, at: datetime | None = None, **arguments: str
) -> None:
    """Has ``task`` run once the session commits, or at ``at``; at most one job a key waits, and one runs.

    When one waits already it is brought forward if it is due later, and held until the session ends: no
    worker can take it and miss what the session is about to commit. Of a tenant (argument ``tenant_id``) with
    many jobs waiting the next has to wait longer, so that the many of one don't keep the few of another.
    """
    facts = {"task": task, "key": key, "at": at, "arguments": Jsonb(arguments)}
    for _ in range(3):
        found = await ASK.first(session, tenant=arguments.get("tenant_id"), most=MOST_WEIGHED, **facts)
        if found is not None:
            return
    # Thrice a job waited when we wrote and none did when we looked: each ran since, seeing what is committed;
    # the sweep asks again for what is not.


async def lift(session: AsyncSession) -> None:
    """Brings forward the jobs that waited longest: nobody waits for ever, however busy the others are."""
    await session.execute(LIFT, {"most": MOST_LIFTED})
