"""An order's life: its states, and which moves between them are legal.

Paying and moving are two things: ``is_paid`` says the money came, the state says where the goods are. An
order paid before it is packed moves to ``paid`` by itself; one paid in cash usually goes from ``confirmed``
to ``packed`` and is paid at the door. An order that is picked up never goes ``out_for_delivery``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class OrderState(StrEnum):
    """Where an order is. ``cancelled`` and ``returned`` end it but for a refund, ``refunded`` for good."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    PAID = "paid"
    PACKED = "packed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    REFUNDED = "refunded"


class DeliveryMethod(StrEnum):
    """How an order reaches its shopper."""

    DELIVERY = "delivery"
    PICKUP = "pickup"


class Actor(StrEnum):
    """Who moved an order: its shopper, a member of the seller's team, or the machine (a payment arrived)."""

    SHOPPER = "shopper"
    PERSON = "person"
    SYSTEM = "system"


@dataclass(frozen=True)
class Standing:
    """What decides which moves an order has."""

    state: OrderState
    is_pickup: bool
    is_paid: bool
    is_paid_ahead: bool
    is_refund_due: bool


def _always(_: Standing) -> bool:
    return True


def _may_pack(order: Standing) -> bool:
    return order.is_paid or not order.is_paid_ahead


S = OrderState
_MOVES: dict[OrderState, dict[OrderState, Callable[[Standing], bool]]] = {
    S.PLACED: {S.CONFIRMED: _always, S.PAID: lambda o: o.is_paid, S.CANCELLED: _always},
    S.CONFIRMED: {S.PAID: lambda o: o.is_paid, S.PACKED: _may_pack, S.CANCELLED: _always},
    S.PAID: {S.PACKED: _always, S.CANCELLED: _always},
    S.PACKED: {
        S.OUT_FOR_DELIVERY: lambda o: not o.is_pickup,
        S.DELIVERED: lambda o: o.is_pickup,
        S.CANCELLED: _always,
    },
    S.OUT_FOR_DELIVERY: {S.DELIVERED: _always, S.RETURNED: _always},
    S.DELIVERED: {S.RETURNED: _always, S.REFUNDED: lambda o: o.is_paid},
    S.CANCELLED: {S.REFUNDED: lambda o: o.is_refund_due},
    S.RETURNED: {S.REFUNDED: lambda o: o.is_refund_due},
    S.REFUNDED: {},
}
ENDED = frozenset({S.CANCELLED, S.RETURNED, S.REFUNDED})
"""The order is over: it takes no money, and what it held is back on the shelf or was never given back."""

SHOPPER_MAY_CANCEL = frozenset({S.PLACED, S.CONFIRMED, S.PAID})
"""Until the seller starts packing; after that the shopper asks a person."""


def allowed(order: Standing, actor: Actor = Actor.PERSON) -> tuple[OrderState, ...]:
    """The states the order may move to now, in the order of an order's life."""
    if actor is Actor.SHOPPER:
        return (S.CANCELLED,) if order.state in SHOPPER_MAY_CANCEL else ()
    moves = _MOVES[order.state]
    return tuple(state for state in OrderState if state in moves and moves[state](order))
