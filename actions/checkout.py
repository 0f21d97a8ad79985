"""The checkout form: what is asked, in which order, and the order that comes of it."""

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions import answers, asking
from actions.adding import offer_facts
from actions.cart import accept_offer, decline_offer
from actions.choices import button, numbered
from actions.heard import FORM
from actions.memory import CHANGED
from actions.money import written
from actions.payments import link_of, say_link, what_next
from actions.phrases import phrase
from actions.shelves import line_named
from actions.visit import Events, ShopAction, Visit, focus
from channels.messages import Location
from commerce_client.errors import ApiRefused
from commerce_client.models import Delivery, Order

SLOTS = (
    "customer_name",
    "delivery_method",
    "zone_id",
    "address",
    "location",
    "payment_method",
    "order_confirmed",
)
NOTHING_NEW: answers.Answers = {"part_to_change": None}
"""Keeps the message in the form's hands though it fills nothing: the same is asked again."""


class ActionBeginCheckout(ShopAction):
    """Opens the checkout when there is something to check out; what goes well with it is offered before."""

    called = "action_begin_checkout"
    is_buying = True

    async def act(self, visit: Visit) -> Events:
        """``checkout_ready`` tells the rules whether the form begins."""
        said = await _answer_offer(visit)
        cart = await visit.shop.cart()
        if not cart.lines:
            visit.say(
                "cart_empty", buttons=[button("browse", "browse_catalog"), button("track", "track_order")]
            )
            return [SlotSet("checkout_ready", False)]
        offer = None if said else await visit.shop.offer_upsell()
        if offer:
            picks = [
                button("yes_add", "checkout", offer_id=offer.id, status="accepted", answer="yes"),
                button("just_checkout", "checkout", offer_id=offer.id, status="declined", answer="no"),
            ]
            visit.say("upsell_before_checkout", buttons=picks, **offer_facts(offer))
            return [SlotSet("checkout_ready", False)]
        method = (
            visit.heard.value("delivery_method") if visit.heard.intent == "choose_delivery_method" else None
        )
        chosen = [SlotSet("delivery_method", method)] if method else []
        return [SlotSet("checkout_ready", True), SlotSet("order_confirmed", None), *chosen]


async def _answer_offer(visit: Visit) -> bool:
    """Records the answer to an offer made on the way here; whether one was answered."""
    offer_id, status = visit.heard.value("offer_id"), visit.heard.value("status")
    if not offer_id or status not in {"accepted", "declined"}:
        return False
    if status == "declined":
        await decline_offer(visit, offer_id)
        return True
    line, cart = await accept_offer(visit, offer_id)
    if line:
        visit.say("upsell_accepted", name=line_named(line), total=written(cart.total))
    return True


class ValidateCheckoutForm(ShopAction):
    """Reads the answers out of a message and says what to ask next.

    A message that answers nothing gives no slots: the form then lets the rules answer it, and asks again.
    """

    called = "validate_checkout_form"

    async def act(self, visit: Visit) -> Events:
        """Any answer may be given at any time."""
        requested = visit.slot("requested_slot") if visit.is_in_checkout else None
        changed: answers.Answers = {}
        if requested and visit.answered_by is None:
            changed = await _read(visit, requested)
            if not changed:
                return []
        slots = {name: visit.slot(name) for name in SLOTS} | changed
        if not any(value is None for name, value in changed.items() if name == "customer_name"):
            changed |= await _known_already(visit, slots, requested)
        slots |= changed
        following = _next(slots, changed)
        _say_changed(visit, changed, following)
        return [
            *(SlotSet(name, value) for name, value in changed.items()),
            SlotSet("requested_slot", following),
        ]


def _say_changed(visit: Visit, changed: answers.Answers, following: str | None) -> None:
    """Repeats an answer that replaces another; the summary needs no such word, since it shows them all."""
    if following == "order_confirmed":
        return
    for name in ("customer_name", "address"):
        before, after = visit.slot(name), changed.get(name)
        if before and after and before != after:
            visit.say("answer_changed", answer=after)


async def _read(visit: Visit, requested: str) -> answers.Answers:
    changed = await answers.read(visit, requested)
    method = changed.get("payment_method")
    if method and method not in await visit.shop.payment_methods():
        changed = {"payment_method": None}
    if changed.get("part_to_change") == "items":
        await asking.ask_items(visit)
        return dict(NOTHING_NEW)
    if changed.get("part_to_change") == "nothing":
        return dict(NOTHING_NEW)
    if changed:
        return changed
    if requested == "order_confirmed" and visit.heard.intent == "deny":
        return {"part_to_change": answers.ASK_PART}
    if requested == "zone_id" and visit.heard.intent in {"set_delivery_address", "nlu_fallback"}:
        await asking.say_not_served(visit)
        return dict(NOTHING_NEW)
    return dict(NOTHING_NEW) if visit.heard.intent in answers.ASKED_AGAIN else {}


