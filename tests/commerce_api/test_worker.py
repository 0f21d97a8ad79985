"""The worker process itself: quick, stopped gently, and patient with a database that is away."""

import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from procrastinate import PsycopgConnector
from sqlalchemy import text

from channels.messages import OutboundMessage
from commerce_api import worker
from commerce_api.conversations import contacts, outbox, queries
from commerce_api.conversations.models import Author, DeliveryStatus
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.jobs import app
from commerce_api.core.tenancy import enter
from stack.database import Urls
from tests.commerce_api.conversations.conftest import MakeNumber, Number, make_number
from tests.commerce_api.conversations.provider_stand_in import StandIn
from tests.conftest import ROOT

__all__ = ["make_number"]

Say = Callable[[str], Awaitable[UUID]]


@pytest.fixture
async def graph() -> AsyncIterator[tuple[StandIn, str]]:
    """A stand-in Graph API, and its address."""
    stand_in = StandIn(ids=lambda _: f"wamid.{uuid4().hex}")
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0)
    yield stand_in, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


class Process:
    """A running worker and its log."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.events: list[str] = []

    async def until(self, event: str, seconds: float = 60.0) -> None:
        """Reads the log until ``event`` is in it. Raises TimeoutError."""
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            while event not in self.events:
                line = await self._process.stdout.readline()
                assert line, f"the worker ended; it said {self.events}"
                self.events.append(str(json.loads(line).get("event")))
        self.events.clear()

    async def stop(self) -> tuple[int, float]:
        """Sends SIGTERM; the exit status and the seconds it took."""
        started = time.perf_counter()
        self._process.send_signal(signal.SIGTERM)
        await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, time.perf_counter() - started


@asynccontextmanager
async def running(database_url: str, graph_url: str) -> AsyncIterator[Process]:
    """A worker process; killed at the end if it still runs."""
    environment = {
        **os.environ,
        "DEMO": "1",
        "DATABASE_URL": database_url,
        "WHATSAPP_API_BASE_URL": graph_url,
        "PAYMENT_GATEWAY_BASE_URL": graph_url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "commerce_api.worker", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.fixture
async def number(make_number: MakeNumber) -> Number:
    return await make_number()


@pytest.fixture
def say(database: Database, number: Number) -> Say:
    """Queues a message to a shopper of the number; the message's id."""

    async def queue(words: str) -> UUID:
        async with database.transaction() as session:
            await enter(session, number.tenant.id)
            conversation = await contacts.conversation_with(
                session, number.account, "2348031234567", name=None, now=now()
            )
            conversation.reply_window_until = now() + timedelta(hours=24)
            said = [OutboundMessage(words)]
            ids = await outbox.enqueue(session, conversation, said, author=Author.ASSISTANT, now=now())
        return ids[0]

    return queue


@pytest.fixture(autouse=True)
def quiet(urls: Urls) -> None:
    """No delivery of another test waits: the worker would see to thousands of those first."""
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("delete from procrastinate_jobs where status = 'todo'")
        connection.execute("update messages set status = 'failed' where status in ('queued', 'sending')")


async def wait_until_sent(database: Database, number: Number, message_id: UUID) -> None:
    """Returns once the message is marked as sent. Raises TimeoutError."""
    async with asyncio.timeout(10):
        while True:
            async with database.transaction() as session:
                await enter(session, number.tenant.id)
                if (await queries.message(session, message_id)).status is DeliveryStatus.SENT:
                    return
            await asyncio.sleep(0.05)


