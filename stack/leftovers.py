"""What a system that was killed may have left: its processes, found by the record it kept, and ended."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

MERCY = 5.0


class Record:
    """The processes of one running system, in a file: name, process id, and when it was born."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, tuple[int, float]] = {}

    def add(self, name: str, pid: int) -> None:
        """Notes the process that has this name now."""
        with suppress(psutil.NoSuchProcess):
            self._entries[name] = (pid, psutil.Process(pid).create_time())
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self._entries))
        draft.replace(self._path)

    @staticmethod
    def read(path: Path) -> dict[str, tuple[int, float]]:
        """The process id and birth of each process that the record at ``path`` names."""
        return {name: (pid, born) for name, (pid, born) in json.loads(path.read_text()).items()}

    def clear(self) -> None:
        """Forgets everything: all have ended."""
        self._path.unlink(missing_ok=True)


def end_leftovers(path: Path) -> int:
    """Ends the processes that the record at ``path`` names and all of their sessions; how many it found.

    A process id that was given to something else meanwhile is told by its birth, and left alone; what was
    born before this machine started is gone, whoever has its number now.
    """
    if not path.exists():
        return 0
    try:
        recorded = dict(Record.read(path).values())
    except (ValueError, AttributeError, TypeError):
        # Power went while it was written.
        recorded = {}
    started = psutil.boot_time()
    leaders = {pid: born for pid, born in recorded.items() if born >= started}
    found = list(_of_sessions(leaders))
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, deaf = psutil.wait_procs(found, timeout=MERCY)
    for process in deaf:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(deaf, timeout=MERCY)
    path.unlink()
    return len(found)


def _of_sessions(leaders: dict[int, float]) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            leader = os.getsid(process.pid)
            if (
                leader in leaders
                and _is_ours(leader, leaders[leader])
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                yield process


def _is_ours(leader: int, born: float) -> bool:
    try:
        return abs(psutil.Process(leader).create_time() - born) < 1
    except psutil.NoSuchProcess:
        # The session outlived its leader: while it lives, its number is given to nobody else.
        return True
