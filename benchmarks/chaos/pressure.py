"""Whether the machine had anything left: on one that hadn't, slowness is nobody's fault but the machine's."""

import asyncio
import time
from collections import deque

import psutil

LOOK_EVERY = 0.5
# As long as a turn may take; with less than so much of it idle, none can be expected to be in time.
SPAN = 8.0
IDLE = 0.04
KEPT = 7200


class Pressure:
    """Watches how idle the machine is."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, float, float]] = deque(maxlen=KEPT)
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to watch."""
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def stop(self) -> None:
        """Watches no more."""
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def was_full(self, since: float) -> bool:
        """Whether nothing was left for as long as a turn may take, at any time since a monotonic moment."""
        looks = [look for look in self._looks if look[0] >= since - SPAN]
        first = 0
        for at, idle, total in looks:
            while at - looks[first][0] > SPAN:
                first += 1
            before = looks[first]
            spent = total - before[2]
            if at - before[0] >= SPAN - 2 * LOOK_EVERY and spent and (idle - before[1]) / spent < IDLE:
                return True
        return False

    async def _look(self) -> None:
        while True:
            times = psutil.cpu_times()
            self._looks.append((time.monotonic(), times.idle + times.iowait, sum(times[:8])))
            await asyncio.sleep(LOOK_EVERY)
