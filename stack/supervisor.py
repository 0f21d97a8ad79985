"""Keeps processes running: starts them, waits until they answer, restarts what dies, stops them all.

Never half a system that looks up: a process that keeps dying ends the whole, with its last lines. Each leads
a session of its own, so that whatever it started ends with it, and asks the kernel to end it should this one
be killed. What still outlives us is recorded, found and ended at the next start (``stack/leftovers.py``).
"""

import asyncio
import ctypes
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from logging import Formatter, LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path

import httpx

from stack.console import Console
from stack.leftovers import Record
from stack.processes import Process
from stack.settings import ROOT
from stack.steps import end_group, kill_group, wait_ended

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
START_SECONDS = 300.0
QUICK_SECONDS = 60.0
DEATHS_ALLOWED = 3
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 4.0
STOP_SECONDS = 10.0
HUNG_SECONDS = 120.0
LAST_LINES = 20
LOG_BYTES = 20_000_000


class ProcessFailed(Exception):
    """A process that can't be kept running; the text has its name and its last lines."""


class Supervised:
    """One process through all its lives."""

    def __init__(
        self, process: Process, folder: Path, console: Console, record: Record, deaths_allowed: int
    ) -> None:
        self.process = process
        self.up = asyncio.Event()
        self.running: asyncio.subprocess.Process | None = None
        self._console = console
        self._record = record
        self._deaths_allowed = deaths_allowed
        self._stopping = asyncio.Event()
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{process.name}.log"
        self._log = RotatingFileHandler(self._path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
        self._log.setFormatter(Formatter("%(message)s"))

    async def keep(self, http: httpx.AsyncClient) -> None:
        """Runs the process again and again until told to stop. Raises ProcessFailed when it keeps dying."""
        quick_deaths = 0
        while not self._stopping.is_set():
            born = time.monotonic()
            code = await self._live(http)
            self.up.clear()
            if self._stopping.is_set():
                return
            quick_deaths = quick_deaths + 1 if time.monotonic() - born < QUICK_SECONDS else 1
            if quick_deaths >= self._deaths_allowed:
                raise ProcessFailed(self._obituary(f"ended {quick_deaths} times in a row (exit code {code})"))
            self._console.insist(f"{self.process.name} ended (exit code {code}); starting it again")
            await asyncio.sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(quick_deaths - 1, 10)))

    def expect_end(self) -> None:
        """From now on its end is no failure, and what it says of it no news."""
        self._stopping.set()

    async def stop(self, mercy: float) -> None:
        """Ends the process, asking first, and with it everything it started."""
        self._stopping.set()
        if self.running and self.running.returncode is None:
            await end_group(self.running, mercy)

    def kill(self) -> None:
        """Ends the process and everything it started, without asking."""
        self._stopping.set()
        if self.running and self.running.returncode is None:
            kill_group(self.running.pid)

    def close(self) -> None:
        """Closes the log."""
        self._log.close()

    async def _live(self, http: httpx.AsyncClient) -> int:
        self.running = await asyncio.create_subprocess_exec(
            *self.process.command,
            cwd=ROOT,
            env=dict(self.process.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self._record.add(self.process.name, self.running.pid)
        watching = asyncio.ensure_future(self._watch_health(http))
        reading = asyncio.ensure_future(self._read())
        try:
            code = await wait_ended(self.running)
            # What it left behind would hold its port, and the pipe that is being read.
            kill_group(self.running.pid)
            await reading
        finally:
            watching.cancel()
            reading.cancel()
            if self.running.returncode is None:
                kill_group(self.running.pid)
        return code

    async def _watch_health(self, http: httpx.AsyncClient) -> None:
        """Sets ``up`` at the first answer; later kills a process that has answered nothing for long."""
        if not self.process.health:
            self.up.set()
            return
        answered = time.monotonic()
        while True:
            try:
                await http.get(self.process.health)
            except httpx.HTTPError:
                limit = HUNG_SECONDS if self.up.is_set() else START_SECONDS
                if time.monotonic() - answered > limit:
                    self._console.insist(
                        f"{self.process.name} has not answered for {limit:.0f} s; killing it"
                    )
                    self.kill_once()
                    return
            else:
                answered = time.monotonic()
                self.up.set()
            await asyncio.sleep(10 if self.up.is_set() else 0.2)

    def kill_once(self) -> None:
        """Kills this life of the process; ``keep`` starts another."""
        if self.running and self.running.returncode is None:
            kill_group(self.running.pid)

    async def _read(self) -> None:
        output = self.running.stdout if self.running else None
        rest = b""
        while output and (chunk := await output.read(65536)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._hear(line)
        if rest:
            self._hear(rest)

    def _hear(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        self._last.append(text)
        self._log.emit(LogRecord(self.process.name, 20, "", 0, text, None, None))
        if not self._stopping.is_set():
            self._console.overhear(self.process.name, text)

    def _obituary(self, what: str) -> str:
        lines = "\n".join(f"  {line}" for line in self._last) or "  (it said nothing)"
        return f"{self.process.name} {what}; everything stops. Its last lines ({self._path}):\n{lines}"

    def not_up(self) -> str:
        """Why a start that took too long is given up."""
        return self._obituary(f"did not answer at {self.process.health} within {START_SECONDS:.0f} s")


class Supervisor:
    """All the processes of a system. ``start``, then wait on ``failure``, then ``stop``; each once."""

    def __init__(
        self,
        processes: Sequence[Process],
        *,
        logs: Path,
        record: Record,
        console: Console,
        deaths_allowed: int = DEATHS_ALLOWED,
    ) -> None:
        self._all = [Supervised(process, logs, console, record, deaths_allowed) for process in processes]
        self._record = record
        self._tasks: list[asyncio.Future[None]] = []
        self._http = httpx.AsyncClient(timeout=5, trust_env=False)

    @property
    def process_ids(self) -> dict[str, int]:
        """The process id of each process that runs now, by name."""
        return {one.process.name: one.running.pid for one in self._all if one.running}

    async def start(self) -> None:
        """Starts every process at once; returns when all answer. Raises ProcessFailed."""
        self._tasks = [asyncio.ensure_future(one.keep(self._http)) for one in self._all]
        everything: asyncio.Future[None] = asyncio.ensure_future(self._all_up())
        try:
            waited_for = [everything, *self._tasks]
            await asyncio.wait(waited_for, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            self.check()
            if not everything.done():
                raise ProcessFailed(next(one for one in self._all if not one.up.is_set()).not_up())
        finally:
            everything.cancel()

    async def _all_up(self) -> None:
        for one in self._all:
            await one.up.wait()

    async def failure(self) -> None:
        """Returns never; raises ProcessFailed when a process can't be kept running."""
        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        self.check()

    def check(self) -> None:
        """Raises ProcessFailed when a process can't be kept running."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def stop(self) -> None:
        """Ends every process in the reverse order, each with its time to finish; none is left."""
        deadline = time.monotonic() + 2 * STOP_SECONDS
        for one in self._all:
            one.expect_end()
        for one in reversed(self._all):
            await one.stop(min(STOP_SECONDS, max(0.1, deadline - time.monotonic())))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in self._all:
            one.close()
        await self._http.aclose()
        self._record.clear()

    def hurry(self) -> None:
        """Ends every process now, without asking; for the second Ctrl-C."""
        for one in self._all:
            one.kill()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
