"""The checkout form's mind: what a message answers, what is asked next, and the order that comes of it."""

from typing import Any

import pytest

from actions.asking import ActionAskPartToChange, ActionAskZone
from actions.checkout import (
    ActionAskOrderConfirmed,
    ActionBeginCheckout,
    ActionPlaceOrder,
    ValidateCheckoutForm,
)
from tests.actions.shop import Refused, StandInShop
from tests.actions.visitor import Visitor

BLUE = "ankara-fabric/blue"
FORM = ValidateCheckoutForm()
DELIVERED = {
    "customer_name": "Bola Ade",
    "delivery_method": "delivery",
    "zone_id": "ikeja",
    "address": "12 Allen Avenue",
    "location": None,
    "payment_method": "pay_link",
    "order_confirmed": None,
    "part_to_change": None,
}


@pytest.fixture
def form(shop: StandInShop, visitor: Visitor) -> Visitor:
    """A shopper in the middle of the form, with everything answered but the last yes."""
    shop.cart = {BLUE: 2}
    visitor.form, visitor.slots = "checkout_form", {**DELIVERED, "requested_slot": "order_confirmed"}
    return visitor


async def answer(
    visitor: Visitor, requested: str, intent: str, text: str = "", **facts: Any
) -> list[dict[str, Any]]:
    visitor.slots["requested_slot"] = requested
    if requested in DELIVERED:
        visitor.slots[requested] = None
    return await visitor.hear(FORM, intent, text, **facts)


async def test_an_empty_cart_has_nothing_to_check_out(visitor: Visitor) -> None:
    await visitor.hear(ActionBeginCheckout(), "checkout")
    assert (visitor.reply.response, visitor.slots["checkout_ready"]) == ("cart_empty", False)


async def test_something_is_offered_once_before_checkout_and_no_goes_straight_on(
    shop: StandInShop, visitor: Visitor
) -> None:
    shop.cart = {BLUE: 2}
    await visitor.hear(ActionBeginCheckout(), "checkout")
    assert (visitor.reply.response, visitor.slots["checkout_ready"]) == ("upsell_before_checkout", False)
    intent, entities = visitor.reply.choices["No, just checkout"]
    await visitor.hear(ActionBeginCheckout(), intent, picked=entities)
    assert visitor.slots["checkout_ready"] is True
    assert shop.asked("upsell-offers/o1/answer") == [{"accepted": False}]


async def test_the_name_is_known_and_the_delivery_asked_first(shop: StandInShop, visitor: Visitor) -> None:
    shop.cart = {BLUE: 2}
    await visitor.hear(FORM, "checkout")
    assert (visitor.slots["customer_name"], visitor.slots["requested_slot"]) == (
        "Bola Ade",
        "delivery_method",
    )


async def test_a_shopper_without_a_name_is_asked_for_it(shop: StandInShop, visitor: Visitor) -> None:
    shop.name, shop.cart = None, {BLUE: 2}
    await visitor.hear(FORM, "checkout")
    assert visitor.slots["requested_slot"] == "customer_name"
    visitor.form = "checkout_form"
    await visitor.hear(FORM, "nlu_fallback", "my name is kemi ojo")
    assert (visitor.slots["customer_name"], visitor.slots["requested_slot"]) == (
        "Kemi Ojo",
        "delivery_method",
    )


async def test_a_shop_with_one_way_to_pay_and_no_zones_asks_neither(
    shop: StandInShop, visitor: Visitor
) -> None:
    shop.methods, shop.zones, shop.cart = ("cash_on_delivery",), (), {BLUE: 2}
    await visitor.hear(FORM, "checkout")
    assert visitor.slots["requested_slot"] == "order_confirmed"


@pytest.mark.parametrize(
    ("requested", "intent", "text", "slot", "value"),
    [
        ("zone_id", "nlu_fallback", "lekki", "zone_id", "lekki"),
        ("zone_id", "nlu_fallback", "ikeja pls", "zone_id", "ikeja"),
        ("address", "set_delivery_address", "5 Broad Street, Marina", "address", "5 Broad Street, Marina"),
        ("address", "add_to_cart", "14 adeniyi jones", "address", "14 adeniyi jones"),
        (
            "address",
            "nlu_fallback",
            "the yellow duplex after the mosque",
            "address",
            "the yellow duplex after the mosque",
        ),
        ("address", "nlu_fallback", "my address is 7 Ring Road", "address", "7 Ring Road"),
        ("customer_name", "greet", "Grace Njeri", "customer_name", "Grace Njeri"),
    ],
)
async def test_free_text_answers_what_was_asked(
    form: Visitor, requested: str, intent: str, text: str, slot: str, value: str
) -> None:
    form.slots["requested_slot"], form.slots[slot] = requested, None
    await form.hear(FORM, intent, text, confidence=0.4)
    assert form.slots[slot] == value


