"""The commands behind ``make``: ``python -m stack up`` and its kin."""

import argparse
import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress

from pydantic import ValidationError

from stack import checking, database, shell, testing
from stack.console import Console
from stack.ports import PortTaken
from stack.settings import Settings
from stack.steps import StepFailed
from stack.supervisor import LIBC, PR_SET_PDEATHSIG, ProcessFailed
from stack.system import AlreadyRunning, System
from stack.training import ensure_model

EXPECTED = (AlreadyRunning, PortTaken, StepFailed, ProcessFailed, RuntimeError, OSError, ValidationError)
PR_SET_CHILD_SUBREAPER = 36
STOPPED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def up(settings: Settings, console: Console, arguments: list[str]) -> int:
    """Brings the system up, or ``--only api,worker`` of it, and keeps it up until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m stack up")
    parser.add_argument("--only", type=lambda names: frozenset(names.split(",")))
    system = System(settings, console, only=parser.parse_args(arguments).only)
    _on_second_signal.append(system.hurry)
    async with system:
        console.insist(system.welcome())
        await system.failure()
    return 0


async def prepare(settings: Settings, console: Console, _: list[str]) -> int:
    """Migrates the database that the settings name and makes its logins, and ends; for containers."""
    if not settings.database_owner_url:
        console.insist("DATABASE_OWNER_URL is not set: prepare needs the owner's address of a database.")
        return 2
    with console.progress("Migrating"):
        database.reach(
            settings.stack_data,
            application_url=settings.database_url,
            owner_url=settings.database_owner_url,
            bot_url=settings.bot_database_url,
        )
    return 0


async def train(settings: Settings, console: Console, _: list[str]) -> int:
    """Trains the assistant unless a model fits its data already."""
    console.say(f"{await ensure_model(settings, console)} fits the assistant's data")
    return 0


Command = Callable[[Settings, Console, list[str]], Coroutine[None, None, int]]
COMMANDS: dict[str, Command] = {
    "up": up,
    "prepare": prepare,
    "train": train,
    "test": testing.test,
    "check": checking.check,
    "shell": shell.shell,
    "score": testing.score,
    "bench": testing.bench,
    "chaos": testing.chaos,
}
_on_second_signal: list[Callable[[], None]] = []


async def _obey(command: Command, settings: Settings, console: Console, rest: list[str]) -> int:
    """Runs a command; the first signal cancels it, so that it can tidy up, and the next ones hurry it."""
    task = asyncio.ensure_future(command(settings, console, rest))
    received: list[int] = []

    def hear(number: int) -> None:
        received.append(number)
        if len(received) == 1:
            task.cancel()
        else:
            for hurry in _on_second_signal:
                hurry()

    for number in STOPPED:
        asyncio.get_running_loop().add_signal_handler(number, hear, number)
    with suppress(asyncio.CancelledError):
        return await task
    return 0 if command is up else 128 + received[0]


def main(arguments: list[str]) -> int:
    """Runs one command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("--quiet", action="store_true", help="say only what went wrong")
    known, rest = parser.parse_known_args(arguments)
    console = Console(quiet=known.quiet)
    _ask_kernel()
    try:
        return asyncio.run(_obey(COMMANDS[known.command], Settings(), console, rest))
    except EXPECTED as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    finally:
        _reap()


def _ask_kernel() -> None:
    """Makes daemons that our processes leave ours, and our end follow make's, where the kernel can."""
    if sys.platform != "linux":
        return
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1))
    if "MAKELEVEL" in os.environ:
        # A make that is killed outright could tell us nothing; the kernel does.
        LIBC.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGTERM))


def _reap() -> None:
    """Collects what has ended: where process 1 is no init nobody else would, and it would stay listed."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
