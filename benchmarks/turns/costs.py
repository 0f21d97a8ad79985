"""What processes use: processor time and memory, PostgreSQL's included."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psutil

from stack.beside import RunningSystem

OURS = ("rasa", "actions", "api", "worker", "postgres")
STOCK = ("stock rasa", "actions", "api", "worker", "postgres")


@dataclass(frozen=True)
class Costs:
    """Seconds of processor time by process, so far."""

    seconds: Mapping[str, float]

    def since(self, before: "Costs", turns: int) -> dict[str, float]:
        """Milliseconds of processor time a turn, by process."""
        spent = {name: self.seconds[name] - before.seconds[name] for name in self.seconds}
        return {name: seconds * 1000 / max(turns, 1) for name, seconds in spent.items()}


@dataclass(frozen=True)
class Meter:
    """Reads the processes of one system, and of the stock Rasa beside it."""

    processes: Mapping[str, psutil.Process]

    @classmethod
    def of(cls, system: RunningSystem, rival: int | None) -> "Meter":
        """The meter of a running system; ``rival`` is stock Rasa's process id."""
        found = {name: psutil.Process(system.process_id(name)) for name in OURS if name != "postgres"}
        pid = (system.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]
        found["postgres"] = psutil.Process(int(pid))
        if rival is not None:
            found["stock rasa"] = psutil.Process(rival)
        return cls(found)

    def read(self) -> Costs:
        """Processor time so far. That of children that have ended is their parent's."""
        return Costs({name: sum(map(_used, _family(one))) for name, one in self.processes.items()})

    def megabytes(self) -> dict[str, float]:
        """Memory of each process with its children: its own, and its part of what several share."""
        return {name: sum(map(_held, _family(one))) / 2**20 for name, one in self.processes.items()}


def _family(process: psutil.Process) -> Iterator[psutil.Process]:
    yield process
    yield from process.children(recursive=True)


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _held(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0.0
