"""The checkout form's questions."""

from actions.address import address_in
from actions.choices import button, choice
from actions.delivery import zone_fee, zone_lines
from actions.money import written
from actions.payments import method_name, method_note
from actions.phrases import phrase
from actions.shelves import priced_lines
from actions.visit import Events, ShopAction, Visit
from channels.messages import Ask
from commerce_client.models import Delivery, DeliveryZone, Quote

LATEST = 5
# Who says so wants it to go elsewhere than the last time, or was just told that a place isn't served.
_ELSEWHERE = frozenset({"change_checkout", "change_order", "deny", "set_delivery_address", "nlu_fallback"})


class ActionAskCustomerName(ShopAction):
    """Whose name goes on the order."""

    called = "action_ask_checkout_form_customer_name"

    async def act(self, visit: Visit) -> Events:
        """A plain question."""
        visit.ask("ask_customer_name")
        return []


class ActionAskDeliveryMethod(ShopAction):
    """Delivered or picked up."""

    called = "action_ask_checkout_form_delivery_method"

    async def act(self, visit: Visit) -> Events:
        """Two choices."""
        answers = [
            button("delivery", "choose_delivery_method", delivery_method="delivery"),
            button("pickup", "choose_delivery_method", delivery_method="pickup"),
        ]
        visit.ask("ask_delivery_method", buttons=answers)
        return []


class ActionAskZone(ShopAction):
    """Which area it goes to."""

    called = "action_ask_checkout_form_zone_id"

    async def act(self, visit: Visit) -> Events:
        """Where it went the last time, if it may go there again; else the areas with their fees."""
        place = None if visit.heard.intent in _ELSEWHERE else await last_place(visit)
        if place is None:
            await ask_zone(visit)
            return []
        zone, address = place
        answers = [
            button("same_place", "set_delivery_address", zone_id=zone.id, address=address, answer="yes"),
            button("other_place", "change_checkout", part="zone", answer="no"),
        ]
        visit.ask("ask_same_place", address=f"{address} ({zone.name}, {zone_fee(zone)})", buttons=answers)
        return []


class ActionAskAddress(ShopAction):
    """Where exactly it goes."""

    called = "action_ask_checkout_form_address"

    async def act(self, visit: Visit) -> Events:
        """Written, or sent as a pin."""
        zones = {zone.id: zone.name for zone in await visit.shop.delivery_zones()}
        zone = zones.get(visit.slot("zone_id") or "", phrase("your_area"))
        visit.ask("ask_address", zone=zone, ask=Ask.LOCATION)
        return []


class ActionAskPaymentMethod(ShopAction):
    """How it is paid."""

    called = "action_ask_checkout_form_payment_method"

    async def act(self, visit: Visit) -> Events:
        """The shop's methods."""
        answers = [
            choice(
                method_name(method),
                "choose_payment_method",
                description=method_note(method),
                payment_method=method,
            )
            for method in await visit.shop.payment_methods()
        ]
        visit.ask("ask_payment_method", buttons=answers, opener="options")
        return []


class ActionAskPartToChange(ShopAction):
    """Which answer should be another."""

    called = "action_ask_checkout_form_part_to_change"

    async def act(self, visit: Visit) -> Events:
        """Area and address only when it is delivered."""
        is_delivered = visit.slot("delivery_method") == "delivery"
        parts = ["name", "method", *(["zone", "address"] if is_delivered else []), "payment", "items"]
        buttons = [button(f"change_{part}", "change_checkout", part=part) for part in parts]
        visit.say(
            "ask_what_to_change",
            buttons=[*buttons, button("nothing", "change_checkout", part="nothing")],
            opener="options",
        )
        return []


async def last_place(visit: Visit) -> tuple[DeliveryZone, str] | None:
    """The zone and address of the last order that was delivered; None when it isn't served any more."""
    zones = {zone.name: zone for zone in await visit.shop.delivery_zones()}
    for order in await visit.shop.orders(LATEST):
        if order.delivery_method == "delivery" and order.address and order.zone in zones:
            return zones[order.zone], order.address
    return None


async def ask_zone(visit: Visit) -> None:
    """Asks for the area."""
    zones = await visit.shop.delivery_zones()
    buttons = [
        choice(
            zone.name,
            "set_delivery_address",
            description=_zone_note(zone_fee(zone), zone.eta),
            zone_id=zone.id,
        )
        for zone in zones
    ]
    visit.ask("ask_zone", lines=zone_lines(zones), buttons=buttons, opener="areas")


def _zone_note(fee: str, eta: str | None) -> str:
    return f"{fee}{phrase('eta', eta=eta)}" if eta else fee


async def say_not_served(visit: Visit) -> None:
    """That the place named is on no delivery round. The areas are asked for again right after."""
    visit.say("zone_not_served", words=address_in(visit.heard.text))


async def ask_items(visit: Visit) -> None:
    """How the cart is changed in the middle of a checkout."""
    visit.say("ask_change_items")


async def summarise(visit: Visit, delivery: Delivery) -> int:
    """The whole order in one message; its total in minor units. Raises ApiRefused as ``Shop.quote``."""
    quote = await visit.shop.quote(delivery)
    cart = await visit.shop.cart()
    where, place = await _delivery_lines(visit, delivery, quote)
    answers = [
        button("confirm", "confirm_order", answer="yes"),
        button("change", "change_checkout", answer="no"),
        button("not_now", "stop"),
    ]
    visit.say(
        "summary",
        lines=priced_lines(cart.lines),
        subtotal=written(quote.subtotal),
        delivery=where,
        total=written(quote.total),
        name=visit.slot("customer_name"),
        place=place,
        payment=method_name(visit.slot("payment_method")),
        buttons=answers,
    )
    return quote.total.amount


async def _delivery_lines(visit: Visit, delivery: Delivery, quote: Quote) -> tuple[str, str]:
    """What the delivery costs, and where it goes."""
    if delivery.method == "pickup":
        known = await visit.shop.conversation()
        place = (
            phrase("pickup_place", address=known.shop_address)
            if known.shop_address
            else phrase("pickup_at_shop")
        )
        return phrase("pickup_line"), place
    zones = {zone.id: zone.name for zone in await visit.shop.delivery_zones()}
    fee = written(quote.delivery_fee) if quote.delivery_fee.amount else phrase("free")
    zone = zones.get(delivery.zone_id or "", phrase("your_area"))
    return phrase("delivery_line", zone=zone, fee=fee), phrase("address_line", address=delivery.address or "")