async def _known_already(visit: Visit, slots: answers.Answers, requested: str | None) -> answers.Answers:
    """What needs no asking: the name the shopper goes by, the only way to get or to pay it."""
    known: answers.Answers = {}
    if slots["customer_name"] is None and requested != "customer_name":
        name = (await visit.shop.conversation()).contact_name
        known |= {"customer_name": name} if name else {}
    if slots["delivery_method"] is None and requested is None and not await visit.shop.delivery_zones():
        known["delivery_method"] = "pickup"
    if slots["payment_method"] is None and requested is None:
        methods = await visit.shop.payment_methods()
        known |= {"payment_method": methods[0]} if len(methods) == 1 else {}
    return known


def _next(slots: answers.Answers, changed: answers.Answers) -> str | None:
    """The next thing to ask; None when everything is said and confirmed."""
    if changed.get("part_to_change") == answers.ASK_PART:
        return "part_to_change"
    needed = ["customer_name", "delivery_method"]
    if slots["delivery_method"] == "delivery":
        needed += ["zone_id", "address"]
    needed += ["payment_method", "order_confirmed"]
    asked_again = [name for name in needed if name in changed and changed[name] is None]
    missing = [name for name in needed if slots[name] is None]
    return next(iter([*asked_again, *missing]), None)


def delivery_said(visit: Visit) -> Delivery:
    """How the order is to reach the shopper, from the form's answers."""
    if visit.slot("delivery_method") == "pickup":
        return Delivery("pickup")
    pin = visit.slot("location")
    location = (
        Location(**{name: pin.get(name) for name in ("latitude", "longitude", "name", "address")})
        if pin
        else None
    )
    return Delivery("delivery", visit.slot("zone_id"), visit.slot("address"), location)


class ActionAskOrderConfirmed(ShopAction):
    """Shows the whole order and asks for a yes."""

    called = "action_ask_checkout_form_order_confirmed"

    async def act(self, visit: Visit) -> Events:
        """Leaves the form when the cart was emptied meanwhile; asks the area again when it isn't served."""
        try:
            total = await asking.summarise(visit, delivery_said(visit))
        except ApiRefused as refusal:
            if refusal.code == "cart_empty":
                visit.say("cart_empty", buttons=[button("browse", "browse_catalog")])
                return [ActiveLoop(None), SlotSet("requested_slot", None)]
            if refusal.code != "zone_unknown":
                raise
            visit.say("zone_gone")
            await asking.ask_zone(visit)
            return [SlotSet("zone_id", None), SlotSet("requested_slot", "zone_id")]
        return [SlotSet("agreed_total", total)]


class ActionPlaceOrder(ShopAction):
    """Places the order that was confirmed, and gives the page to pay it."""

    called = "action_place_order"

    async def act(self, visit: Visit) -> Events:
        """Does nothing unless the shopper said yes to the summary."""
        if visit.slot("order_confirmed") is not True:
            return []
        name, method = visit.slot("customer_name"), visit.slot("payment_method")
        try:
            order = await visit.shop.place_order(
                customer_name=name,
                delivery=delivery_said(visit),
                payment_method=method,
                expected_total=visit.slot("agreed_total"),
            )
        except ApiRefused as refusal:
            return _not_placed(visit, refusal)
        await visit.shop.remember(name=name)
        await _say_placed(visit, order, name.split(" ")[0])
        return [
            SlotSet("order_confirmed", None),
            SlotSet("checkout_ready", None),
            SlotSet(CHANGED, None),
            *focus(),
        ]


async def _say_placed(visit: Visit, order: Order, name: str) -> None:
    following = what_next(order)
    if order.payment_method != "pay_link":
        track = [button("track", "track_order"), button("keep_shopping", "browse_catalog")]
        total = written(order.total)
        visit.say(
            "order_placed_cash",
            name=name,
            number=order.number,
            total=total,
            next=following,
            buttons=track,
            is_last=True,
        )
        return
    link = await link_of(visit, order)
    if link:
        say_link(visit, "order_placed_link", order, link, name=name, next=following, is_last=True)
        return
    again = button("get_link", "ask_payment_link", order=order.number, answer="yes")
    total = written(order.total)
    visit.say("order_placed_no_link", name=name, number=order.number, total=total, buttons=[again])


def _not_placed(visit: Visit, refusal: ApiRefused) -> Events:
    """Why there is no order, and how to go on; the cart is as it was."""
    again = [SlotSet("order_confirmed", None)]
    if refusal.code == "out_of_stock":
        lines = [_left(line) for line in refusal.facts.get("lines") or []]
        visit.say("order_out_of_stock", lines=numbered(lines), buttons=[button("view_cart", "view_cart")])
        return again
    if refusal.code == "cart_empty":
        visit.say("cart_empty", buttons=[button("browse", "browse_catalog"), button("track", "track_order")])
        return again
    if refusal.code == "zone_unknown":
        visit.say("zone_gone")
        return [*again, SlotSet("zone_id", None), SlotSet("address", None), FollowupAction(FORM)]
    if refusal.code == "price_changed":
        visit.say("price_changed")
        return [*again, FollowupAction(FORM)]
    raise refusal


def _left(line: dict[str, object]) -> str:
    name = f"{line.get('product')} ({line['variant']})" if line.get("variant") else line.get("product")
    available = line.get("available") or 0
    return phrase("left_line" if available else "sold_out_line", name=name, available=available)
