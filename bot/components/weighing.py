"""What the neighbours make of something found: whether a number says how many, how dear, or which model.

"5000 for the lace" is money and "under 5k" a limit, "not 2" an amount nobody means, "3 burner" and "50cl" are
parts of a name, and "for 50 people" counts nothing that is sold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, FrozenSet, List, Optional, Sequence

from bot.components.lexicon import Lexicon, words
from bot.components.pieces import PACK_UNITS

LEAST_PRICE = 100
# A number before one of these says what kind of thing it is: "a 3 burner cooker".
PARTS = words(
    "burner burners seater seaters pin pins ply core door doors step steps blade blades speed gang way sim"
    " places feux portes vitesses"
)
# A number behind one of these is a model's: "iphone 13".
MODELS = words("iphone galaxy redmi infinix tecno camon spark itel nokia hot note ps playstation xbox")
_TOWARDS = words("to a hadi zuwa si mpaka")
# These count wishes too: "mara 2".
_REPEATING = words("times fois mara sau igba")
# Behind a large number these make it money: "5000 for the lace".
_PRICING = words("for pour kwa fun")
_SHORT_MONEY = words("sh f")
# Units that are verbs as well, unless an amount or an article stands before them: "can you".
_VERBS_TOO = words("can")
_ARTICLES = words("a an the per each")
# A large number behind one of these is that order's own: "oda 518".
_ORDERS = words("order oda agizo commande odar orda")
_ABOUT = words("about around like kama karibu environ wajen kaman")


@dataclass(frozen=True)
class Found:
    """A labelled stretch of tokens; ``value`` is what it says: a number, or a canonical word."""

    label: str
    start: int
    end: int
    value: int | float | str | None = None


@dataclass(frozen=True)
class _Around:
    """A number with what stands before and behind it; ``farther`` is the word before the one before."""

    one: Found
    farther: str
    before: str
    after: str
    earlier: Optional[Found]
    later: Optional[Found]
    lexicon: Lexicon

    @property
    def amount(self) -> float:
        """What it comes to."""
        return float(self.one.value or 0)

    @property
    def is_dear(self) -> bool:
        """Whether it may be a price."""
        return self.amount >= LEAST_PRICE and (self.later is None or self.later.label != "UNIT")

    @property
    def is_priced(self) -> bool:
        """Whether what stands before it says that a price comes."""
        is_said = self.earlier is not None and self.earlier.label == "PRICED_AT"
        return is_said or self.before in self.lexicon.priced_at


def weighed(said: Sequence[str], found: List[Found], lexicon: Lexicon) -> List[Found]:
    """``found`` with each number, limit and denial as what it means here; in order, never overlapping."""
    at = {one.start: one for one in found}
    until = {one.end: one for one in found}
    kept: List[Found] = []
    for one in found:
        is_over = bool(kept) and one.start < kept[-1].end
        if is_over or (one.label == "UNIT" and _is_verb(said, one, until)):
            continue
        if one.label == "LIMIT":
            kept.append(_limit(said, one, at, lexicon))
        elif one.label == "DENIAL":
            kept.append(_denial(one, at))
        elif one.label in {"QUANTITY", "MONEY"}:
            before = said[one.start - 1] if one.start else ""
            after = said[one.end] if one.end < len(said) else ""
            farther = said[one.start - 2] if one.start > 1 else ""
            sides = until.get(one.start), at.get(one.end)
            kept.append(_number(_Around(one, farther, before, after, *sides, lexicon)))
        else:
            kept.append(one)
    return kept


def _is_verb(said: Sequence[str], unit: Found, until: Dict[int, Found]) -> bool:
    before = said[unit.start - 1] if unit.start else ""
    return said[unit.start] in _VERBS_TOO and unit.start not in until and before not in _ARTICLES


def _number(around: _Around) -> Found:
    """The first of these that it is; else itself, an amount."""
    kinds: Sequence[Callable[[_Around], Optional[Found]]] = (_limited_after, _uncounted, _money, _part)
    return next((kind for of in kinds if (kind := of(around)) is not None), around.one)


def _limited_after(around: _Around) -> Optional[Found]:
    """ "5k max"."""
    one = around.one
    is_price = one.label == "MONEY" or around.amount >= LEAST_PRICE
    return (
        Found("PRICE", one.start, one.end + 1, around.amount)
        if around.after in around.lexicon.limits_after and is_price
        else None
    )


def _uncounted(around: _Around) -> Optional[Found]:
    """ "For 50 people", "in 3 days", "from 5 to", "order 518"."""
    one, others = around.one, around.lexicon.others
    if around.after in others or around.before in others - _REPEATING:
        return Found("DENIED", one.start, one.end + (around.after in others))
    if around.before in _ABOUT and around.farther in others:
        return Found("DENIED", one.start, one.end)
    if around.before in _ORDERS and around.is_dear:
        return Found("DENIED", one.start, one.end)
    is_left = around.before in around.lexicon.sources and around.after in _TOWARDS
    return Found("DENIED", one.start, one.end) if is_left else None


def _money(around: _Around) -> Optional[Found]:
    one, after = around.one, around.after
    is_named = after in around.lexicon.money and (around.is_dear or after not in _SHORT_MONEY)
    if one.label == "MONEY" or is_named:
        return Found("MONEY", one.start, one.end + (after in around.lexicon.money), one.value)
    is_price = around.is_dear and (around.is_priced or after in _PRICING)
    return Found("MONEY", one.start, one.end, one.value) if is_price else None


def _part(around: _Around) -> Optional[Found]:
    one = around.one
    if around.after in PACK_UNITS | PARTS:
        return Found("PART", one.start, one.end + 1)
    return Found("PART", one.start, one.end) if around.before in MODELS else None


def _limit(said: Sequence[str], one: Found, at: Dict[int, Found], lexicon: Lexicon) -> Found:
    place = one.end + (one.end < len(said) and said[one.end] in lexicon.money)
    amount = at.get(place)
    if amount is None or amount.label not in {"QUANTITY", "MONEY"} or not amount.value:
        return Found("CARRIER", one.start, one.end)
    end = amount.end + (amount.end < len(said) and said[amount.end] in lexicon.money)
    return Found("PRICE", one.start, end, float(amount.value))


def _denial(one: Found, at: Dict[int, Found]) -> Found:
    amount = at.get(one.end)
    if amount is None or amount.label not in {"QUANTITY", "UNIT"}:
        return Found("CARRIER", one.start, one.end)
    beside = at.get(amount.end)
    labels: FrozenSet[str] = frozenset({amount.label, beside.label if beside else ""})
    end = beside.end if beside and labels == {"QUANTITY", "UNIT"} else amount.end
    return Found("DENIED", one.start, end)
