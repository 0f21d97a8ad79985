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

WAITING = text("select id from procrastinate_jobs where queueing_lock = :key and status = 'todo' for update")


async def ask(
    session: AsyncSession, task: str, *, key: str, at: datetime | None = None, **arguments: str
) -> None:
    """Has ``task`` run once the session commits, or at ``at``; at most one job a key waits, and one runs.

    When one waits already it is left as it is, but held until the session ends: no worker can take it and
    miss what the session is about to commit.
    """
    for _ in range(3):
        waiting = (await session.execute(WAITING, {"key": key})).one_or_none()
        if waiting is not None:
            await _wake(session, waiting.id)
            return
        if await _defer(session, task, key, at, arguments):
            return
    # Thrice a job waited when we wrote and none did when we looked: each ran since, seeing what is committed;
    # the sweep asks again for what is not.


async def _defer(
    session: AsyncSession, task: str, key: str, at: datetime | None, arguments: dict[str, str]
) -> bool:
    try:
        async with session.begin_nested():
            # Asked for in here: the session sets its savepoint when the connection is first wanted.
            connection = (await (await session.connection()).get_raw_connection()).driver_connection
            await app.configure_task(
                task, lock=key, queueing_lock=key, schedule_at=at, connection=connection
            ).defer_async(**arguments)
    except AlreadyEnqueued:
        return False
    return True


async def _wake(session: AsyncSession, job_id: int) -> None:
    # A worker that looked while we held the job passed it over, and procrastinate tells of new jobs alone.
    payload = json.dumps({"type": "job_inserted", "job_id": job_id})
    await session.execute(
        text("select pg_notify('procrastinate_any_queue_v1', :payload)"), {"payload": payload}
    )
