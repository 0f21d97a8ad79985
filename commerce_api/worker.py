"""The worker process: ``python -m commerce_api.worker``. Sends what is queued, and does what is due.

It waits for the database when that is away, comes back by itself, and on SIGTERM or Ctrl-C finishes the tries
in hand within ten seconds.
"""

import asyncio
import contextlib
import signal
import sys
from datetime import timedelta
from logging import ERROR, getLogger
from uuid import UUID

import psycopg
import structlog
import uvloop
from procrastinate import JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from psycopg_pool import PoolTimeout
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from commerce_api.conversations import desk, echoes, pacing
from commerce_api.conversations.delivery import Delivery
from commerce_api.conversations.desk import SAY_LATER
from commerce_api.conversations.echoes import SETTLE
from commerce_api.conversations.media import FETCH
from commerce_api.conversations.media_fetching import MediaFetching, own_hosts
from commerce_api.conversations.models import QuarantinedPart
from commerce_api.conversations.outbox import DELIVER
from commerce_api.core import clock, idempotency, logging, settings, startup, tenancy
from commerce_api.core.database import Database
from commerce_api.core.guarded import open_guarded_client
from commerce_api.core.http import open_client
from commerce_api.core.jobs import app
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.payments import polling
from commerce_api.payments.providers import Providers
from commerce_api.tenants import attempts, provider_sign_in, resets, sessions
from commerce_api.tenants.letters import MAIL, MAIL_RESET
from commerce_api.tenants.models import Tenant
from commerce_api.tenants.post import Post

log = structlog.get_logger(__name__)

CONCURRENCY = 20
CONNECTIONS = 10
HEARTBEAT = 5.0
# Three heartbeats missed.
STALLED = 15.0
# A job that another had to finish before isn't told of: it is found by looking.
LOOK_EVERY = 0.5
STOP_WITHIN = 8.0
PAUSE = 1.0
KEPT_JOBS = timedelta(days=3)
KEPT_PARTS = timedelta(days=30)
DATABASE_AWAY = (ConnectorException, PoolTimeout, psycopg.OperationalError, SQLAlchemyError, OSError)


@app.task(name=DELIVER, pass_context=True)
async def deliver(context: JobContext, tenant_id: str, conversation_id: str) -> None:
    """Sends what a conversation has queued."""
    facts = context.additional_context
    await facts["delivery"].drain(UUID(tenant_id), UUID(conversation_id), facts["stop"])


@app.task(name=FETCH, pass_context=True, retry=RetryStrategy(max_attempts=50, wait=10))
async def fetch_media(context: JobContext, tenant_id: str, media_id: str) -> None:
    """Fetches a shopper's file."""
    await context.additional_context["media"].fetch(UUID(tenant_id), UUID(media_id))


@app.task(name=SETTLE, pass_context=True, retry=RetryStrategy(max_attempts=50, wait=10))
async def settle_echo(context: JobContext, tenant_id: str, echo_id: str) -> None:
    """Decides whether a provider's echo is of our own message."""
    async with context.additional_context["database"].transaction() as session:
        await tenancy.enter(session, UUID(tenant_id))
        await echoes.settle(session, UUID(echo_id), clock.now())


@app.task(name=SAY_LATER, pass_context=True, retry=RetryStrategy(max_attempts=50, wait=10))
async def say_later(context: JobContext, tenant_id: str, scheduled_id: str) -> None:
    """Says a message that a seller wrote for now."""
    async with context.additional_context["database"].transaction() as session:
        await tenancy.enter(session, UUID(tenant_id))
        await desk.say_due(session, UUID(scheduled_id), clock.now())


@app.task(name=MAIL, pass_context=True, retry=RetryStrategy(max_attempts=8, exponential_wait=4))
async def mail(context: JobContext, tenant_id: str, sealed: str) -> None:
    """Sends a letter."""
    await context.additional_context["post"].send(UUID(tenant_id), sealed)


@app.task(name=MAIL_RESET, pass_context=True, retry=RetryStrategy(max_attempts=5, exponential_wait=4))
async def mail_reset(context: JobContext, sealed: str) -> None:
    """Mails a link to a new password, if the address is anyone's."""
    await context.additional_context["post"].send_reset(sealed)


# Six fields: the seconds come last.
@app.periodic(cron="* * * * * */5")
@app.task(name="sweep", queueing_lock="sweep", pass_context=True)
async def sweep(context: JobContext, timestamp: int) -> None:
    """Finds what is due and has no job, every five seconds."""
    forgotten = await context.additional_context["delivery"].sweep()
    if forgotten:
        log.warning("deliveries_found_forgotten", conversations=forgotten)


