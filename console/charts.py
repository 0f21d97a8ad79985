"""Charts as marks of an SVG, with their places and sizes: pages need no script and no style for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

WIDTH, HEIGHT = 720, 180
GAP = 0.25
# Labels below more bars than this would run into each other.
MOST_LABELS = 8


@dataclass(frozen=True)
class Bar:
    """One value: its rectangle, and the words below it ("" where there is no room).

    A minor label is one that a small screen leaves out.
    """

    x: float
    y: float
    width: float
    height: float
    label: str
    said: str
    is_minor: bool = False


@dataclass(frozen=True)
class Chart:
    """Bars that stand on ``HEIGHT``; ``top`` is the value at the upper edge, a round number."""

    bars: tuple[Bar, ...]
    top: int

    @property
    def is_empty(self) -> bool:
        """Whether every value is nothing."""
        return not any(bar.height for bar in self.bars)


def bars(values: Sequence[tuple[str, int, str]]) -> Chart:
    """A chart of (label, value, what a pointer on it reads); values are at least 0."""
    top = _round_up(max((value for _, value, _ in values), default=0))
    step = WIDTH / max(1, len(values))
    every = ceil(len(values) / MOST_LABELS)
    return Chart(
        tuple(
            Bar(
                x=round(place * step + step * GAP / 2, 2),
                y=round(HEIGHT - HEIGHT * value / top, 2),
                width=round(step * (1 - GAP), 2),
                height=round(HEIGHT * value / top, 2),
                label=label if place % every == 0 else "",
                said=said,
                is_minor=place // every % 2 == 1,
            )
            for place, (label, value, said) in enumerate(values)
        ),
        top,
    )


def share(part: int, whole: int) -> int | None:
    """Percent, rounded; None of nothing."""
    return round(100 * part / whole) if whole else None


def _round_up(value: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, … that is not below ``value``."""
    if value <= 1:
        return 1
    power: int = 10 ** int(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