@pytest.mark.parametrize(
    ("requested", "intent", "text"),
    [
        ("address", "ask_price", "how much is palm oil"),
        ("address", "ask_delivery", "how much is delivery to ikeja?"),
        ("address", "view_cart", "show my cart"),
        ("customer_name", "search_product", "do you have rice"),
        ("order_confirmed", "ask_opening_hours", "when do you close"),
    ],
)
async def test_a_question_midway_is_left_to_the_rules(
    form: Visitor, requested: str, intent: str, text: str
) -> None:
    form.events.append({"event": "user"})
    assert await answer(form, requested, intent, text) == []


async def test_the_form_goes_on_with_the_same_question_after_the_talk(form: Visitor) -> None:
    form.slots |= {"address": None, "requested_slot": "address"}
    form.events += [{"event": "user"}, {"event": "action", "name": "action_tell_price"}]
    message = {
        "intent": {"name": "ask_price", "confidence": 1.0},
        "text": "how much",
        "entities": [],
        "metadata": {},
    }
    await form.run(FORM, message)
    assert form.slots["requested_slot"] == "address"


@pytest.mark.parametrize(
    ("before", "response"),
    [(None, "ask_zone"), ("action_begin_checkout", "ask_zone"), ("action_tell_price", "ask_zone_again")],
)
async def test_a_question_is_asked_in_other_words_after_straying_from_it(
    form: Visitor, before: str | None, response: str
) -> None:
    form.events += [{"event": "user"}, *([{"event": "action", "name": before}] if before else [])]
    await form.run(ActionAskZone(), {"intent": {}, "text": "", "entities": [], "metadata": {}})
    assert form.reply.response == response


async def test_a_pin_is_an_address(form: Visitor) -> None:
    pin = {"latitude": 6.4, "longitude": 3.4, "name": "Lekki Gate", "address": None}
    await answer(form, "address", "share_location", location=pin)
    assert (form.slots["address"], form.slots["location"]) == ("Lekki Gate", pin)


@pytest.mark.parametrize(
    ("intent", "text", "slot", "asked"),
    [
        ("change_checkout", "change my address", "address", "address"),
        ("change_checkout", "use another name", "customer_name", "customer_name"),
        ("change_checkout", "change payment method", "payment_method", "payment_method"),
        ("change_checkout", "wrong area", "zone_id", "zone_id"),
    ],
)
async def test_any_answer_can_be_asked_again(
    form: Visitor, intent: str, text: str, slot: str, asked: str
) -> None:
    await form.hear(FORM, intent, text)
    assert (form.slots[slot], form.slots["requested_slot"]) == (None, asked)


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("change address to 5 broad street, marina", "address", "5 broad street, marina"),
        ("change the name to Kemi Ojo", "customer_name", "Kemi Ojo"),
    ],
)
async def test_a_change_may_bring_its_new_answer(form: Visitor, text: str, slot: str, value: str) -> None:
    await form.hear(FORM, "change_checkout", text)
    assert (form.slots[slot], form.slots["requested_slot"]) == (value, "order_confirmed")


async def test_actually_pickup_drops_the_address_from_what_is_needed(form: Visitor) -> None:
    await form.hear(FORM, "choose_delivery_method", "actually pickup", picked={"delivery_method": "pickup"})
    assert (form.slots["delivery_method"], form.slots["requested_slot"]) == ("pickup", "order_confirmed")


async def test_a_way_to_pay_the_shop_does_not_take_is_asked_again(shop: StandInShop, form: Visitor) -> None:
    shop.methods = ("cash_on_delivery", "transfer")
    await answer(form, "payment_method", "choose_payment_method", picked={"payment_method": "pay_link"})
    assert form.slots["requested_slot"] == "payment_method"


async def test_a_place_out_of_reach_is_said_and_the_area_asked_again(form: Visitor) -> None:
    await answer(form, "zone_id", "nlu_fallback", "timbuktu")
    assert (form.reply.response, form.slots["requested_slot"]) == ("zone_not_served", "zone_id")


async def test_a_changed_answer_is_repeated_before_the_form_goes_on(form: Visitor) -> None:
    form.slots |= {"payment_method": None, "requested_slot": "payment_method"}
    await form.hear(FORM, "set_delivery_address", "change the address to 5 Commercial Avenue")
    assert (form.reply.response, form.reply.message["answer"]) == ("answer_changed", "5 Commercial Avenue")
    assert form.slots["requested_slot"] == "payment_method"


async def test_no_to_the_summary_asks_what_to_change(form: Visitor) -> None:
    await form.hear(FORM, "deny", "no")
    assert form.slots["requested_slot"] == "part_to_change"
    await form.hear(ActionAskPartToChange(), "deny")
    assert form.reply.choices["Address"][0] == "change_checkout"


