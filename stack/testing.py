"""``make test``: every test, in both environments, with nothing started by hand; ``chaos``, ``bench``."""

import argparse
import asyncio
import os
import signal
import time
from collections.abc import Mapping
from pathlib import PurePath

from stack.console import Console
from stack.processes import BOT_PYTHON, PYTHON, environment
from stack.settings import ROOT, Settings
from stack.training import ensure_model

# The assistant's environment runs the tests of the rooms that live in both, too.
BOT_TESTS = ("tests/bot", "tests/channels", "tests/commerce_client")
BOT_TESTS_ALONE = ("tests/bot", "tests/channels/connector")
NO_TESTS = 5
BENCHMARKS = ("search", "acknowledging", "inbox", "turns")


async def test(settings: Settings, console: Console, arguments: list[str]) -> int:
    """Runs pytest in the root environment, then in the assistant's; 0 only when both pass.

    ``arguments`` go to pytest; each path is run in the environments it is for, both for rooms of both.
    """
    await ensure_model(settings, console)
    runs = _runs(arguments)
    outcomes = []
    for name, command in runs.items():
        started = time.monotonic()
        code = await run_attached(command, _clean(environment(settings)))
        outcomes.append((name, code, time.monotonic() - started))
    console.say("")
    for name, code, seconds in outcomes:
        console.say(f"tests of the {name} environment: {_verdict(code)} in {seconds:.0f} s")
    return _exit_code([code for _, code, _ in outcomes], chosen=bool(arguments))


def _runs(arguments: list[str]) -> dict[str, tuple[str, ...]]:
    """The pytest commands to run, by the environment's name; both when no path is given."""
    paths = [argument for argument in arguments if _names_tests(argument)]
    options = [argument for argument in arguments if argument not in paths]
    root = [path for path in paths if not _within(path, BOT_TESTS_ALONE)]
    bot = [path for path in paths if _within(path, BOT_TESTS)]
    # Of a folder above, what is for the assistant's environment.
    bot += [room for room in BOT_TESTS if any(_within(room, (path,)) and path not in bot for path in paths)]
    runs: dict[str, tuple[str, ...]] = {}
    if root or not paths:
        runs["root"] = (PYTHON, "-m", "pytest", *options, *root)
    if bot or not paths:
        configured = ("-c", "bot/pyproject.toml", "--rootdir", ".")
        runs["bot"] = (BOT_PYTHON, "-m", "pytest", *configured, *options, *(bot or BOT_TESTS))
    return runs


def _names_tests(argument: str) -> bool:
    return _within(argument, ("tests",)) and (ROOT / argument.partition("::")[0]).exists()


def _within(path: str, folders: tuple[str, ...]) -> bool:
    """Whether a path, or pytest's name of a test, is one of the folders or lies in one."""
    inside = PurePath(path.partition("::")[0])
    return any(inside.is_relative_to(folder) for folder in folders)


def _exit_code(codes: list[int], *, chosen: bool) -> int:
    """The first failure. Where tests were chosen, an environment that has none of them is no failure."""
    if chosen and set(codes) != {NO_TESTS}:
        codes = [code for code in codes if code != NO_TESTS]
    return next((code for code in codes if code), 0)


def _clean(told: Mapping[str, str]) -> dict[str, str]:
    """The environment for tests: no ``.env`` or address of a developer's own system leaks into them."""
    ours = {"PYTHONPATH", "PYTHONUNBUFFERED", "RASA_TELEMETRY_ENABLED", "TF_CPP_MIN_LOG_LEVEL"}
    fixed = {name: told[name] for name in ours}
    settings = {name.upper() for name in Settings.model_fields}
    kept = {
        name: value for name, value in os.environ.items() if name not in settings and name != "VIRTUAL_ENV"
    }
    return {**kept, **fixed}


def _verdict(code: int) -> str:
    if code == 0:
        return "passed"
    return "no test was found" if code == NO_TESTS else f"FAILED (exit code {code})"


async def run_attached(
    command: tuple[str, ...], told: Mapping[str, str], *, interactive: bool = False
) -> int:
    """Runs a command whose output people read; its exit code. When cancelled, interrupts it and waits.

    ``interactive`` lets it read the terminal, which then interrupts it by itself.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=dict(told),
        stdin=None if interactive else asyncio.subprocess.DEVNULL,
        start_new_session=not interactive,
    )
    try:
        return await process.wait()
    except asyncio.CancelledError:
        if process.returncode is None and not interactive:
            # As Ctrl-C does, so that pytest tears down what its fixtures started.
            process.send_signal(signal.SIGINT)
        await process.wait()
        raise


async def chaos(settings: Settings, _: Console, arguments: list[str]) -> int:
    """Breaks a system of its own in every way while shoppers shop, and checks that nothing was lost."""
    told = {**_clean(environment(settings)), "PYTHONPATH": str(ROOT)}
    return await run_attached((PYTHON, "-m", "benchmarks.chaos", *arguments), told)


async def score(settings: Settings, console: Console, arguments: list[str]) -> int:
    """Measures how well the assistant understands and talks, trained if need be; fails below a floor."""
    await ensure_model(settings, console)
    understood = await run_attached((BOT_PYTHON, "-m", "bot.scoreboard", *arguments), environment(settings))
    told = {**_clean(environment(settings)), "PYTHONPATH": str(ROOT)}
    written = ("--write",) if "--write" in arguments else ()
    return max(understood, await run_attached((PYTHON, "-m", "benchmarks.conversations", *written), told))


async def bench(settings: Settings, console: Console, arguments: list[str]) -> int:
    """Runs the benchmarks, or those named with ``--only NAME``; fails when one does.

    They are told the other arguments; what one of them alone knows goes with its name.
    """
    parser = argparse.ArgumentParser(prog="make bench", add_help=False)
    parser.add_argument("--only", action="append", choices=BENCHMARKS)
    chosen, rest = parser.parse_known_args(arguments)
    await ensure_model(settings, console)
    worst = 0
    for name in chosen.only or BENCHMARKS:
        console.say(f"- {name}")
        told = {**os.environ, "PYTHONPATH": str(ROOT)}
        worst = max(worst, await run_attached((PYTHON, "-m", f"benchmarks.{name}", *rest), told))
    return worst
