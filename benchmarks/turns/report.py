"""The tables: what was measured, what it was to be, and what misses that."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks import _page
from benchmarks.turns.lasting import Long
from benchmarks.turns.talking import Heard

# Ours ÷ stock, and what a turn may cost over all processes.
FASTER_AT_8, P50_AT_1, RASA_CPU, RASA_MEMORY = 5.0, 1 / 5, 1 / 7, 0.6
TURN_CPU = 30.0
GROWTH = 1.3
SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Spell:
    """One spell of talking, and the milliseconds of processor time a turn, by process."""

    heard: Heard
    costs: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Turns a second."""
        return len(self.heard.turns) / self.heard.seconds

    def quantile(self, share: float) -> float:
        """The milliseconds that this share of the turns kept within."""
        ordered = sorted(self.heard.turns)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def line(self) -> str:
        """One line about it."""
        costs = ", ".join(f"{name} {cost:.1f}" for name, cost in self.costs.items())
        return f"{self.rate:.1f} turns/s, p50 {self.quantile(0.5):.0f} ms; processor ms: {costs}"


type Figure = Callable[[Spell], float]


@dataclass(frozen=True)
class Findings:
    """Spells by assistant and by shoppers at once, megabytes by process, and the long conversations."""

    spells: Mapping[str, Mapping[int, list[Spell]]]
    memory: Mapping[str, float]
    long: Long

    def lines(self) -> Iterator[str]:
        """The tables, in Markdown."""
        yield "| | Shoppers | Turns/s | Least, most | p50, ms | p95 | p99 | Processor, ms a turn | Rasa's |"
        yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
        for name, levels in self.spells.items():
            for at_once, spells in levels.items():
                yield self._row(name, at_once, spells)
        yield ""
        yield from self._ratios()
        yield ""
        yield "| Process | Memory, MB |"
        yield "|---|---:|"
        yield from (f"| {name} | {held:,.0f} |" for name, held in self.memory.items())
        if self.long:
            yield ""
            yield from self._long_lines()

    def problems(self) -> Iterator[str]:
        """What misses its target."""
        for name, levels in self.spells.items():
            strange = [words for spells in levels.values() for one in spells for words in one.heard.strange]
            if strange:
                yield f"{name}: {len(strange)} answers were not about the cart, such as {strange[0]!r}"
        cost = median(sum(one.costs.values()) for one in self.spells["ours"][8])
        if cost > TURN_CPU:
            yield f"a turn costs {cost:.0f} ms of processor time, above {TURN_CPU:.0f}"
        for what, ratio, target, is_least in self._compared():
            if (ratio < target) if is_least else (ratio > target):
                yield f"{what}: ours ÷ stock is {ratio:.2f}, target {target:.2f}"
        for name, turns in self.long.items():
            growth = turns[max(turns)] / turns[1]
            if name == "ours" and growth > GROWTH:
                yield f"turn {max(turns)} takes {growth:.2f} times turn 1, above {GROWTH}"

    def _row(self, name: str, at_once: int, spells: list[Spell]) -> str:
        rates = [one.rate for one in spells]
        quantiles = (f"{median(one.quantile(share) for one in spells):,.0f}" for share in SHARES)
        whole = median(sum(one.costs.values()) for one in spells)
        rasa = median(_rasa(one) for one in spells)
        spread = f"({min(rates):.1f}, {max(rates):.1f})"
        cells = (
            name,
            str(at_once),
            f"{median(rates):.1f}",
            spread,
            *quantiles,
            f"{whole:.1f}",
            f"{rasa:.1f}",
        )
        return f"| {' | '.join(cells)} |"

    def _compared(self) -> Iterator[tuple[str, float, float, bool]]:
        """What is compared, ours ÷ stock, the target, and whether that is the least it may be."""
        if "stock" not in self.spells:
            return
        ours, stock = self.spells["ours"], self.spells["stock"]

        def ratio(level: int, of: Figure) -> float:
            return median(map(of, ours[level])) / median(map(of, stock[level]))

        yield "turns/s at 8 shoppers", ratio(8, lambda one: one.rate), FASTER_AT_8, True
        yield "p50 at 1 shopper", ratio(1, lambda one: one.quantile(0.5)), P50_AT_1, False
        yield "processor time of Rasa a turn", ratio(8, _rasa), RASA_CPU, False
        yield "memory of Rasa", self.memory["rasa"] / self.memory["stock rasa"], RASA_MEMORY, False

    def _ratios(self) -> Iterator[str]:
        for what, ratio, target, is_least in self._compared():
            yield f"- {what}, ours ÷ stock: {ratio:.2f} (target {'≥' if is_least else '≤'} {target:.2f})"

    def _long_lines(self) -> Iterator[str]:
        turns = list(next(iter(self.long.values())))
        yield f"| Milliseconds | {' | '.join(f'turn {turn}' for turn in turns)} |"
        yield f"|---|{'---:|' * len(turns)}"
        for name, times in self.long.items():
            yield f"| {name} | {' | '.join(f'{times[turn]:.0f}' for turn in turns)} |"


def _rasa(spell: Spell) -> float:
    return spell.costs.get("rasa", 0.0) + spell.costs.get("stock rasa", 0.0)


def write(findings: Findings, versions: str, command: str) -> None:
    """Puts the tables on the page in ``docs``."""
    lines = [
        "Ours from the signed webhook to the reply at a stand-in for the Graph API, delivered; stock Rasa",
        "3.6.21 (default pipeline and policies, REST channel, action call and SQL tracker store, the same",
        "domain, data, action server and API) from the request to its answer. Each turn takes one action",
        "with one call of the API. Ours also holds a message back for 70 ms, for an earlier one that may be",
        "under way: that is part of its time.",
        "",
        *_page.circumstances(versions, command),
        "",
        *findings.lines(),
    ]
    _page.write("Whole turns", lines)
