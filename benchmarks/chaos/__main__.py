"""``python -m benchmarks.chaos``: runs the rounds of a seed, prints the table, exits with 1 on any violation.

make chaos                                             # a seed of its own, about 200 conversations
make chaos ARGS="--seed 7 --conversations 50"
make chaos ARGS="--only 'rasa killed,days late'"
make chaos ARGS="--short"                              # some faults, seconds instead of minutes
make chaos ARGS="--list"
"""

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.chaos import books, report
from benchmarks.chaos.faults import FAULTS, demands
from benchmarks.chaos.faults.fault import Fault
from benchmarks.chaos.plan import FIRST_NUMBER, PRODUCTS, Round, Shopper, draw
from benchmarks.chaos.pressure import Pressure
from benchmarks.chaos.rounds import Outcome, play
from benchmarks.chaos.shopping import Phone
from benchmarks.chaos.stage import Stage
from benchmarks.chaos.violation import Violation
from benchmarks.chaos.witness import Witness
from benchmarks.chaos.world import World
from stack.settings import ROOT

CONVERSATIONS, SHORT_CONVERSATIONS = 200, 1
# Shoppers at once of faults that touch only their own: more would be a test of the machine.
QUIET_AT_ONCE = 8
# How long anybody waits for anything: a machine may be busy, and what comes late is judged by itself.
PATIENCE = 300.0
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
# None is kept open: on a busy machine the other side may close it just as it is used again.
LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=0)


@dataclass(frozen=True)
class Run:
    """What to run, and where to tell of it. ``shoppers`` bounds a round's shoppers, 0 doesn't."""

    seed: int
    faults: tuple[Fault, ...]
    rounds: tuple[Round, ...]
    is_short: bool
    stories: Path
    tells_all: bool


async def run(chosen: Run, folder: Path) -> tuple[list[Outcome], list[Violation]]:
    """Plays every round on one system; the rounds' outcomes, and what is wrong with the shop as a whole."""
    async with AsyncExitStack() as open_things:
        stage = await open_things.enter_async_context(Stage(folder))
        client = httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, trust_env=False)
        http = await open_things.enter_async_context(client)
        witness = Witness(stage.urls.owner)
        witness.start()
        open_things.push_async_callback(witness.stop)
        pressure = Pressure()
        pressure.start()
        open_things.push_async_callback(pressure.stop)
        world = World(stage, http, witness, pressure, PATIENCE)
        opening = await books.open_books(world)
        await _warm_up(world)
        outcomes = await _play_all(world, chosen)
        numbers = [shopper.number for drawn in chosen.rounds for shopper in drawn.shoppers]
        return outcomes, await books.audit(world, opening, numbers)


async def _warm_up(world: World) -> None:
    """One message to each seller: what a process does once in its life is not to be taken for a fault."""
    for place, seller in enumerate(PRODUCTS):
        stranger = Shopper(str(FIRST_NUMBER - 1 - place), seller, (), 0.0, buys=False)
        await Phone(world, stranger, "").say("hello")


async def _play_all(world: World, chosen: Run) -> list[Outcome]:
    """The quiet rounds some at a time, then the others one by one."""
    most = max((len(drawn.shoppers) for drawn in chosen.rounds), default=1)
    gate = asyncio.Semaphore(max(1, QUIET_AT_ONCE // most))

    async def play_one(fault: Fault, drawn: Round) -> Outcome:
        async with gate:
            outcome = await play(world, drawn, fault, is_short=chosen.is_short)
        _tell(outcome)
        return outcome

    pairs = list(zip(chosen.faults, chosen.rounds, strict=True))
    quiet = [play_one(fault, drawn) for fault, drawn in pairs if fault.is_quiet]
    outcomes = list(await asyncio.gather(*quiet))
    await world.drop_faults()
    for fault, drawn in pairs:
        if not fault.is_quiet:
            outcomes.append(await play_one(fault, drawn))
    return outcomes


async def _run_to_its_end(chosen: Run, folder: Path) -> tuple[list[Outcome], list[Violation]]:
    """Told to stop, by SIGTERM as by Ctrl-C, it ends its system first."""
    running = asyncio.ensure_future(run(chosen, folder))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


def _tell(outcome: Outcome) -> None:
    verdict = "ok" if not outcome.violations else f"{len(outcome.violations)} VIOLATIONS"
    print(f"  {outcome.fault}: {verdict} in {outcome.seconds:.0f} s", flush=True)
    for violation in outcome.violations[:5]:
        print(f"    {violation.wrong}: {violation.number} {violation.what}", flush=True)


def choose(arguments: Sequence[str]) -> Run:
    """What the command line asks for. Exits, as argparse does, when it can't be understood."""
    parser = argparse.ArgumentParser(
        prog="make chaos", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--conversations", type=int, help=f"at least so many in all ({CONVERSATIONS})")
    parser.add_argument("--only", default="", help="names of faults, with commas between")
    parser.add_argument("--short", action="store_true", help="the faults of the short run, in seconds")
    parser.add_argument("--list", action="store_true", help="say which faults there are, and end")
    parser.add_argument("--stories", type=Path, default=ROOT / ".data" / "chaos" / "stories.txt")
    parser.add_argument("--tell-all", action="store_true", help="tell the story of every conversation")
    known = parser.parse_args(arguments)
    if known.list:
        print("\n".join(f"{fault.name}: {fault.what}" for fault in FAULTS))
        parser.exit(0)
    names = [name.strip() for name in known.only.split(",") if name.strip()]
    unknown = sorted(set(names) - {fault.name for fault in FAULTS})
    if unknown:
        parser.error(f"there is no fault {', '.join(unknown)}; --list names them")
    faults = tuple(
        fault for fault in FAULTS if (fault.name in names if names else fault.in_short or not known.short)
    )
    count = known.conversations or (SHORT_CONVERSATIONS if known.short else CONVERSATIONS)
    rounds = draw(known.seed, demands(faults, is_short=known.short), count)
    return Run(known.seed, faults, rounds, known.short, known.stories, known.tell_all)


def main(arguments: Sequence[str]) -> int:
    """Runs what is asked for; 0 when nothing was lost, doubled, out of order or otherwise wrong."""
    chosen = choose(arguments)
    folder = ROOT / ".data" / f"chaos-{os.getpid()}"
    print(f"Seed {chosen.seed}" + (", short" if chosen.is_short else ""))
    for drawn in chosen.rounds:
        print(f"- {drawn.told()}")
    began = time.monotonic()
    try:
        outcomes, whole = asyncio.run(_run_to_its_end(chosen, folder))
    finally:
        kept = chosen.stories.parent / "logs"
        if (folder / "logs").exists():
            shutil.rmtree(kept, ignore_errors=True)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(folder / "logs", kept)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{report.table(outcomes)}\n")
    for violation in whole:
        print(f"the whole shop: {violation.wrong}: {violation.what}")
    wrong = sum(len(outcome.violations) for outcome in outcomes) + len(whole)
    print(f"{wrong} violations, seed {chosen.seed}, {time.monotonic() - began:.0f} s")
    if wrong or chosen.tells_all:
        report.write_stories(chosen.stories, outcomes, whole, chosen.seed, all_of_them=chosen.tells_all)
        print(f"Their stories are in {chosen.stories}; the logs beside it.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