async def test_only_a_yes_to_the_summary_confirms(form: Visitor) -> None:
    form.slots |= {"address": None, "requested_slot": "address"}
    await form.hear(FORM, "affirm", "yes")
    early = form.slots["order_confirmed"]
    form.slots |= {"address": "12 Allen Avenue", "requested_slot": "order_confirmed"}
    await form.hear(FORM, "affirm", "yes")
    assert [early, form.slots["order_confirmed"], form.slots["requested_slot"]] == [None, True, None]


async def test_a_late_yes_places_nothing(form: Visitor) -> None:
    await form.hear(FORM, "confirm_order", "Confirm order", late=True)
    assert (form.slots["order_confirmed"], form.slots["requested_slot"]) == (None, "order_confirmed")


async def test_the_summary_names_items_fee_total_place_and_payment(form: Visitor) -> None:
    await form.hear(ActionAskOrderConfirmed(), "inform")
    said = form.reply.message
    assert said["lines"] == "1. 2 × Ankara fabric (Blue): ₦5,000"
    assert (said["delivery"], said["total"]) == ("Delivery to Ikeja & Mainland North: ₦2,000", "₦7,000")
    assert (said["place"], said["payment"]) == ("Address: 12 Allen Avenue", "Pay online")


async def test_areas_are_asked_in_the_sellers_order_with_their_fees(form: Visitor) -> None:
    await form.hear(ActionAskZone(), "inform")
    assert form.reply.message["lines"].splitlines()[0] == "1. Lekki & Ajah: ₦3,500, next day"


async def test_a_confirmed_order_is_placed_and_its_pay_page_opened(shop: StandInShop, form: Visitor) -> None:
    form.slots["order_confirmed"] = True
    await form.hear(ActionPlaceOrder(), "confirm_order")
    assert form.reply.message["custom"]["link"] == {"title": "Pay now", "url": "http://pay.test/MN-7K4Q2"}
    delivery = {"method": "delivery", "zone_id": "ikeja", "address": "12 Allen Avenue", "location": None}
    expected = {"customer_name": "Bola Ade", "delivery": delivery, "payment_method": "pay_link"}
    assert shop.asked("orders") == [expected]
    assert form.slots["order_confirmed"] is None


async def test_an_order_is_placed_at_the_total_that_was_shown(shop: StandInShop, form: Visitor) -> None:
    await form.hear(ActionAskOrderConfirmed(), "inform")
    form.slots["order_confirmed"] = True
    await form.hear(ActionPlaceOrder(), "confirm_order")
    assert form.reply.response == "order_placed_link"
    assert shop.asked("orders")[0]["expected_total"] == 700_000


async def test_nothing_is_placed_without_a_yes(shop: StandInShop, form: Visitor) -> None:
    await form.hear(ActionPlaceOrder(), "confirm_order")
    assert (shop.orders, form.replies) == ([], [])


async def test_a_pay_page_that_does_not_answer_leaves_the_order_and_a_way_to_it(
    shop: StandInShop, form: Visitor
) -> None:
    form.slots["order_confirmed"] = True
    shop.refusals["orders/MN-7K4Q2/payment-link"] = Refused(409, "order_not_payable")
    await form.hear(ActionPlaceOrder(), "confirm_order")
    assert form.reply.response == "order_placed_no_link"
    assert form.reply.choices["Get payment page"] == (
        "ask_payment_link",
        {"order": "MN-7K4Q2", "answer": "yes", "number": 1},
    )


@pytest.mark.parametrize(
    ("code", "facts", "response"),
    [
        (
            "out_of_stock",
            {"lines": [{"product": "Ankara fabric", "variant": "Blue", "available": 1}]},
            "order_out_of_stock",
        ),
        ("cart_empty", {}, "cart_empty"),
        ("price_changed", {}, "price_changed"),
        ("zone_unknown", {}, "zone_gone"),
    ],
)
async def test_an_order_that_cannot_be_placed_says_why_and_asks_for_a_new_yes(
    shop: StandInShop, form: Visitor, code: str, facts: dict[str, Any], response: str
) -> None:
    form.slots["order_confirmed"] = True
    shop.refusals["orders"] = Refused(409, code, **facts)
    await form.hear(ActionPlaceOrder(), "confirm_order")
    assert (form.reply.response, form.slots["order_confirmed"]) == (response, None)


async def test_a_cart_emptied_midway_ends_the_form(shop: StandInShop, form: Visitor) -> None:
    shop.cart = {}
    events = await form.hear(ActionAskOrderConfirmed(), "remove_from_cart")
    assert {"event": "active_loop", "timestamp": None, "name": None} in events
