"""``make run`` as people meet it: what it refuses, what it stops, what it finds again."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import psycopg
import pytest

from stack import beside
from stack.beside import RunningSystem
from stack.database import Server, start_server
from stack.ports import is_free
from stack.processes import PYTHON
from stack.settings import ROOT

PART = {"DEMO": "0", "SERVICE_TOKEN": "a-token-of-the-test", "SECRETS_KEY": "unused"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A part of a system, that tests leave running."""
    system = beside.start(tmp_path_factory.mktemp("running") / "data", PART, only="actions")
    yield system
    system.stop()


def port_of(system: RunningSystem) -> int:
    return int(system.actions.rpartition(":")[2])


def refused(settings: Mapping[str, str]) -> str:
    """What ``up`` says when it ends at once, with an exit code that is not 0."""
    command = (PYTHON, "-m", "stack", "up", "--only", "actions")
    told = {**os.environ, **PART, **settings}
    done = subprocess.run(
        command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    return done.stderr


def server_of(folder: Path) -> psutil.Process | None:
    """The PostgreSQL that runs on a system's folder."""
    record = folder / "postgres" / "postmaster.pid"
    return psutil.Process(int(record.read_text().splitlines()[0])) if record.exists() else None


def test_one_signal_stops_everything(folder: Path) -> None:
    running = beside.start(folder, PART, only="actions")
    actions, server = psutil.Process(running.process_id("actions")), server_of(running.folder)
    family = [actions, *actions.children(recursive=True)]
    assert server is not None
    assert running.stop() == 0
    gone, alive = psutil.wait_procs([*family, server], timeout=1)
    assert (len(gone), alive) == (len(family) + 1, [])
    assert is_free(port_of(running))
    assert not (running.folder / "run" / "ready.json").exists()
    assert "nothing is left running" in (running.folder / "output.log").read_text()


def test_a_second_one_on_the_same_folder_is_refused_and_harms_nothing(running: RunningSystem) -> None:
    words = refused({"STACK_DATA": str(running.folder), "ACTIONS_PORT": "1"})
    assert f"already runs on {running.folder} (process {running.supervisor.pid})" in words
    assert psutil.Process(running.process_id("actions")).is_running()


def test_a_taken_port_is_told_before_anything_starts(running: RunningSystem, tmp_path: Path) -> None:
    port = port_of(running)
    words = refused({"STACK_DATA": str(tmp_path / "other"), "ACTIONS_PORT": str(port)})
    assert f"Port {port}, which actions needs, is taken by" in words
    assert "ACTIONS_PORT=" in words
    assert not (tmp_path / "other" / "postgres").exists()


def test_after_the_whole_was_killed_the_next_start_finds_its_database_again(folder: Path) -> None:
    first = beside.start(folder, PART, only="actions")
    actions, server = psutil.Process(first.process_id("actions")), server_of(folder)
    first.supervisor.kill()
    first.supervisor.wait()
    psutil.wait_procs([actions], timeout=10)
    # An orphan that nobody waits for stays in the list of processes after its end.
    assert not actions.is_running() or actions.status() == psutil.STATUS_ZOMBIE
    second = beside.start(folder, PART, only="actions")
    assert server_of(folder) == server
    assert second.stop() == 0
    assert server_of(folder) is None


def until(claim: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def answers(system: RunningSystem) -> bool:
    try:
        with psycopg.connect(system.database) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_a_database_server_that_is_killed_comes_back(folder: Path) -> None:
    system = beside.start(folder, PART, only="actions")
    killed, actions = server_of(folder), system.process_id("actions")
    assert killed is not None
    killed.kill()
    until(lambda: "PostgreSQL runs again" in (folder / "output.log").read_text(), 30)
    assert answers(system)
    back = server_of(folder)
    assert back != killed
    assert system.process_id("actions") == actions
    assert system.stop() == 0
    assert back is not None
    assert not back.is_running()


def test_a_database_server_that_will_not_start_again_ends_the_whole(folder: Path) -> None:
    system = beside.start(folder, PART, only="actions")
    server, actions = server_of(folder), psutil.Process(system.process_id("actions"))
    assert server is not None
    (folder / "postgres" / "global" / "pg_control").unlink()
    server.kill()
    assert system.supervisor.wait(30) == 1
    words = (folder / "output.log").read_text()
    assert "PostgreSQL ended and won't start again; everything stops. Its last lines" in words
    assert "pg_control" in words.partition("Its last lines")[2]
    assert "nothing is left running" in words
    assert not actions.is_running()


def test_a_database_whose_socket_was_tidied_away_is_started_anew(folder: Path) -> None:
    server: Server = start_server(folder / "postgres", durable=False)
    for socket in server.socket_folder.iterdir():
        socket.unlink()
    again = start_server(folder / "postgres", durable=False)
    assert list(again.socket_folder.glob(".s.PGSQL.*"))
    again.stop()
    assert not again.socket_folder.exists()