@app.periodic(cron="* * * * * */10")
@app.task(name="free_stalled", queueing_lock="free_stalled")
async def free_stalled(timestamp: int) -> None:
    """Starts anew the jobs of workers that died, every ten seconds."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        log.warning("job_stalled", job_id=job.id, task=job.task_name)
        await _free(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="clean_up", queueing_lock="clean_up", pass_context=True)
async def clean_up(context: JobContext, timestamp: int) -> None:
    """Forgets what nobody asks for any more, once a day."""
    hours = int(KEPT_JOBS / timedelta(hours=1))
    await app.job_manager.delete_old_jobs(
        nb_hours=hours, include_failed=True, include_cancelled=True, include_aborted=True
    )
    now = clock.now()
    database: Database = context.additional_context["database"]
    async with database.transaction() as session:
        keys = await idempotency.delete_old_keys(session, now)
        await attempts.delete_old(session, now)
        await resets.delete_old(session, now)
        await provider_sign_in.delete_old(session, now)
        await sessions.delete_old(session, now)
        await session.execute(delete(QuarantinedPart).where(QuarantinedPart.created_at < now - KEPT_PARTS))
        tenants = (await session.scalars(select(Tenant.id))).all()
    for tenant_id in tenants:
        async with database.transaction() as session:
            await tenancy.enter(session, tenant_id)
            await pacing.forget_full(session, now)
    log.info("cleaned_up", idempotency_keys=keys)


@app.periodic(cron="* * * * *")
@app.task(name="poll_payments", queueing_lock="poll_payments", pass_context=True)
async def poll_payments(context: JobContext, timestamp: int) -> None:
    """Asks after payments nobody told us of, every minute."""
    facts = context.additional_context
    asked = await polling.poll_pending(facts["database"], facts["http"], facts["providers"], clock.now())
    if asked:
        log.info("payments_asked_after", payments=asked)


async def _free(job: Job) -> None:
    try:
        await app.job_manager.retry_job(job)
    except ConnectorException:
        # Another job waits under the same key already, and will do what this one left.
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


async def run(chosen: Settings, stop: asyncio.Event) -> None:
    """Works until ``stop`` is set. Raises StartRefused when the database is not fit to work on."""
    url = chosen.database_url.get_secret_value()
    while not stop.is_set():
        try:
            await _work(chosen, url, stop)
        except DATABASE_AWAY as fault:
            log.warning("database_away", fault=f"{type(fault).__name__}: {fault}"[:300], again_in=PAUSE)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE)


async def _work(chosen: Settings, url: str, stop: asyncio.Event) -> None:
    """One stretch of work: ends when told to stop, or when the database goes away."""
    await _knock(url)
    database = Database(url, pool_size=CONNECTIONS)
    http, guarded = open_client(), open_guarded_client(own_hosts(chosen))
    connector = PsycopgConnector(conninfo=url, min_size=1, max_size=4, timeout=5.0)
    try:
        await startup.check(database)
        with app.replace_connector(connector):
            async with app.open_async():
                log.info("worker_ready", concurrency=CONCURRENCY)
                facts = {
                    "delivery": Delivery(database, http, vault(chosen), chosen),
                    "media": MediaFetching(
                        database, http, guarded, vault=vault(chosen), settings=chosen, clock=clock.now
                    ),
                    "database": database,
                    "http": http,
                    "providers": Providers(chosen),
                    "post": Post(database, vault(chosen), chosen, clock.now),
                    "stop": stop,
                }
                await _until(stop, facts)
    finally:
        await http.aclose()
        await guarded.aclose()
        await database.close()


async def _until(stop: asyncio.Event, facts: dict[str, object]) -> None:
    worker = asyncio.create_task(
        app.run_worker_async(
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=LOOK_EVERY,
            shutdown_graceful_timeout=STOP_WITHIN,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
            delete_jobs="successful",
            install_signal_handlers=False,
            additional_context=facts,
        )
    )
    told = asyncio.create_task(stop.wait())
    await asyncio.wait({worker, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if worker.done():
        await worker
        return
    log.info("worker_stopping")
    worker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await worker


async def _knock(url: str) -> None:
    """Raises OperationalError at once when the database is away, where a pool would try for long."""
    async with await psycopg.AsyncConnection.connect(url, connect_timeout=3) as connection:
        await connection.execute("select 1")


async def main() -> None:
    """Works until SIGTERM or SIGINT. Raises SettingsError and StartRefused."""
    chosen = settings.load()
    logging.configure(chosen)
    # It tells of every connection it can't open; `database_away` says so once.
    getLogger("psycopg.pool").setLevel(ERROR)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await run(chosen, stop)
    log.info("worker_stopped")


if __name__ == "__main__":
    try:
        uvloop.run(main())
    except (settings.SettingsError, startup.StartRefused) as refusal:
        sys.exit(str(refusal))
