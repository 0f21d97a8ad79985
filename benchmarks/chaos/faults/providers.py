"""The provider's own faults when messages are sent to it: limits, errors, silence, lost answers."""

from functools import partial
from typing import Any

from benchmarks.chaos.faults.fault import Fault, Scene, Strike


async def order(scene: Scene, **fault: Any) -> None:
    """Orders a fault for the next sends to each of the round's shoppers."""
    scene.world.note("", f"the provider: {fault}")
    for number in scene.numbers:
        await scene.world.order_fault(**fault, shopper=number)


def _of(**fault: Any) -> Strike:
    return partial(order, **fault)


FAULTS = (
    Fault(
        "number limited",
        "429, too many messages of one number",
        _of(kind="error", code=130429, status=429, retry_after=1, times=1),
        in_short=True,
    ),
    Fault(
        "pair limited",
        "429, too many messages to one shopper",
        _of(kind="error", code=131056, status=429, times=2),
    ),
    Fault(
        "number being upgraded", "a number that is being upgraded", _of(kind="error", code=131057, times=1)
    ),
    Fault("provider answers 500", "the provider answers 500", _of(kind="http", status=500, times=1)),
    Fault(
        "provider resets",
        "the connection breaks before the provider has the message",
        _of(kind="reset", times=1),
    ),
    Fault(
        "provider silent",
        "the provider doesn't answer and has no message",
        _of(kind="hang", seconds=9, times=1),
    ),
    Fault(
        "provider's answer lost",
        "the provider has the message and its answer is lost",
        _of(kind="reset", accepted=True, times=1),
        in_short=True,
    ),
    Fault(
        "provider answers too late",
        "the provider has the message and answers after our patience",
        _of(kind="hang", seconds=9, accepted=True, times=1),
    ),
    Fault(
        "receipts in disorder",
        "read comes before sent and delivered",
        _of(kind="receipts", statuses=["read", "delivered", "sent"], times=1),
    ),
)