async def test_the_worker_sends_at_once_and_ends_gently_with_the_try_in_hand(
    *, urls: Urls, database: Database, graph: tuple[StandIn, str], say: Say, number: Number
) -> None:
    stand_in, url = graph
    async with running(urls.application, url) as process:
        await process.until("worker_ready")
        await wait_until_sent(database, number, await say("warm up"))
        waits = []
        for turn in range(10):
            count = len(stand_in.received)
            await say(f"line {turn}")
            started = time.perf_counter()
            await stand_in.wait_for(count + 1)
            waits.append(time.perf_counter() - started)
        assert sorted(waits)[len(waits) // 2] < 0.3

        answer = asyncio.Event()

        async def hold(_: object) -> None:
            await answer.wait()

        stand_in.before_answer = hold
        count = len(stand_in.received)
        in_hand = await say("in hand")
        await stand_in.wait_for(count + 1)
        stopping = asyncio.create_task(process.stop())
        await process_is_stopping(database)
        answer.set()
        status, seconds = await stopping
        assert status == 0
        assert seconds < 10
        await wait_until_sent(database, number, in_hand)


async def process_is_stopping(database: Database) -> None:
    """Gives a worker that was told to stop the time to hear it."""
    async with database.transaction() as session:
        await session.execute(text("select pg_sleep(0.3)"))


class Gate:
    """A way to the test database that a test opens and shuts."""

    def __init__(self, url: str, folder: Path) -> None:
        parts = urlsplit(url)
        (there,) = parse_qs(parts.query)["host"]
        self._there = f"{there}/.s.PGSQL.5432"
        self._here = folder / ".s.PGSQL.5432"
        self.url = urlunsplit(parts._replace(query=f"host={quote(str(folder))}"))
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.AbstractServer | None = None

    async def open(self) -> None:
        """Lets connections through from here on."""
        self._server = await asyncio.start_unix_server(self._pass, self._here)

    async def shut(self) -> None:
        """Cuts every connection and takes no new one."""
        assert self._server is not None
        self._server.close()
        self._here.unlink(missing_ok=True)
        for writer in list(self._open):
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._there)
        self._open |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer), return_exceptions=True)
        self._open -= {writer, far_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def test_the_worker_waits_for_a_database_that_is_away_and_comes_back_to_it(
    *, urls: Urls, database: Database, graph: tuple[StandIn, str], say: Say, number: Number, tmp_path: Path
) -> None:
    _, url = graph
    gate = Gate(urls.application, tmp_path)
    async with running(gate.url, url) as process:
        await process.until("database_away")
        await gate.open()
        await process.until("worker_ready")
        await wait_until_sent(database, number, await say("one"))
        await gate.shut()
        await process.until("database_away")
        late = await say("two")
        await gate.open()
        await process.until("worker_ready")
        await wait_until_sent(database, number, late)
        status, _ = await process.stop()
        assert status == 0
    await gate.shut()


@pytest.fixture
async def opened(urls: Urls) -> AsyncIterator[None]:
    """The app, open on the test database."""
    with app.replace_connector(PsycopgConnector(conninfo=urls.application, min_size=1, max_size=2)):
        async with app.open_async():
            yield


async def leave_behind(database: Database, key: str) -> int:
    """The id of a job that a worker which died had begun."""
    async with database.transaction() as session:
        died = await session.scalar(
            text(
                "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 minute')"
                " returning id"
            )
        )
        job_id = await session.scalar(
            text(
                "insert into procrastinate_jobs"
                " (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
                " values ('default', 'deliver', :key, :key, '{}', 'doing', :died) returning id"
            ),
            {"key": key, "died": died},
        )
    assert isinstance(job_id, int)
    return job_id


async def statuses(database: Database, key: str) -> list[str]:
    """The statuses of a key's jobs, by id."""
    async with database.transaction() as session:
        found = await session.scalars(
            text("select status::text from procrastinate_jobs where lock = :key order by id"), {"key": key}
        )
        return list(found)


async def test_the_job_of_a_worker_that_died_is_started_anew(database: Database, opened: None) -> None:
    key = f"deliver:{uuid4()}"
    await leave_behind(database, key)
    await worker.free_stalled(timestamp=0)
    assert await statuses(database, key) == ["todo"]


async def test_a_stalled_job_gives_way_to_one_that_waits(database: Database, opened: None) -> None:
    key = f"deliver:{uuid4()}"
    await leave_behind(database, key)
    async with database.transaction() as session:
        await outbox.ask_for_delivery(session, uuid4(), UUID(key.removeprefix("deliver:")))
    assert await statuses(database, key) == ["doing", "todo"]
    await worker.free_stalled(timestamp=0)
    assert await statuses(database, key) == ["todo"]


async def test_asking_many_times_at_once_leaves_one_job_waiting(database: Database) -> None:
    conversation_id = uuid4()

    async def ask() -> None:
        async with database.transaction() as session:
            await outbox.ask_for_delivery(session, uuid4(), conversation_id)

    await asyncio.gather(*(ask() for _ in range(10)))
    assert await statuses(database, f"deliver:{conversation_id}") == ["todo"]


async def test_a_job_asked_for_by_work_that_failed_never_was(database: Database) -> None:
    conversation_id = uuid4()

    async def fail() -> None:
        async with database.transaction() as session:
            await outbox.ask_for_delivery(session, uuid4(), conversation_id)
            raise RuntimeError("the work failed")

    with pytest.raises(RuntimeError, match="the work failed"):
        await fail()
    assert await statuses(database, f"deliver:{conversation_id}") == []


async def test_no_worker_takes_a_waiting_job_while_more_work_for_it_is_being_written(
    database: Database, opened: None
) -> None:
    conversation_id = uuid4()
    async with database.transaction() as session:
        await outbox.ask_for_delivery(session, uuid4(), conversation_id)
    key = f"deliver:{conversation_id}"
    async with database.transaction() as session:
        await outbox.ask_for_delivery(session, uuid4(), conversation_id)
        worker_id = await app.job_manager.register_worker()
        taken = []
        while job := await app.job_manager.fetch_job(None, worker_id):
            taken.append(job.lock)
        assert key not in taken
    job = await app.job_manager.fetch_job(None, worker_id)
    assert job is not None
    assert job.lock == key


@pytest.mark.parametrize(("task", "seconds"), [("sweep", 5), ("free_stalled", 10), ("poll_payments", 60)])
def test_what_was_left_behind_is_looked_for_every_few_seconds(task: str, seconds: int) -> None:
    (found,) = (one for one in app.periodic_registry.periodic_tasks.values() if one.task.name == task)
    noon = 1_795_176_000.0
    times = [noon]
    for _ in range(3):
        times.append(found.croniter.get_next(ret_type=float, start_time=times[-1]))
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [seconds] * 3
