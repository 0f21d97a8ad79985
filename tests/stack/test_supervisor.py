"""The supervisor, on tiny processes."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from stack import steps, supervisor
from stack.console import Console
from stack.leftovers import Record, end_leftovers
from stack.ports import PortTaken, check_ports, free_ports
from stack.processes import Process
from stack.supervisor import ProcessFailed, Supervisor

WAIT_FOR_EVER = "import signal; print('here', flush=True); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"
WITH_CHILD = (
    f"import subprocess, sys, signal; subprocess.Popen([sys.executable, '-c', {DEAF!r}]); signal.pause()"
)


def python(name: str, code: str) -> Process:
    return Process(name, (sys.executable, "-c", code), dict(os.environ))


@asynccontextmanager
async def supervised(folder: Path, *processes: Process) -> AsyncIterator[Supervisor]:
    record = Record(folder / "processes.json")
    one = Supervisor(processes, logs=folder, record=record, console=Console(quiet=True))
    try:
        yield one
    finally:
        await one.stop()


async def until(claim: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def in_session(leader: int) -> list[int]:
    alive = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process.pid)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return alive


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)


async def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    async with supervised(tmp_path, python("shop", WAIT_FOR_EVER)) as running:
        await running.start()
        first = running.process_ids["shop"]
        os.kill(first, signal.SIGKILL)
        await until(lambda: running.process_ids["shop"] != first)
        running.check()


async def test_a_process_killed_alone_is_started_again_without_the_children_it_left(tmp_path: Path) -> None:
    async with supervised(tmp_path, python("parent", WITH_CHILD)) as running:
        await running.start()
        first = running.process_ids["parent"]
        await until(lambda: len(in_session(first)) == 2)
        # The child holds the pipe that the supervisor reads.
        os.kill(first, signal.SIGKILL)
        await until(lambda: running.process_ids["parent"] != first)
        assert in_session(first) == []


async def test_a_process_that_keeps_dying_ends_the_whole_with_its_last_lines(tmp_path: Path) -> None:
    broken = python("worker", "print('no sea in sight'); raise SystemExit(3)")
    async with supervised(tmp_path, broken, python("shop", WAIT_FOR_EVER)) as running:
        await running.start()
        with pytest.raises(ProcessFailed, match=r"(?s)worker ended 3 times.*exit code 3.*no sea in sight"):
            await running.failure()


async def test_start_waits_until_a_process_answers(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    late = (
        f"import time, http.server as h; time.sleep(0.5);"
        f"h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
    )
    process = Process(
        "late", (sys.executable, "-c", late), dict(os.environ), port, "LATE_PORT", f"http://127.0.0.1:{port}/"
    )
    async with supervised(tmp_path, process) as running:
        await running.start()
        with socket.create_connection(("127.0.0.1", port)):
            pass


async def test_stopping_leaves_nothing_of_a_process_behind(tmp_path: Path) -> None:
    async with supervised(tmp_path, python("parent", WITH_CHILD)) as running:
        await running.start()
        leader = running.process_ids["parent"]
        await until(lambda: len(in_session(leader)) == 2)
    await until(lambda: in_session(leader) == [], seconds=1)


async def test_a_process_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.3)
    async with supervised(tmp_path, python("deaf", DEAF)) as running:
        await running.start()
        leader = running.process_ids["deaf"]
        started = time.monotonic()
    assert in_session(leader) == []
    assert time.monotonic() - started < 5


async def test_a_process_lives_no_longer_than_what_started_it(tmp_path: Path) -> None:
    driver = await _driver(tmp_path, WAIT_FOR_EVER)
    leader = _recorded(tmp_path)
    driver.kill()
    await driver.wait()
    await until(lambda: in_session(leader) == [])


async def test_what_outlives_a_killed_supervisor_is_ended_at_the_next_start(tmp_path: Path) -> None:
    driver = await _driver(tmp_path, WITH_CHILD)
    leader = _recorded(tmp_path)
    await until(lambda: len(in_session(leader)) == 2)
    driver.kill()
    await driver.wait()
    await until(lambda: len(in_session(leader)) == 1)
    assert await steps.finish(lambda: end_leftovers(tmp_path / "processes.json")) == 1
    assert in_session(leader) == []


def test_a_process_id_that_is_somebody_elses_by_now_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", WAIT_FOR_EVER], start_new_session=True)
    try:
        (tmp_path / "processes.json").write_text(f'{{"shop": [{stranger.pid}, 1000.0]}}')
        assert end_leftovers(tmp_path / "processes.json") == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_taken_port_is_told_with_its_holder_and_the_setting_that_moves_it() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = Process("api", (), {}, port, "API_PORT")
        with pytest.raises(PortTaken, match=rf"Port {port}.*api.*process {os.getpid()}\).*API_PORT"):
            check_ports([process])
    check_ports([process])


DRIVER = """
import asyncio, sys
from pathlib import Path
from stack.console import Console
from stack.leftovers import Record
from stack.processes import Process
from stack.supervisor import Supervisor
async def main():
    folder = Path(sys.argv[1])
    process = Process("kept", (sys.executable, "-c", sys.argv[2]), {})
    record = Record(folder / "processes.json")
    one = Supervisor([process], logs=folder, record=record, console=Console(quiet=True))
    await one.start()
    print("started", flush=True)
    await one.failure()
asyncio.run(main())
"""


async def _driver(folder: Path, code: str) -> asyncio.subprocess.Process:
    """Another process that supervises one running ``code``, to be killed."""
    driver = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DRIVER, str(folder), code, stdout=asyncio.subprocess.PIPE
    )
    assert driver.stdout
    assert await asyncio.wait_for(driver.stdout.readline(), 20) == b"started\n"
    return driver


def _recorded(folder: Path) -> int:
    return Record.read(folder / "processes.json")["kept"][0]
