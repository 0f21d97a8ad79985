"""The whole system, set up to be broken: its database in our hands, a fault proxy on each of its inner roads.

    simulator ── webhooks ──> Rasa ── actions ──> action server
                               └──────── api ────────┘──> API ──> PostgreSQL <── worker

Processes are started, watched and started again by the set-up itself (``stack up``), as they would be in
production; what breaks them is here.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
import psutil
import psycopg

from benchmarks.chaos import clocks
from benchmarks.chaos.proxy import FaultProxy, Manner
from stack import beside, database
from stack.beside import RunningSystem
from stack.database import Server, Urls
from stack.ports import free_ports
from stack.processes import processes
from stack.settings import ROOT, Settings

PROCESSES = ("rasa", "api", "worker", "actions")
WELL_SECONDS = 300.0
END_SECONDS = 20.0
DEATHS_ALLOWED = "1000"


class Stage:
    """A ready system. ``async with`` starts it in ``folder``, and ends it and what it left."""

    def __init__(self, folder: Path, *, slow_seconds: float = 10.0) -> None:
        self.folder = folder
        names = ("API_PORT", "RASA_PORT", "ACTIONS_PORT", "SIMULATOR_PORT")
        *ports, webhooks, actions, api, second_rasa, second_api = free_ports(len(names) + 5)
        self._second = {"rasa": second_rasa, "api": second_api}
        self._ports = dict(zip(names, map(str, ports), strict=True))
        self.webhooks = FaultProxy(webhooks, [int(self._ports["RASA_PORT"])])
        self.actions = FaultProxy(actions, [int(self._ports["ACTIONS_PORT"])], slow_seconds=slow_seconds)
        self.api = FaultProxy(api, [int(self._ports["API_PORT"])])
        self._spares: dict[str, subprocess.Popen[bytes]] = {}

    async def __aenter__(self) -> Self:
        self.server: Server | None = None
        self.system: RunningSystem | None = None
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    @property
    def urls(self) -> Urls:
        """The database, for its owner, the application and the tracker store."""
        return self._urls

    @property
    def simulator(self) -> str:
        """Where the outside world is."""
        return self._running.simulator

    @property
    def logs(self) -> Path:
        """The folder of the processes' logs."""
        return self._running.logs

    @property
    def _running(self) -> RunningSystem:
        if self.system is None:
            raise RuntimeError("the system is not running")
        return self.system

    async def _start(self) -> None:
        for road in (self.webhooks, self.actions, self.api):
            await road.start()
        self.server = await asyncio.to_thread(database.start_server, self.folder / "postgres")
        owner = await asyncio.to_thread(database.create_database, self.server.url, "commerce")
        self._urls = await asyncio.to_thread(database.prepare, owner, self.folder / "key")
        self._told = {
            **self._ports,
            "DATABASE_OWNER_URL": self._urls.owner,
            "DATABASE_URL": self._urls.application,
            "BOT_DATABASE_URL": self._urls.bot,
            "WEBHOOK_URL": self.webhooks.url,
            "ACTIONS_URL": self.actions.url,
            "COMMERCE_API_URL": self.api.url,
            "STACK_DEATHS_ALLOWED": DEATHS_ALLOWED,
        }
        self.system = await asyncio.to_thread(beside.start, self.folder, self._told)

    async def _stop(self) -> None:
        for name in list(self._spares):
            await self.end_spare(name)
        if self.system:
            for name in PROCESSES:
                with suppress(psutil.Error, KeyError, OSError):
                    psutil.Process(self.pid(name)).resume()
            await asyncio.to_thread(self.system.stop)
        if self.server:
            await asyncio.to_thread(self.server.stop)
        for road in (self.webhooks, self.actions, self.api):
            await road.stop()
        shutil.rmtree(self.folder / "postgres", ignore_errors=True)

    def pid(self, name: str) -> int:
        """The process id that a process has now."""
        return self._running.process_id(name)

    def send(self, name: str, number: signal.Signals) -> None:
        """Sends a signal to a process, if it is not gone just now."""
        with suppress(ProcessLookupError):
            os.kill(self.pid(name), number)

    async def wait_restarted(self, name: str, before: int) -> None:
        """Waits until another process than ``before`` has the name."""
        await _until(lambda: self.pid(name) != before, WELL_SECONDS)

    async def wait_well(self) -> None:
        """Waits until the API finds every part of the system well. Raises RuntimeError when it doesn't."""
        deadline = time.monotonic() + WELL_SECONDS
        said = "nothing"
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            while time.monotonic() < deadline:
                try:
                    answer = await http.get(f"{self._running.api}/healthz")
                except httpx.HTTPError as error:
                    said = repr(error)
                else:
                    said = answer.text
                    if answer.is_success:
                        return
                await asyncio.sleep(0.1)
        raise RuntimeError(f"the system did not get well in {WELL_SECONDS:.0f} s: {said}")

    def straighten(self) -> None:
        """Makes every road pass again."""
        for road in (self.webhooks, self.actions, self.api):
            road.bend(Manner.PASS)

    async def end_database(self, number: signal.Signals = signal.SIGQUIT) -> None:
        """Ends PostgreSQL without a word: SIGQUIT is its ``immediate`` stop. Returns when it is gone."""
        process = self.server.process() if self.server else None
        if process is None:
            return
        process.send_signal(number)
        await _until(lambda: not (self.server and self.server.process()), END_SECONDS)

    async def start_database(self) -> None:
        """Starts PostgreSQL again, which replays its log first."""
        for pause in (0.5, 1.0, 2.0, 4.0):
            with suppress(RuntimeError):
                await asyncio.to_thread(database.start_server, self.folder / "postgres")
                return
            await asyncio.sleep(pause)
        await asyncio.to_thread(database.start_server, self.folder / "postgres")

    async def cut_sessions(self) -> None:
        """Ends every session of the database but its own."""
        async with await psycopg.AsyncConnection.connect(self._urls.owner, autocommit=True) as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )

    async def start_spare(self, name: str, *, clock_off_by: int = 0) -> None:
        """Starts a second ``rasa``, ``api`` or ``worker`` beside the first, which gets its share of requests.

        Its clock is wrong by so many seconds. Raises RuntimeError when it doesn't answer, or keeps true time.
        """
        port = self._second.get(name, 0)
        told = {key.lower(): value for key, value in self._told.items() if key.endswith("_PORT")}
        settings = Settings.model_validate({**told, f"{name}_port": port, "stack_data": self.folder})
        (process,) = (one for one in processes(settings, self._urls) if one.name == name)
        addresses = {key: value for key, value in self._told.items() if key.endswith("_URL")}
        ours = {key: value for key, value in addresses.items() if not key.startswith("DATABASE")}
        ours = {key: value for key, value in ours.items() if key in process.environment}
        clock = await asyncio.to_thread(clocks.wrong_by, clock_off_by) if clock_off_by else {}
        with (self._running.logs / f"{name}-2.log").open("ab") as log:
            self._spares[name] = subprocess.Popen(  # noqa: ASYNC220  it returns once the process is made
                process.command,
                cwd=ROOT,
                env={**process.environment, **ours, **clock},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if name in self._second:
            await _wait_answering(f"http://127.0.0.1:{port}/")
            self._road_to(name).upstreams.append(port)

    def _road_to(self, name: str) -> FaultProxy:
        return self.webhooks if name == "rasa" else self.api

    async def end_spare(self, name: str) -> None:
        """Ends a second process, asking first."""
        spare = self._spares.pop(name, None)
        if spare is None:
            return
        port = self._second.get(name)
        if port in self._road_to(name).upstreams:
            self._road_to(name).upstreams.remove(port)
        spare.send_signal(signal.SIGCONT)
        spare.terminate()
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(spare.wait, END_SECONDS)
        if spare.poll() is None:
            os.killpg(spare.pid, signal.SIGKILL)
            spare.wait()


async def _until(holds: Callable[[], bool], seconds: float) -> None:
    """Waits until something holds, for so long at most."""
    for _ in range(int(seconds / 0.05)):
        if holds():
            return
        await asyncio.sleep(0.05)


async def _wait_answering(url: str) -> None:
    deadline = time.monotonic() + WELL_SECONDS
    async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                await http.get(url)
                return
            await asyncio.sleep(0.2)
    raise RuntimeError(f"{url} did not answer in {WELL_SECONDS:.0f} s")
