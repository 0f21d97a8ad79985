"""Every fault there is, in the order in which they are run."""

from benchmarks.chaos.faults import content, messages, processes, providers, roads
from benchmarks.chaos.faults.fault import Fault

FAULTS: tuple[Fault, ...] = (
    *messages.FAULTS,
    *content.FAULTS,
    *providers.FAULTS,
    *roads.FAULTS,
    *processes.FAULTS,
)
