"""A whole system of a test's own, beside whatever else runs: free ports, its own database, the shared model.

    system = beside.start(tmp_path)          # blocks until it is ready, ~20 s; else RuntimeError
    httpx.get(f"{system.api}/healthz")
    system.process_id("rasa")                # to kill or freeze one
    psycopg.connect(system.database)         # as the application; owner_database for the owner
    system.stop()                            # nothing is left running

``start(tmp_path, {"NAME": "value"})`` sets further settings, for instance ``{"DEMO": "0"}``. Demo sellers are
there unless told otherwise. Logs are in ``system.logs``, one file a process.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.leftovers import Record
from stack.ports import free_ports
from stack.processes import PYTHON
from stack.settings import ROOT, Settings

START_SECONDS = 420.0
STOP_SECONDS = 60.0
PORTS = ("API_PORT", "RASA_PORT", "ACTIONS_PORT", "SIMULATOR_PORT")


@dataclass(frozen=True)
class RunningSystem:
    """A ready system. Addresses carry no trailing slash; databases are libpq URLs."""

    api: str
    rasa: str
    actions: str
    simulator: str
    database: str
    owner_database: str
    bot_database: str
    folder: Path
    logs: Path
    supervisor: subprocess.Popen[bytes]

    def process_id(self, name: str) -> int:
        """The process id that ``api``, ``worker``, ``actions``, ``rasa`` or ``simulator`` has now."""
        return Record.read(self.folder / "run" / "processes.json")[name][0]

    def stop(self) -> int:
        """Stops everything, as Ctrl-C would; the exit code. Doing it twice does no harm."""
        return _stop(self.supervisor)


def start(folder: Path, settings: Mapping[str, str] | None = None, *, only: str = "") -> RunningSystem:
    """Starts a system that keeps everything it makes in ``folder``; returns when it is ready.

    ``only`` names the processes to start, with commas between; all by default.
    """
    names = {name.upper() for name in Settings.model_fields} | {"MAKELEVEL"}
    told = {name: value for name, value in os.environ.items() if name not in names}
    ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    ours = {"DEMO": "1", "STACK_DATA": str(folder), "STACK_DURABLE": "0", **ports, **(settings or {})}
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / "output.log"
    with output.open("wb") as file:
        supervisor = subprocess.Popen(
            [PYTHON, "-m", "stack", "up", *(("--only", only) if only else ())],
            cwd=ROOT,
            env={**told, **ours, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return _wait_ready(folder, supervisor, output)
    except BaseException:
        _stop(supervisor)
        raise


def _wait_ready(folder: Path, supervisor: subprocess.Popen[bytes], output: Path) -> RunningSystem:
    record = folder / "run" / "ready.json"
    deadline = time.monotonic() + START_SECONDS
    # A record of another process is what a killed system left.
    while not record.exists() or json.loads(record.read_text())["process"] != supervisor.pid:
        if supervisor.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The system did not get ready:\n{output.read_text(errors='replace')[-6000:]}")
        time.sleep(0.1)
    ready = json.loads(record.read_text())
    return RunningSystem(
        api=ready["api"],
        rasa=ready["rasa"],
        actions=ready["actions"],
        simulator=ready["simulator"] or "",
        database=ready["database"],
        owner_database=ready["owner_database"],
        bot_database=ready["bot_database"],
        folder=folder,
        logs=Path(ready["logs"]),
        supervisor=supervisor,
    )


def _stop(supervisor: subprocess.Popen[bytes]) -> int:
    if supervisor.poll() is None:
        supervisor.send_signal(signal.SIGTERM)
        try:
            supervisor.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            supervisor.kill()
    return supervisor.wait()
