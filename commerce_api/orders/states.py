"""An order's life: the states and the moves between them that are legal, and no others.

Paying and moving are two things: ``is_paid`` says the money came, the state says where the goods are. An
order paid by link moves to ``paid`` when the money comes; one paid in cash usually goes from ``confirmed`` to
``packed`` and is paid at the door. An order that is picked up never goes ``out_for_delivery``.
"""

from enum import StrEnum


class OrderState(StrEnum):
    """Where an order is. ``refunded`` ends every life; ``cancelled`` ends one no money came for."""

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
