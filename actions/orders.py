"""What was ordered: where it is, cancelling it, and ordering the same again."""

from actions.adding import add
from actions.choices import Button, button, choice, numbered
from actions.heard import Item
from actions.memory import CHANGED
from actions.money import written
from actions.phrases import has_phrase, phrase
from actions.references import REFERENCE
from actions.shelves import after_shopping, counted
from actions.visit import Events, ShopAction, Visit, focus
from commerce_client.errors import ApiRefused
from commerce_client.models import Order

LATEST = 5
_OVER = frozenset({"delivered", "cancelled", "returned", "refunded"})
_MAY_CANCEL = frozenset({"placed", "confirmed", "paid"})


class ActionTrackOrder(ShopAction):
    """Where an order is: the one named, else the latest; also the news when the seller moves one."""

    called = "action_track_order"

    async def act(self, visit: Visit) -> Events:
        """An event carries the order's new state and is told shortly."""
        orders = await visit.shop.orders(LATEST)
        number = visit.heard.value("order")
        order = order_meant(orders, number)
        if visit.heard.value("state"):
            state = order_state(order) if order else phrase(f"state_{visit.heard.value('state')}")
            visit.say("order_moved", number=number, state=state)
        elif order is None:
            _say_unknown(visit, number)
        else:
            _say_status(
                visit, order, [other for other in orders if other is not order and other.state not in _OVER]
            )
        return []


class ActionReorder(ShopAction):
    """Puts what was ordered last time into the cart again, as far as it can be had."""

    called = "action_reorder"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """The order named, else the latest; one that was cancelled is no example unless it is named."""
        same = await _just_bought(visit)
        if same:
            return await add(visit, [same])
        orders = await visit.shop.orders(LATEST)
        number = visit.heard.value("order")
        live = [order for order in orders if order.state != "cancelled"] or list(orders)
        order = order_meant(orders, number) if number else (live[0] if live else None)
        if order is None:
            _say_unknown(visit, number)
            return []
        added, missing, last = [], [], None
        for line in order.lines:
            try:
                cart = await visit.shop.add_line(line.variant_id, line.quantity)
            except ApiRefused:
                missing.append(counted(line))
                continue
            last = next((one for one in cart.lines if one.variant_id == line.variant_id), None)
            added.append(counted(line))
        if missing:
            visit.say(
                "reorder_missing",
                missing=", ".join(missing),
                buttons=[] if added else [button("browse", "browse_catalog")],
            )
        if added:
            total = written((await visit.shop.cart()).total)
            visit.say("reordered", added=", ".join(added), total=total, buttons=after_shopping())
        return focus(last.product_id, last.variant_id, last.id) if last else []


async def _just_bought(visit: Visit) -> Item | None:
    """What "the same again" means while a line of the cart is talked about: as much of it once more."""
    changes = visit.slot(CHANGED) or []
    if visit.heard.value(REFERENCE) != "same" or not visit.slot("line_id") or not changes:
        return None
    last = changes[-1]
    cart = await visit.shop.cart()
    if last["after"] <= last["before"] or all(line.variant_id != last["variant_id"] for line in cart.lines):
        return None
    more = visit.heard.quantity or last["after"] - last["before"]
    return Item(quantity=more, product_id=last["product_id"], variant_id=last["variant_id"])


class ActionAskCancelOrder(ShopAction):
    """Asks before cancelling; says so when it is too late."""

    called = "action_ask_cancel_order"

    async def act(self, visit: Visit) -> Events:
        """The order named, else the only one that is still open, else asks which."""
        orders = await visit.shop.orders(LATEST)
        number = visit.heard.value("order")
        live = [order for order in orders if order.state not in _OVER]
        if number is None and len(live) > 1:
            _ask_which(visit, live)
            return []
        order = order_meant(orders, number) if number or not live else live[0]
        if order is None:
            _say_unknown(visit, number)
        elif order.state not in _MAY_CANCEL:
            say_too_late(visit, order)
        else:
            answers = [
                button("yes_cancel", "confirm_cancel_order", order=order.number, answer="yes"),
                button("keep", "deny", answer="no"),
            ]
            visit.say("ask_cancel_order", number=order.number, total=written(order.total), buttons=answers)
        return []


class ActionCancelOrder(ShopAction):
    """Cancels an order, having asked."""

    called = "action_cancel_order"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """Typed without an offer, it means the latest order that may be cancelled."""
        orders = await visit.shop.orders(LATEST)
        named = order_meant(orders, visit.heard.value("order"))
        order = named or next((order for order in orders if order.state in _MAY_CANCEL), None)
        if order is None:
            _say_unknown(visit, visit.heard.value("order"))
            return []
        try:
            cancelled = await visit.shop.cancel_order(order.number, "shopper")
        except ApiRefused as refusal:
            if refusal.code != "order_move_illegal":
                raise
            say_too_late(visit, order)
            return []
        response = "order_cancelled_refund" if cancelled.is_paid else "order_cancelled"
        visit.say(
            response,
            number=cancelled.number,
            total=written(cancelled.total),
            buttons=[button("browse", "browse_catalog")],
        )
        return []


def order_meant(orders: tuple[Order, ...], number: object) -> Order | None:
    """The order with that number, however it was typed; the latest when none was said."""
    if not number:
        return orders[0] if orders else None
    wanted = _bare(str(number))
    return next((order for order in orders if _bare(order.number) == wanted), None)


def _bare(number: str) -> str:
    return "".join(letter for letter in number.upper() if letter.isalnum())


def order_state(order: Order) -> str:
    """The state in words."""
    own = f"state_{order.state}_{order.delivery_method}"
    return phrase(own if has_phrase(own) else f"state_{order.state}")


def say_too_late(visit: Visit, order: Order) -> None:
    """That an order can't be cancelled by the shopper any more."""
    answers = [button("call_person", "talk_to_human", answer="yes"), button("leave_it", "deny", answer="no")]
    visit.say("cannot_cancel", number=order.number, state=order_state(order), buttons=answers)


def _say_unknown(visit: Visit, number: object) -> None:
    if number:
        visit.say("order_unknown", number=number, buttons=[button("person", "talk_to_human")])
    else:
        visit.say("no_orders", buttons=[button("browse", "browse_catalog"), button("cart", "view_cart")])


def _say_status(visit: Visit, order: Order, others: list[Order]) -> None:
    visit.say(
        "order_status",
        number=order.number,
        state=order_state(order),
        lines="\n".join(counted(line) for line in order.lines),
        total=written(order.total),
        paid=_paid(order),
        buttons=_order_buttons(order, others),
    )


def _paid(order: Order) -> str:
    if order.is_paid:
        return phrase("paid")
    return phrase("pay_on_delivery" if order.payment_method == "cash_on_delivery" else "unpaid")


def _order_buttons(order: Order, others: list[Order]) -> list[Button]:
    buttons = []
    if not order.is_paid and order.payment_method == "pay_link" and order.state not in _OVER:
        buttons.append(button("pay", "ask_payment_link", order=order.number))
    if order.state in _MAY_CANCEL:
        buttons.append(button("cancel_order", "cancel_order", order=order.number))
    buttons.append(button("person", "talk_to_human"))
    return [*buttons, *(choice(other.number, "track_order", order=other.number) for other in others)]


def _ask_which(visit: Visit, orders: list[Order]) -> None:
    buttons = [
        choice(order.number, "cancel_order", description=written(order.total), order=order.number)
        for order in orders
    ]
    lines = numbered([f"{order.number}: {written(order.total)}, {order_state(order)}" for order in orders])
    visit.say("orders", lines=lines, buttons=buttons, opener="options")
