"""Paying: how, where, and what became of it."""

from typing import Any

from actions.choices import button, numbered
from actions.money import written
from actions.orders import order_meant
from actions.phrases import has_phrase, phrase
from actions.visit import Events, ShopAction, Visit
from commerce_client.errors import ApiRefused, ApiUnavailable
from commerce_client.models import Order, PaymentLink

LATEST = 5
_OVER = frozenset({"cancelled", "returned", "refunded"})


class ActionTellPaymentMethods(ShopAction):
    """How the shop may be paid."""

    called = "action_tell_payment_methods"

    async def act(self, visit: Visit) -> Events:
        """In the seller's order."""
        methods = await visit.shop.payment_methods()
        lines = numbered([f"{method_name(method)}: {method_note(method)}" for method in methods])
        buttons = (
            []
            if visit.is_in_checkout
            else [button("checkout", "checkout"), button("keep_shopping", "browse_catalog")]
        )
        visit.say("payment_methods", lines=lines, buttons=buttons)
        return []


class ActionSendPaymentLink(ShopAction):
    """The page where an order is paid."""

    called = "action_send_payment_link"

    async def act(self, visit: Visit) -> Events:
        """The order named, else the latest that waits for payment."""
        order = await _to_pay(visit)
        if order is None:
            visit.say(
                "nothing_to_pay", buttons=[button("track", "track_order"), button("browse", "browse_catalog")]
            )
        elif order.is_paid:
            visit.say("payment_done", number=order.number)
        elif order.payment_method == "cash_on_delivery":
            visit.say("payment_on_delivery", number=order.number, total=written(order.total))
        else:
            say_link(visit, "payment_link", order, await visit.shop.payment_link(order.number))
        return []


class ActionPaymentUpdate(ShopAction):
    """Tells what became of a payment, as soon as the API knows."""

    called = "action_payment_update"

    async def act(self, visit: Visit) -> Events:
        """``order`` and ``status`` come with the event."""
        number = visit.heard.value("order")
        order = order_meant(await visit.shop.orders(LATEST), number)
        if order is None:
            visit.say("order_unknown", number=number)
            return []
        if visit.heard.value("status") == "paid" or order.is_paid:
            visit.say(
                "payment_received", number=order.number, total=written(order.total), next=what_next(order)
            )
            return []
        link = await link_of(visit, order)
        if link:
            say_link(visit, "payment_failed", order, link)
        else:
            again = button("get_link", "ask_payment_link", order=order.number, answer="yes")
            visit.say(
                "payment_failed_no_link",
                number=order.number,
                buttons=[again, button("person", "talk_to_human")],
            )
        return []


class ActionPaymentIssue(ShopAction):
    """Looks whether the money came, and warns against paying twice."""

    called = "action_payment_issue"

    async def act(self, visit: Visit) -> Events:
        """Without an order that waits for money there is nothing to look at."""
        order = await _to_pay(visit)
        buttons = [button("call_person", "talk_to_human")]
        if order is None:
            visit.say("nothing_to_pay", buttons=buttons)
        elif order.is_paid:
            visit.say("payment_done", number=order.number, buttons=buttons)
        elif order.payment_method == "cash_on_delivery":
            visit.say("payment_on_delivery", number=order.number, total=written(order.total), buttons=buttons)
        else:
            retry = button("get_link", "ask_payment_link", order=order.number)
            visit.say("payment_issue", number=order.number, buttons=[*buttons, retry])
        return []


def method_name(method: str) -> str:
    """A payment method as shoppers know it; its own name when the domain has no word for it."""
    return phrase(f"method_{method}") if has_phrase(f"method_{method}") else method.replace("_", " ")


def method_note(method: str) -> str:
    """A few words on how it works."""
    return phrase(f"method_{method}_note") if has_phrase(f"method_{method}_note") else method_name(method)


def what_next(order: Order) -> str:
    """What the shopper can expect now."""
    if order.delivery_method == "pickup":
        return phrase("next_pickup")
    return phrase("next_delivery", eta=order.eta) if order.eta else phrase("next_delivery_plain")


async def link_of(visit: Visit, order: Order) -> PaymentLink | None:
    """The order's payment page, or None when it can't be had just now."""
    try:
        return await visit.shop.payment_link(order.number)
    except (ApiRefused, ApiUnavailable):
        return None


def say_link(visit: Visit, response: str, order: Order, link: PaymentLink, **facts: Any) -> None:
    """Answers with a button that opens the payment page."""
    pay = (phrase("button_pay"), link.url)
    visit.say(response, number=order.number, total=written(link.amount), link=pay, **facts)


async def _to_pay(visit: Visit) -> Order | None:
    orders = await visit.shop.orders(LATEST)
    number = visit.heard.value("order")
    if number:
        return order_meant(orders, number)
    waiting = [order for order in orders if not order.is_paid and order.state not in _OVER]
    return waiting[0] if waiting else next((order for order in orders if order.is_paid), None)
