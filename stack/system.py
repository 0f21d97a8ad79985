"""A whole system, from nothing to ready and back to nothing: database, demo sellers, model, processes."""

import asyncio
import fcntl
import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import IO, Self

import httpx

from stack import database
from stack.console import Console
from stack.leftovers import Record, end_leftovers
from stack.ports import check_ports
from stack.postmaster import keep_server
from stack.processes import Process, environment, processes
from stack.settings import Settings
from stack.steps import finish, run_step, together
from stack.supervisor import ProcessFailed, Supervisor
from stack.training import ensure_model

READY_SECONDS = 60.0
LOGINS = (
    ("ngozi@demo.example", "owner of Mama Ngozi Fabrics & Foods, Lagos"),
    ("tunde@demo.example", "agent there"),
    ("amina@demo.example", "owner of Duka la Amina, Nairobi"),
    ("awa@demo.example", "owner of Chez Awa, Abidjan"),
    ("admin@demo.example", "the platform"),
)
PASSWORD = "demo-market-2026"  # noqa: S105  printed for everybody, for demo sellers alone


class AlreadyRunning(Exception):
    """Another system runs on the same data folder."""


class System:
    """A system on one data folder. ``async with`` brings it up, until all of it answers.

    ``only`` names the processes to start; all by default. Raises AlreadyRunning, PortTaken, StepFailed,
    ProcessFailed or RuntimeError (the database), each with a text for people, and everything is stopped.
    """

    def __init__(self, settings: Settings, console: Console, *, only: frozenset[str] | None = None) -> None:
        self.settings = settings
        self.urls: database.Urls | None = None
        self.supervisor: Supervisor | None = None
        self._console = console
        self._only = only
        self._data = settings.stack_data
        self._stack = AsyncExitStack()
        self._keeping: asyncio.Future[None] | None = None

    @property
    def record(self) -> Path:
        """The file that tells, while the system is ready, where its parts are."""
        return self._data / "run" / "ready.json"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._console.say("- Stopping …")
        await self._stack.aclose()
        self._console.say("  stopped; nothing is left running")

    async def failure(self) -> None:
        """Returns never; raises ProcessFailed when the system can't be kept up."""
        waited_for: set[asyncio.Future[None]] = set()
        if self.supervisor:
            waited_for.add(asyncio.ensure_future(self.supervisor.failure()))
        if self._keeping:
            waited_for.add(self._keeping)
        try:
            done, _ = await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for one in waited_for:
                one.cancel()

    def hurry(self) -> None:
        """Makes a stop that is under way wait for nothing more."""
        if self.supervisor:
            self.supervisor.hurry()

    async def _start(self) -> None:
        self._stack.enter_context(self._lock())
        left = await finish(lambda: end_leftovers(self._data / "run" / "processes.json"))
        if left:
            self._console.say(f"- Ended {left} processes that an earlier run had left")
        self.record.unlink(missing_ok=True)
        check_ports(self._chosen(database.Urls("", "", "")))
        reached = await self._reach_database()
        self.urls = reached
        await together(self._seed(reached), self._run(reached))
        self._write_record(reached)

    def _lock(self) -> IO[str]:
        path = self._data / "run" / "lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            file.close()
            raise AlreadyRunning(
                f"A system already runs on {self._data} (process {holder}): stop it first, or run another "
                "beside it with STACK_DATA=<another folder> and other ports."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file

    def _chosen(self, urls: database.Urls) -> tuple[Process, ...]:
        listed = processes(self.settings, urls)
        return tuple(process for process in listed if self._only is None or process.name in self._only)

    async def _reach_database(self) -> database.Urls:
        settings = self.settings
        with self._console.progress("Starting PostgreSQL and migrating"):
            reached = await finish(
                lambda: database.reach(
                    self._data,
                    application_url=settings.database_url,
                    owner_url=settings.database_owner_url,
                    bot_url=settings.bot_database_url,
                    durable=settings.stack_durable,
                )
            )
        if reached.server:
            self._stack.push_async_callback(finish, reached.server.stop)
            kept = keep_server(reached.server, self._console, durable=settings.stack_durable)
            self._keeping = asyncio.ensure_future(kept)
            self._stack.push_async_callback(self._stop_keeping, self._keeping)
        return reached.urls

    async def _stop_keeping(self, keeping: asyncio.Future[None]) -> None:
        # Waited for: a start that is under way comes to its end, and is then stopped like any other.
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    async def _seed(self, urls: database.Urls) -> None:
        if not self.settings.demo:
            return
        with self._console.progress("Setting up the demo sellers"):
            told = {**environment(self.settings), "DATABASE_URL": urls.application}
            command = (sys.executable, "-m", "commerce_api.demo")
            await run_step("Setting up the demo sellers", command, told, log=self._data / "logs" / "demo.log")

    async def _run(self, urls: database.Urls) -> None:
        chosen = self._chosen(urls)
        if any(process.name == "rasa" for process in chosen):
            await ensure_model(self.settings, self._console)
        record = Record(self._data / "run" / "processes.json")
        logs = self._data / "logs"
        self.supervisor = Supervisor(
            chosen,
            logs=logs,
            record=record,
            console=self._console,
            deaths_allowed=self.settings.stack_deaths_allowed,
        )
        self._stack.push_async_callback(self.supervisor.stop)
        with self._console.progress(f"Starting {', '.join(process.name for process in chosen)}"):
            await self.supervisor.start()
            if self._only is None:
                await self._wait_healthy()

    async def _wait_healthy(self) -> None:
        """Until the API finds every part of the system well. Raises ProcessFailed with what it finds."""
        answer = "nothing"
        async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
            for _ in range(int(READY_SECONDS / 0.5)):
                if self.supervisor:
                    self.supervisor.check()
                if self._keeping and self._keeping.done():
                    self._keeping.result()
                try:
                    response = await http.get(f"{self.settings.api_url}/healthz")
                except httpx.HTTPError as error:
                    answer = repr(error)
                else:
                    if response.status_code == httpx.codes.OK:
                        return
                    answer = response.text
                await asyncio.sleep(0.5)
        raise ProcessFailed(
            f"{self.settings.api_url}/healthz is not well after {READY_SECONDS:.0f} s: {answer}"
        )

    def _write_record(self, urls: database.Urls) -> None:
        settings = self.settings
        ready = {
            "process": os.getpid(),
            "api": settings.api_url,
            "rasa": settings.rasa_url,
            "actions": settings.actions_url,
            "simulator": settings.simulator_url if settings.demo else None,
            "owner_database": urls.owner,
            "database": urls.application,
            "bot_database": urls.bot,
            "logs": str(self._data / "logs"),
        }
        # It appears whole: others wait for it.
        draft = self.record.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(ready, indent=1))
        draft.replace(self.record)
        self._stack.callback(self.record.unlink, missing_ok=True)

    def welcome(self) -> str:
        """What to open, as whom, and how to stop."""
        settings = self.settings
        lines = ["", "ready", ""]
        if settings.demo:
            lines.append(f"  Phones (write to a seller as a shopper)  {settings.simulator_url}")
        lines.append(f"  Desk (answer shoppers, run the shop)     {settings.api_url}/console")
        lines.append(f"  API and its documentation                {settings.api_url}/docs")
        lines.append(f"  Health of every part                     {settings.api_url}/healthz")
        if settings.demo:
            lines += ["", f"  Logins, all with the password {PASSWORD}:"]
            lines += [f"    {address:<20} {who}" for address, who in LOGINS]
        return "\n".join([*lines, "", f"  Logs are in {self._data / 'logs'}. Ctrl-C stops everything.", ""])
