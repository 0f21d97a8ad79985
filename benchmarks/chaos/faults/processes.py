"""Processes that are killed, frozen or restarted under load, and the database with them."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

from benchmarks.chaos.faults.fault import Fault, Scene, Strike
from benchmarks.chaos.proxy import FaultProxy, Manner

# Past a lease (60 s) of those that hold one; past a turn of those that don't.
FREEZE = {"rasa": 70.0, "worker": 70.0, "api": 15.0, "actions": 15.0}
SHORT_FREEZE = 4.0
DOWN, SHORT_DOWN = 90.0, 5.0
STOP_WITHIN = 15.0
CLOCK_OFF_BY = 600
MEET_SECONDS = 40.0


async def kill(scene: Scene, name: str) -> None:
    """Kills a process outright; the set-up starts it again."""
    await _end(scene, name, signal.SIGKILL)


async def restart(scene: Scene, name: str) -> None:
    """Asks a process to end, as a deployment does. One that takes longer than it may is noted."""
    asked = time.monotonic()
    await _end(scene, name, signal.SIGTERM)
    seconds = time.monotonic() - asked
    scene.world.note("", f"{name} was another process after {seconds:.1f} s")
    if seconds > STOP_WITHIN and not scene.world.pressure.was_full(asked):
        raise RuntimeError(f"{name} took {seconds:.1f} s to end when asked to")


async def _end(scene: Scene, name: str, number: signal.Signals) -> None:
    stage = scene.world.stage
    before = stage.pid(name)
    scene.world.note("", f"{number.name} to {name}")
    scene.world.injected += 1
    stage.send(name, number)
    await stage.wait_restarted(name, before)


async def freeze(scene: Scene, name: str) -> None:
    """Stops a process for longer than any lease, while another of its kind goes on, and wakes it."""
    stage = scene.world.stage
    if not scene.is_short and name in ("rasa", "worker"):
        await stage.start_spare(name)
    scene.world.note("", f"{name} freezes")
    scene.world.injected += 1
    stage.send(name, signal.SIGSTOP)
    await asyncio.sleep(SHORT_FREEZE if scene.is_short else FREEZE[name])
    stage.send(name, signal.SIGCONT)
    scene.world.note("", f"{name} wakes")


async def turn_clock(scene: Scene, name: str) -> None:
    """A second process joins the first; its clock is ten minutes off until all have shopped."""
    off_by = scene.dice.choice((CLOCK_OFF_BY, -CLOCK_OFF_BY))
    scene.world.note("", f"a second {name} begins, its clock wrong by {off_by} s")
    scene.world.injected += 1
    await scene.world.stage.start_spare(name, clock_off_by=off_by)


async def kill_at(scene: Scene, name: str, road: str) -> None:
    """Kills a process while an answer it waits for, or has just given, is held on the road."""
    stage = scene.world.stage
    proxy: FaultProxy = getattr(stage, road)
    proxy.bend(Manner.HOLD)
    await proxy.wait_met(MEET_SECONDS)
    await kill(scene, name)
    stage.straighten()


async def kill_worker_midway(scene: Scene) -> None:
    """Kills the worker after the provider has taken a message and before its answer came."""
    await scene.world.order_fault(kind="hang", seconds=5, accepted=True, times=1)
    for _ in range(int(MEET_SECONDS / 0.1)):
        await asyncio.sleep(0.1)
        if await scene.world.ask("select 1 from messages where status = 'sending' limit 1"):
            break
    await asyncio.sleep(0.3)
    await kill(scene, "worker")


async def crash_database(scene: Scene) -> None:
    """Ends PostgreSQL without a word and starts it at once."""
    stage = scene.world.stage
    scene.world.note("", "the database crashes")
    scene.world.injected += 1
    await stage.end_database()
    await stage.start_database()
    scene.world.note("", "the database is up")


async def stop_database(scene: Scene) -> None:
    """PostgreSQL is away for minutes."""
    stage = scene.world.stage
    scene.world.note("", "the database is away")
    scene.world.injected += 1
    await stage.end_database()
    await asyncio.sleep(SHORT_DOWN if scene.is_short else DOWN)
    await stage.start_database()
    scene.world.note("", "the database is up")


async def cut_sessions(scene: Scene) -> None:
    """Every session of the database is ended, and with it every lock it held."""
    for _ in range(3):
        scene.world.injected += 1
        await scene.world.stage.cut_sessions()
        await asyncio.sleep(scene.dice.uniform(0.3, 1.0))


def _of(strike: Callable[[Scene, str], Awaitable[None]], name: str) -> Strike:
    async def strike_it(scene: Scene) -> None:
        await strike(scene, name)

    return strike_it


FAULTS = (
    Fault(
        "api killed",
        "the API is killed",
        _of(kill, "api"),
        shuts_door=True,
        may_hand_off=True,
        spread=4,
        in_short=True,
    ),
    Fault("worker killed", "the worker is killed", _of(kill, "worker"), spread=4, in_short=True),
    Fault(
        "worker killed midway",
        "the worker is killed between the provider's yes and its own note of it",
        kill_worker_midway,
        spread=4,
    ),
    Fault("actions killed", "the action server is killed", _of(kill, "actions"), may_hand_off=True, spread=4),
    Fault(
        "actions killed midway",
        "the action server is killed after its effect, before its answer",
        lambda scene: kill_at(scene, "actions", "actions"),
        may_hand_off=True,
        spread=4,
    ),
    Fault("rasa killed", "Rasa is killed", _of(kill, "rasa"), shuts_door=True, spread=8),
    Fault(
        "rasa killed midway",
        "Rasa is killed while the action it called has done its work",
        lambda scene: kill_at(scene, "rasa", "actions"),
        shuts_door=True,
        spread=8,
    ),
    Fault(
        "api restarted",
        "the API is restarted",
        _of(restart, "api"),
        shuts_door=True,
        may_hand_off=True,
        spread=4,
    ),
    Fault("worker restarted", "the worker is restarted", _of(restart, "worker"), spread=4),
    Fault(
        "actions restarted",
        "the action server is restarted",
        _of(restart, "actions"),
        may_hand_off=True,
        spread=4,
    ),
    Fault("rasa restarted", "Rasa is restarted", _of(restart, "rasa"), shuts_door=True, spread=8),
    Fault(
        "api frozen",
        "the API is frozen past every lease, and wakes",
        _of(freeze, "api"),
        shuts_door=True,
        may_hand_off=True,
        spread=20,
    ),
    Fault(
        "worker frozen",
        "a worker is frozen past its tries, another goes on, and it wakes",
        _of(freeze, "worker"),
        spread=20,
    ),
    Fault(
        "actions frozen", "the action server is frozen", _of(freeze, "actions"), may_hand_off=True, spread=20
    ),
    Fault(
        "rasa frozen",
        "a Rasa is frozen past its lease, another goes on, and it wakes",
        _of(freeze, "rasa"),
        shuts_door=True,
        spread=20,
    ),
    Fault(
        "api's clock wrong",
        "an API whose clock is wrong answers beside another",
        prepare=_of(turn_clock, "api"),
    ),
    Fault(
        "worker's clock wrong",
        "a worker whose clock is wrong works beside another",
        prepare=_of(turn_clock, "worker"),
    ),
    Fault(
        "rasa's clock wrong",
        "a Rasa whose clock is wrong answers beside another",
        prepare=_of(turn_clock, "rasa"),
    ),
    Fault(
        "database crashed",
        "PostgreSQL crashes and is back at once",
        crash_database,
        shuts_door=True,
        may_hand_off=True,
        spread=4,
        in_short=True,
    ),
    Fault(
        "database sessions cut",
        "every session of PostgreSQL is ended, three times",
        cut_sessions,
        shuts_door=True,
        may_hand_off=True,
        spread=4,
    ),
    Fault(
        "database down",
        "PostgreSQL is away for minutes",
        stop_database,
        shuts_door=True,
        may_hand_off=True,
        spread=20,
    ),
)
