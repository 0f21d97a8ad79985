"""``python -m benchmarks.turns``: the rounds, the tables, and exit code 1 when a target is missed.

    make bench ARGS="--only turns --write"
    python -m benchmarks.turns --rounds 3 --seconds 15 --write
    python -m benchmarks.turns --alone              # without stock Rasa, which takes minutes to train

Each round asks ours and stock in turn, at 1, 8 and 32 shoppers who wait for each answer; the figures are the
medians of the rounds. Then eight shoppers talk to each for 200 turns.
"""

import argparse
import asyncio
import os
import platform
import shutil
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx
import psycopg

from benchmarks.turns import lasting, report
from benchmarks.turns.costs import OURS, STOCK, Meter
from benchmarks.turns.rival import Rival
from benchmarks.turns.standin import GraphStandIn
from benchmarks.turns.talking import SELLERS, Assistant, Ours, Person, Stock, introduce, talk
from stack import beside
from stack.beside import RunningSystem
from stack.settings import ROOT

LEVELS = (1, 8, 32)
PEOPLE = 240
WARM_UP_SECONDS = 4.0
# What an empty cart is answered with, whichever wording it is.
EXPECTED = frozenset({"cart is empty", "nothing in your cart"})


@dataclass
class Ring:
    """Who talks to whom: an assistant, the people who talk to it, and the processes it consists of."""

    name: str
    assistant: Assistant
    people: list[Person]
    processes: tuple[str, ...]
    spells: dict[int, list[report.Spell]] = field(default_factory=dict)


def people(first: int, count: int = PEOPLE) -> list[Person]:
    """Shoppers nobody has met, of all three sellers."""
    return [Person(f"23481{first + place:08d}", SELLERS[place % len(SELLERS)]) for place in range(count)]


async def play(rings: list[Ring], meter: Meter, rounds: int, seconds: float) -> None:
    """Every ring at every level, ``rounds`` times, side by side."""
    for ring in rings:
        await talk(ring.assistant, ring.people, EXPECTED, at_once=8, seconds=WARM_UP_SECONDS)
    for number in range(1, rounds + 1):
        for at_once in LEVELS:
            for ring in rings:
                before = meter.read()
                heard = await talk(ring.assistant, ring.people, EXPECTED, at_once=at_once, seconds=seconds)
                costs = meter.read().since(before, len(heard.turns))
                spell = report.Spell(heard, {name: costs[name] for name in ring.processes})
                ring.spells.setdefault(at_once, []).append(spell)
                print(f"  round {number}, {at_once:2} at once, {ring.name}: {spell.line()}", flush=True)


async def run(system: RunningSystem, standin: GraphStandIn, chosen: argparse.Namespace) -> report.Findings:
    """Everything, on a running system."""
    async with AsyncExitStack() as open_things:
        limits = httpx.Limits(max_connections=200)
        http = await open_things.enter_async_context(
            httpx.AsyncClient(timeout=60, limits=limits, trust_env=False)
        )
        await standin.start()
        open_things.push_async_callback(standin.stop)
        ours = Ours(system.rasa, standin, http)
        rings = [Ring("ours", ours, people(0), OURS)]
        rival = None
        if not chosen.alone:
            rival = await asyncio.to_thread(Rival, system, system.folder / "stock")
            open_things.callback(rival.stop)
            rings.append(Ring("stock", Stock(rival.url, http), people(1_000_000), STOCK))
        for ring in rings:
            await introduce(ours, ring.people, system)
        meter = Meter.of(system, rival.pid if rival else None)
        await play(rings, meter, chosen.rounds, chosen.seconds)
        memory = meter.megabytes()
        long = {}
        if chosen.turns:
            long = await lasting.measure(system, ours, rings[1].assistant if rival else None, chosen.turns)
    return report.Findings({ring.name: ring.spells for ring in rings}, memory, long)


async def start_and_run(chosen: argparse.Namespace) -> tuple[report.Findings, str]:
    """On a system of its own; the findings, and PostgreSQL's version."""
    standin = GraphStandIn()
    # Not in /tmp: folders there may be shut to the embedded server's user.
    folder = ROOT / ".data" / f"bench-{os.getpid()}"
    settings = {"WHATSAPP_API_BASE_URL": standin.url, "STACK_DURABLE": "1"}
    only = "rasa,api,worker,actions"
    system = await asyncio.to_thread(beside.start, folder, settings, only=only)
    try:
        findings = await run(system, standin, chosen)
        with psycopg.connect(system.owner_database) as connection:
            version = str(connection.info.server_version // 10_000)
    finally:
        await asyncio.to_thread(system.stop)
        shutil.rmtree(folder, ignore_errors=True)
    return findings, version


def main() -> int:
    """Reads the arguments; 1 when a target is missed or something else than the cart was answered."""
    parser = argparse.ArgumentParser(description="Whole turns, ours beside stock Rasa's.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each spell of talking")
    parser.add_argument("--turns", type=int, default=200, help="of the long conversations; 0 leaves them out")
    parser.add_argument("--alone", action="store_true", help="without stock Rasa")
    parser.add_argument("--write", action="store_true", help="write the tables to docs/benchmarks.md")
    chosen = parser.parse_args()
    findings, version = asyncio.run(start_and_run(chosen))
    for line in findings.lines():
        print(line)
    if chosen.write:
        versions = f"PostgreSQL {version}, Python {platform.python_version()} and 3.10, Rasa 3.6.21"
        report.write(findings, versions, f"python -m benchmarks.turns {' '.join(sys.argv[1:])}".strip())
    problems = list(findings.problems())
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
