"""What somebody who opens a conversation should know, in one paragraph: facts alone, nothing made up."""

from collections.abc import Sequence
from datetime import datetime

from commerce_api.carts.service import PricedCart
from commerce_api.conversations.models import Conversation, HandledBy
from commerce_api.core.money import Money
from commerce_api.orders.models import Order
from console import filters

LANGUAGES = {
    "en": "English",
    "pcm": "Pidgin",
    "sw": "Swahili",
    "fr": "French",
    "ha": "Hausa",
    "yo": "Yorùbá",
}


def write(
    conversation: Conversation, cart: PricedCart, orders: Sequence[Order], currency: str, now: datetime
) -> str:
    """The paragraph."""
    return " ".join(
        part
        for part in (_who(conversation, now), _why(conversation, now), _cart(cart, currency), _orders(orders))
        if part
    )


def _who(conversation: Conversation, now: datetime) -> str:
    contact = conversation.contact
    name = contact.name or "This shopper"
    language = LANGUAGES.get(contact.language or "")
    since = filters.ago(contact.created_at, now)
    known = "is new" if since == "now" else f"has been writing for {since}"
    return f"{name} {known}{f', in {language}' if language else ''}."


def _why(conversation: Conversation, now: datetime) -> str:
    if conversation.handled_by is not HandledBy.WAITING or conversation.handoff_at is None:
        return ""
    waited = filters.ago(conversation.handoff_at, now)
    why = filters.reason(conversation.handoff_reason)
    return f"Waiting for {'a moment' if waited == 'now' else waited}: {why}."


def _cart(cart: PricedCart, currency: str) -> str:
    if not cart.lines:
        return "The cart is empty."
    named = [f"{line.quantity} × {line.variant.product.name}" for line in cart.lines[:3]]
    more = f" and {len(cart.lines) - 3} more" if len(cart.lines) > 3 else ""
    return f"In the cart: {', '.join(named)}{more}, {filters.money(Money(cart.total, currency))}."


def _orders(orders: Sequence[Order]) -> str:
    if not orders:
        return "No orders yet."
    latest = orders[0]
    paid = "paid" if latest.is_paid else "not paid"
    count = "One order" if len(orders) == 1 else f"{len(orders)} orders, the latest"
    return f"{count}: {latest.number}, {latest.state.value.replace('_', ' ')}, {paid}."
