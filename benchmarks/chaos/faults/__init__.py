"""Every fault there is, in the order in which they are run."""

from collections.abc import Collection
from dataclasses import replace

from benchmarks.chaos.faults import content, messages, processes, providers, roads
from benchmarks.chaos.faults.fault import Fault
from benchmarks.chaos.plan import Demand

FAULTS: tuple[Fault, ...] = (
    *(replace(fault, is_quiet=True) for fault in (*messages.FAULTS, *content.FAULTS, *providers.FAULTS)),
    *roads.FAULTS,
    *processes.FAULTS,
)


def demands(chosen: Collection[Fault], *, is_short: bool) -> tuple[Demand, ...]:
    """What the chosen faults ask of their rounds; each has its shoppers' numbers, whoever else is chosen."""
    return tuple(
        Demand(
            fault.name, place, 1 if is_short else fault.shoppers, fault.spread, fault.may_buy, fault.channels
        )
        for place, fault in enumerate(FAULTS)
        if fault in chosen
    )
