"""``make check``: every check that needs no running system, two at a time, each with its seconds."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from stack.console import Console
from stack.processes import BOT_PYTHON, PYTHON, environment
from stack.settings import ROOT, Settings
from stack.steps import StepFailed, run_step
from stack.tidiness import find_untidy

AT_ONCE = 2
BOT_SOURCES = (
    *("bot/components", "bot/engine", "channels", "commerce_client"),
    *("tests/bot", "tests/channels", "tests/commerce_client"),
)


@dataclass(frozen=True)
class Check:
    """One check: what it says, and the command that makes it."""

    name: str
    command: tuple[str, ...]


def checks() -> tuple[Check, ...]:
    """Every check that is a command; the slow ones first."""
    rasa = (
        "--domain",
        "bot/domain.yml",
        "--config",
        "bot/config.yml",
        "--data",
        "bot/data",
        "--fail-on-warnings",
    )
    bot_types = (BOT_PYTHON, "-m", "mypy", "--config-file", "bot/pyproject.toml", *BOT_SOURCES)
    return (
        Check("assistant's data", (BOT_PYTHON, "-m", "rasa", "data", "validate", *rasa)),
        Check("types", (PYTHON, "-m", "mypy", ".")),
        Check("types of the assistant", bot_types),
        Check("lint", (PYTHON, "-m", "ruff", "check", ".")),
        Check("format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
        Check("floor plan", (".venv/bin/lint-imports",)),
        Check(
            "compose file",
            (
                PYTHON,
                "-m",
                "check_jsonschema",
                "--builtin-schema",
                "vendor.compose-spec",
                "docker-compose.yml",
            ),
        ),
        Check("pre-commit", (PYTHON, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml")),
    )


async def check(settings: Settings, console: Console, _: list[str]) -> int:
    """Runs every check and says what failed, with its words; 0 when nothing did."""
    gate = asyncio.Semaphore(AT_ONCE)
    logs = settings.stack_data / "logs"
    outcomes = await asyncio.gather(
        *(_make(one, environment(settings), logs, gate, console) for one in checks())
    )
    failures = [outcome for outcome in outcomes if outcome]
    untidy = find_untidy(ROOT)
    console.say(f"  {'FAILED' if untidy else 'ok':<7} tidiness")
    if untidy:
        failures.append("tidiness:\n" + "\n".join(untidy))
    for failure in failures:
        console.insist(f"\n{failure}")
    if failures:
        names = ", ".join(failure.partition(":")[0] for failure in failures)
        console.insist(f"\nmake check FAILED: {names}")
        return 1
    console.say("make check passed")
    return 0


async def _make(
    one: Check, told: dict[str, str], logs: Path, gate: asyncio.Semaphore, console: Console
) -> str:
    """What went wrong, with the check's own words; empty when nothing did."""
    async with gate:
        started = time.monotonic()
        log = logs / f"check-{one.name.replace(' ', '-')}.log"
        try:
            await run_step(one.name, one.command, told, log=log)
            failure = ""
        except StepFailed:
            failure = f"{one.name}: {' '.join(one.command)}\n{log.read_text(errors='replace')}"
        console.say(f"  {'FAILED' if failure else 'ok':<7} {one.name} ({time.monotonic() - started:.0f} s)")
        return failure
