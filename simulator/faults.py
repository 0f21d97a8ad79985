"""Faults on order: "the next n sends to this number answer so"."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass


class FaultKind(enum.StrEnum):
    """What goes wrong.

    ``error``: a Graph error with ``code``. ``http``: a bare answer with ``status``. ``hang``: no answer for
    ``seconds``. ``reset``: the connection breaks in the middle of the answer. ``fail``: accepted, then a
    ``failed`` status with ``code``. ``receipts``: accepted, then ``statuses`` as listed instead of the usual.
    """

    ERROR = "error"
    HTTP = "http"
    HANG = "hang"
    RESET = "reset"
    FAIL = "fail"
    RECEIPTS = "receipts"


@dataclass
class Fault:
    """One order. It holds for ``times`` sends, from ``seller`` and to ``shopper`` (None: any).

    ``accepted`` says the message goes through all the same, as when an answer is lost on its way back.
    ``retry_after`` puts a Retry-After header on the answer, in seconds.
    """

    kind: FaultKind
    times: int = 1
    seller: str | None = None
    shopper: str | None = None
    code: int = 131000
    status: int = 500
    seconds: float = 30
    accepted: bool = False
    statuses: tuple[str, ...] = ()
    retry_after: int | None = None
    details: str = "Ordered by a test."


class Faults:
    """The orders not yet used up, first come first served."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Takes an order."""
        self._orders.append(fault)

    def take(self, seller: str, shopper: str) -> Fault | None:
        """Uses up one time of the first order that fits this send."""
        fault = next(self._fitting(seller, shopper), None)
        if fault is not None:
            fault.times -= 1
            self._orders = [order for order in self._orders if order.times > 0]
        return fault

    def forget(self) -> None:
        """Drops every order."""
        self._orders.clear()

    def _fitting(self, seller: str, shopper: str) -> Iterator[Fault]:
        for order in self._orders:
            if order.seller in (None, seller) and order.shopper in (None, shopper):
                yield order
