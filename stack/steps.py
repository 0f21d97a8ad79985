"""Steps that come to an end: commands run to completion, calls that must not be cut short, and file locks."""

import asyncio
import fcntl
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from stack.settings import ROOT

SHOWN = 25
MERCY = 10.0
NOTICED_WITHIN = 0.05


class StepFailed(Exception):
    """Something that had to be done could not be; the text has its last lines."""


async def run_step(name: str, command: tuple[str, ...], environment: Mapping[str, str], *, log: Path) -> None:
    """Runs a command from the project's root, its output in ``log``. Raises StepFailed with its last lines.

    When cancelled, it ends the command and all the command started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await end_group(process, MERCY)
            raise
    if code:
        raise StepFailed(f"{name} failed (exit code {code}); its last lines ({log}):\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-SHOWN:])


async def together(*work: Coroutine[None, None, None]) -> None:
    """Does several things side by side; the first failure ends the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def end_group(process: asyncio.subprocess.Process, mercy: float) -> None:
    """Asks the leader of a process group to end; after ``mercy`` seconds at most kills what is left."""
    # The leader alone: one that manages workers tells them itself, and told twice they trip.
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        await asyncio.wait_for(wait_ended(process), mercy)
    kill_group(process.pid)
    await process.wait()


async def wait_ended(process: asyncio.subprocess.Process) -> int:
    """The exit code, as soon as the process itself has ended.

    asyncio's own ``wait`` (3.12.1) waits for its pipes as well, which children it left may hold for ever.
    """
    while process.returncode is None:  # noqa: ASYNC110  asyncio tells of the end in no other way
        await asyncio.sleep(NOTICED_WITHIN)
    return process.returncode


def kill_group(group: int) -> None:
    """Kills every process of a group, if there is any."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


async def finish[T](call: Callable[[], T]) -> T:
    """Runs a blocking call in a thread, and waits for its end even when cancelled."""
    work = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        with suppress(Exception):
            await work
        raise


@asynccontextmanager
async def lock_file(path: Path) -> AsyncIterator[None]:
    """Holds a lock that all processes of this machine see; waits its turn. A dead holder holds nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.5)
        yield
