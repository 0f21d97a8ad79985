"""How many sends of one account, and of one channel, a worker has under way at once.

A provider that hangs holds every send for seconds. It may fill its own seats, never all of a worker's.
"""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

# Of the worker's twenty.
MOST_OF_ACCOUNT = 6
MOST_OF_CHANNEL = 12
# Who finds no seat comes back after this many seconds, one after the other, not all at once.
SOON = 0.3
APART = 0.02


@dataclass
class Seats:
    """One worker's seats; ``time`` below is seconds of a clock that never goes back."""

    _taken: Counter[Hashable] = field(default_factory=Counter)
    _next_at: dict[Hashable, float] = field(default_factory=dict)

    def take(self, account: Hashable, channel: Hashable, time: float) -> float | None:
        """Takes a seat, to be given back with ``leave``; or the seconds after which to ask again."""
        if self._taken[account] < MOST_OF_ACCOUNT and self._taken[channel] < MOST_OF_CHANNEL:
            self._taken[account] += 1
            self._taken[channel] += 1
            return None
        at = max(time + SOON, self._next_at.get(account, 0.0) + APART)
        self._next_at[account] = at
        return at - time

    def leave(self, account: Hashable, channel: Hashable) -> None:
        """Gives a seat back."""
        for of in (account, channel):
            self._taken[of] -= 1
            if not self._taken[of]:
                del self._taken[of]
        if account not in self._taken:
            self._next_at.pop(account, None)
