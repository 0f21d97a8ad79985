"""What a fault is: how it strikes, how its shoppers behave, and what it excuses."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.chaos.oracle import Terms
from benchmarks.chaos.plan import CHANNELS, Shopper
from benchmarks.chaos.shopping import Phone, shop
from benchmarks.chaos.world import World


@dataclass(frozen=True)
class Scene:
    """Where a fault strikes: the world, the round's shoppers and dice, and whether this is the short run."""

    world: World
    shoppers: tuple[Shopper, ...]
    dice: random.Random
    is_short: bool


Strike = Callable[[Scene], Awaitable[None]]
Talk = Callable[[Phone], Awaitable[None]]


async def nothing(_: Scene) -> None:
    """Strikes nothing: the fault is in what the shoppers send."""


@dataclass(frozen=True)
class Fault:
    """One row of the table. ``strike`` returns when the fault is over; ``talk`` is what each shopper does.

    ``prepare`` is done before the first shopper comes, and undone after the last by the round.

    ``is_quiet``: it touches its own shoppers alone, so others may be run beside it. ``in_short`` says whether
    the short run has it; ``shoppers`` and ``spread`` are the least number of shoppers and the seconds over
    which they come, and ``channels`` the ways in which they write.
    """

    name: str
    what: str
    strike: Strike = nothing
    prepare: Strike = nothing
    talk: Talk = shop
    shuts_door: bool = False
    may_hand_off: bool = False
    is_quiet: bool = False
    in_short: bool = False
    shoppers: int = 3
    spread: float = 2.0
    may_buy: bool = True
    channels: tuple[str, ...] = CHANNELS

    @property
    def terms(self) -> Terms:
        """What it excuses."""
        return Terms(self.shuts_door, self.may_hand_off)
