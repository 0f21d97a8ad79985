"""Faults on order, of sends and of webhooks, on every channel: "the next n to this number go wrong so"."""

import enum
import itertools
import random
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, field

from simulator.settings import Channel
from simulator.wire import Json


class FaultKind(enum.StrEnum):
    """What goes wrong.

    With a send: ``error``: the provider's error with ``code``. ``http``: a bare answer with ``status``.
    ``hang``: no answer for ``seconds``. ``reset``: the connection breaks in the middle of the answer.
    ``fail``: accepted, then a ``failed`` receipt with ``code``. ``receipts``: accepted, then ``statuses`` as
    listed instead of the usual.

    With a webhook: ``drop``: the post is lost on its way. ``duplicate``: posted ``copies`` times more,
    ``seconds`` apart. ``delay``: posted after ``seconds``. ``reorder``: held until the next webhook about the
    same shopper was answered, at most ``seconds``.
    """

    ERROR = "error"
    HTTP = "http"
    HANG = "hang"
    RESET = "reset"
    FAIL = "fail"
    RECEIPTS = "receipts"
    DROP = "drop"
    DUPLICATE = "duplicate"
    DELAY = "delay"
    REORDER = "reorder"


LATER = frozenset({FaultKind.FAIL, FaultKind.RECEIPTS})
OF_WEBHOOKS = frozenset({FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.DELAY, FaultKind.REORDER})
USUAL_SECONDS = {FaultKind.HANG: 30.0, FaultKind.DELAY: 1.0, FaultKind.REORDER: 2.0}
OF_SENDS = frozenset(FaultKind) - OF_WEBHOOKS


@dataclass
class Fault:
    """One order. It holds ``times`` times (None: until dropped), each with ``probability``.

    It fits one ``channel``, ``seller`` (their ``phone_number_id`` or the line's account) and ``shopper``, or
    any where that is None; ``of`` narrows webhooks to ``messages`` or ``receipts``. Whether chance strikes
    depends on the ``seed``, the shopper and how many of theirs went by, so that a run can be repeated.

    Without ``seconds`` a send hangs for 30, a webhook is delayed by 1, held for at most 2, doubled at once.

    ``accepted``: a send goes through all the same, as when its answer is lost on the way back; a dropped
    webhook was received, and its answer was lost. ``retry_after`` puts that header on the answer, in seconds.
    """

    kind: FaultKind
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    channel: Channel | None = None
    seller: str | None = None
    shopper: str | None = None
    of: str | None = None
    code: int | None = None
    status: int = 500
    seconds: float | None = None
    copies: int = 1
    accepted: bool = False
    statuses: tuple[str, ...] = ()
    retry_after: int | None = None
    details: str = "Ordered by a test."
    id: int = 0
    struck: int = 0
    passed: Counter[str] = field(default_factory=Counter, repr=False)

    @property
    def pause(self) -> float:
        """How long it takes, in seconds."""
        return USUAL_SECONDS.get(self.kind, 0.0) if self.seconds is None else self.seconds

    def fits(self, channel: Channel, names: Collection[str], shopper: str, of: str | None) -> bool:
        """Whether the order is about this."""
        return (
            self.channel in (None, channel)
            and (self.seller is None or self.seller in names)
            and self.shopper in (None, shopper)
            and self.of in (None, of)
        )

    def strikes(self, channel: Channel, shopper: str) -> bool:
        """Whether it strikes this time; counts both."""
        about = f"{channel}:{shopper}"
        self.passed[about] += 1
        chance = random.Random(f"{self.seed}:{about}:{self.passed[about]}").random()
        is_struck = self.probability >= 1 or chance < self.probability
        self.struck += is_struck
        return is_struck

    @property
    def is_used_up(self) -> bool:
        """Whether it has struck as often as ordered."""
        return self.times is not None and self.struck >= self.times

    def describe(self) -> Json:
        """The order as it was given, its id, and how often it struck."""
        return {name: value for name, value in asdict(self).items() if name != "passed"}


class Faults:
    """The orders not yet used up, first come first served."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, fault: Fault) -> int:
        """Takes an order; its id."""
        fault.id = next(self._ids)
        self._orders.append(fault)
        return fault.id

    def take(
        self,
        kinds: Collection[FaultKind],
        channel: Channel,
        names: Collection[str],
        shopper: str,
        of: str | None = None,
    ) -> Fault | None:
        """Uses up one time of the first order of these kinds that fits and strikes."""
        for order in self._orders:
            if order.kind in kinds and order.fits(channel, names, shopper, of):
                if not order.strikes(channel, shopper):
                    continue
                self._orders = [one for one in self._orders if not one.is_used_up]
                return order
        return None

    def drop(self, fault_id: int) -> None:
        """Drops one order, if it is still there."""
        self._orders = [order for order in self._orders if order.id != fault_id]

    def forget(self) -> None:
        """Drops every order."""
        self._orders.clear()

    def listed(self) -> list[Json]:
        """The orders not used up."""
        return [order.describe() for order in self._orders]
