"""The way down from a price to its floor, and the answer to one thing a shopper says. Nothing is stored."""

from dataclasses import dataclass, replace

from commerce_api.bargaining.models import Answered


@dataclass(frozen=True)
class Ladder:
    """``steps`` concessions from ``price`` to ``floor``, in minor units; ``unit`` is a whole one of money."""

    price: int
    floor: int
    steps: int
    unit: int

    def rung(self, step: int) -> int:
        """What is asked after so many concessions: a round sum, never below the floor or above the price."""
        if step <= 0:
            return self.price
        exact = self.price - (self.price - self.floor) * min(step, self.steps) // self.steps
        return min(self.price, _rounded_up(max(exact, self.floor), self.unit))


@dataclass(frozen=True)
class Patience:
    """What of the seller's terms a single answer needs."""

    rounds: int
    pair_quantity: int


@dataclass(frozen=True)
class Standing:
    """How a bargain stands. ``pair`` is whether less for several was offered already."""

    step: int = 0
    rounds: int = 0
    has_pair: bool = False


@dataclass(frozen=True)
class Wish:
    """What a shopper says: ``price`` is what they would pay a piece; None only asks for less."""

    price: int | None = None
    quantity: int = 1


@dataclass(frozen=True)
class Answer:
    """What the shop says, at which price a piece, and how the bargain stands then."""

    said: Answered
    price: int
    standing: Standing


def answer(ladder: Ladder, patience: Patience, standing: Standing, wish: Wish, *, stock: int) -> Answer:
    """One round. Whatever is agreed or asked lies between the floor and the price."""
    heard = replace(standing, rounds=standing.rounds + 1)
    asked = ladder.rung(standing.step)
    if wish.price is not None and wish.price >= asked:
        return Answer(Answered.AGREED, asked, heard)
    is_patient = heard.rounds <= patience.rounds
    following = min(standing.step + 1, ladder.steps) if is_patient else standing.step
    if wish.price is not None and wish.price >= ladder.rung(following):
        return Answer(Answered.AGREED, wish.price, replace(heard, step=following))
    if is_patient and _may_pair(patience, standing, wish, stock):
        return Answer(Answered.PAIR, ladder.rung(1), replace(heard, has_pair=True))
    # An offer that is out of all proportion earns no concession.
    if wish.price is not None and wish.price * 2 < ladder.floor:
        following = standing.step
    price = ladder.rung(following)
    is_last = heard.rounds >= patience.rounds or price <= ladder.rung(ladder.steps)
    return Answer(Answered.LAST if is_last else Answered.COUNTER, price, replace(heard, step=following))


def _may_pair(patience: Patience, standing: Standing, wish: Wish, stock: int) -> bool:
    """Selling more is tried once, before the price of one comes down."""
    several = patience.pair_quantity
    return (
        several > max(wish.quantity, 1) and several <= stock and not standing.has_pair and not standing.step
    )


def _rounded_up(amount: int, unit: int) -> int:
    """Up to a sum that people say: 4,237 becomes 4,250, 891 becomes 895, 24,310 becomes 24,500."""
    whole = -(-amount // unit)
    grain = 5 * int(10 ** max(len(str(whole)) - 3, 0)) if whole >= 100 else 1
    return -(-whole // grain) * grain * unit
