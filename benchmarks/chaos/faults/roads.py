"""Roads between processes that are cut, slow, or bring nonsense; all processes are well."""

import asyncio
from functools import partial

from benchmarks.chaos.faults.fault import Fault, Scene, Strike
from benchmarks.chaos.proxy import FaultProxy, Manner

BAD_SECONDS, SHORT_BAD_SECONDS = 6.0, 3.0
# Longer than a turn may take, so that whole turns meet it.
HANG_SECONDS = 12.0


async def bend(scene: Scene, road: str, manner: Manner, seconds: float | None = None) -> None:
    """Bends a road for a while."""
    proxy: FaultProxy = getattr(scene.world.stage, road)
    met = proxy.met
    scene.world.note("", f"the road of {road}: {manner}")
    proxy.bend(manner)
    await asyncio.sleep(seconds or (SHORT_BAD_SECONDS if scene.is_short else BAD_SECONDS))
    proxy.bend(Manner.PASS)
    scene.world.injected += proxy.met - met
    scene.world.note("", f"the road of {road} is straight")


def _of(road: str, manner: Manner, seconds: float | None = None) -> Strike:
    return partial(bend, road=road, manner=manner, seconds=seconds)


FAULTS = (
    Fault(
        "actions unreachable",
        "the action server refuses connections",
        _of("actions", Manner.REFUSE),
        may_hand_off=True,
    ),
    Fault(
        "actions answer 500",
        "the action server answers 500",
        _of("actions", Manner.ERROR),
        may_hand_off=True,
        in_short=True,
    ),
    Fault(
        "actions answer 404",
        "the action server answers 404",
        _of("actions", Manner.ABSENT),
        may_hand_off=True,
    ),
    Fault(
        "actions answer nonsense",
        "the action server's answer is broken JSON",
        _of("actions", Manner.MALFORMED),
        may_hand_off=True,
    ),
    Fault(
        "actions slow",
        "each call of an action takes 10 s",
        _of("actions", Manner.SLOW, HANG_SECONDS),
        may_hand_off=True,
    ),
    Fault(
        "actions hang",
        "calls of actions are never answered",
        _of("actions", Manner.HANG, HANG_SECONDS),
        may_hand_off=True,
    ),
    Fault(
        "api unreachable",
        "the API can't be reached by Rasa and the actions",
        _of("api", Manner.REFUSE),
        shuts_door=True,
        may_hand_off=True,
    ),
    Fault(
        "api hangs",
        "the API answers Rasa and the actions nothing",
        _of("api", Manner.HANG, HANG_SECONDS),
        shuts_door=True,
        may_hand_off=True,
    ),
    Fault(
        "api answers lost",
        "the API does its work and its answers are lost",
        _of("api", Manner.SWALLOW, 2.0),
        shuts_door=True,
        may_hand_off=True,
        in_short=True,
    ),
    Fault(
        "provider hangs up",
        "webhooks are taken, and whoever posted them has gone before the answer",
        _of("webhooks", Manner.SWALLOW, 4.0),
        shuts_door=True,
        in_short=True,
    ),
)
