"""Shoppers who come back: greeted by name and hour, reminded of their cart, served as the last time."""

from typing import Any

import pytest

from actions.asking import ActionAskZone
from actions.checkout import ActionPlaceOrder, ValidateCheckoutForm
from actions.delivery import ActionTellHours, day_named
from actions.greeting import ActionGreet, part_of_day
from actions.handoff import ActionHandOff, ActionTellReturns
from actions.languages import ActionSessionStart
from actions.orders import ActionReorder
from actions.small_talk import ActionFallback
from tests.actions.shop import StandInShop
from tests.actions.test_checkout import DELIVERED
from tests.actions.visitor import Visitor, item

BLUE = "ankara-fabric/blue"


async def order(shop: StandInShop, visitor: Visitor) -> None:
    """Two yards of blue ankara, delivered to Allen Avenue."""
    shop.cart = {BLUE: 2}
    visitor.slots = {**DELIVERED, "order_confirmed": True}
    await visitor.hear(ActionPlaceOrder(), "confirm_order")
    visitor.slots = {}


@pytest.mark.parametrize(
    ("hour", "part"),
    [(3, "evening"), (4, "morning"), (11, "morning"), (12, "afternoon"), (17, "evening"), (23, "evening")],
)
def test_the_day_has_three_parts(hour: int, part: str) -> None:
    assert part_of_day(f"2026-11-23T{hour:02}:30:00+01:00") == part


async def test_the_greeting_knows_the_hour_and_the_name(shop: StandInShop, visitor: Visitor) -> None:
    shop.local_time = "2026-11-23T18:30:00+01:00"
    await visitor.hear(ActionGreet(), "greet")
    said = visitor.reply.message
    assert (visitor.reply.response, said["greeting"], said["name"]) == (
        "greet_by_name",
        "Good evening",
        "Bola",
    )


async def test_a_greeting_is_in_the_language_spoken(shop: StandInShop, visitor: Visitor) -> None:
    visitor.slots["language"] = "sw"
    await visitor.hear(ActionGreet(), "greet")
    assert visitor.reply.message["greeting"] == "Habari ya asubuhi"


async def test_an_open_cart_is_mentioned(shop: StandInShop, visitor: Visitor) -> None:
    shop.cart = {BLUE: 2}
    await visitor.hear(ActionGreet(), "greet")
    assert (visitor.reply.response, visitor.reply.message["total"]) == ("greet_open_cart", "₦5,000")
    assert "Checkout" in visitor.reply.choices


async def test_the_same_as_last_time_is_in_the_cart_again(shop: StandInShop, visitor: Visitor) -> None:
    await order(shop, visitor)
    await visitor.hear(ActionGreet(), "greet")
    assert "Same as last time" in visitor.reply.choices
    await visitor.hear(ActionReorder(), "reorder")
    assert (visitor.reply.response, shop.cart) == ("reordered", {BLUE: 2})


async def test_what_can_not_be_had_again_is_told(shop: StandInShop, visitor: Visitor) -> None:
    await order(shop, visitor)
    shop.orders[0]["lines"][0]["quantity"] = 900
    await visitor.hear(ActionReorder(), "reorder")
    assert (visitor.reply.response, shop.cart) == ("reorder_missing", {})


async def test_who_never_ordered_has_nothing_to_repeat(visitor: Visitor) -> None:
    await visitor.hear(ActionReorder(), "reorder")
    assert visitor.reply.response == "no_orders"


async def test_the_last_address_is_offered_and_one_tap_takes_it(shop: StandInShop, visitor: Visitor) -> None:
    await order(shop, visitor)
    shop.cart, visitor.form = {BLUE: 1}, "checkout_form"
    visitor.slots = {**DELIVERED, "zone_id": None, "address": None, "requested_slot": "zone_id"}
    visitor.slots["payment_method"] = None
    await visitor.hear(ActionAskZone(), "choose_delivery_method")
    assert "12 Allen Avenue" in visitor.reply.message["address"]
    intent, entities = visitor.reply.choices["Yes, same place"]
    await visitor.hear(ValidateCheckoutForm(), intent, picked=entities)
    kept = visitor.slots
    assert (kept["zone_id"], kept["address"], kept["requested_slot"]) == (
        "ikeja",
        "12 Allen Avenue",
        "payment_method",
    )


async def test_another_place_asks_for_the_areas(shop: StandInShop, visitor: Visitor) -> None:
    await order(shop, visitor)
    visitor.form = "checkout_form"
    await visitor.hear(ActionAskZone(), "change_checkout")
    assert visitor.reply.response.startswith("ask_zone")


@pytest.mark.parametrize(
    ("text", "response"),
    [("are you open on saturday", "hours_day_open"), ("mko wazi jumapili", "hours_day_closed")],
)
async def test_opening_on_a_day_is_answered_for_that_day(visitor: Visitor, text: str, response: str) -> None:
    await visitor.hear(ActionTellHours(), "ask_opening_hours", text)
    assert visitor.reply.response == response


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("ouvert dimanche ?", "sun"),
        ("kuna buɗe ranar Juma'a", "fri"),
        ("ṣé ẹ ṣí ní Ọjọ́ Àìkú", "sun"),
        ("open tomorrow?", "tue"),
        ("kesho mko wazi", "tue"),
        ("when do you open", None),
    ],
)
def test_a_day_is_heard_in_every_language(text: str, day: str | None) -> None:
    assert day_named(text, "2026-11-23T10:00:00+01:00") == day


async def test_the_shops_word_on_returns_is_told(shop: StandInShop, visitor: Visitor) -> None:
    shop.returns_policy = "Within 7 days."
    await visitor.hear(ActionTellReturns(), "return_or_refund")
    assert (visitor.reply.response, shop.asked("handoff")) == ("returns_policy", [])
    assert [meant for meant, _ in visitor.reply.choices.values()] == ["talk_to_human", "deny"]


async def test_without_a_word_on_returns_a_person_is_called(shop: StandInShop, visitor: Visitor) -> None:
    await visitor.hear(ActionTellReturns(), "return_or_refund")
    assert (visitor.reply.response, len(shop.asked("handoff"))) == ("return_handed_off", 1)


async def test_the_person_called_reads_a_paragraph_in_the_shops_language(
    shop: StandInShop, visitor: Visitor
) -> None:
    await order(shop, visitor)
    shop.languages, shop.cart = ("fr",), {BLUE: 2}
    await visitor.hear(ActionHandOff(), "complaint", "this cloth don tear, I vex")
    (called,) = shop.asked("handoff")
    assert called["summary"].startswith("Bola Ade a une réclamation. Panier : 2 × Ankara fabric (Blue)")
    assert "MN-7K4Q2" in called["summary"]
    assert "“this cloth don tear, I vex”" in called["summary"]


async def test_what_was_not_understood_is_guessed_from_what_it_may_mean(
    shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ActionFallback(), "nlu_fallback", "zz", ranking=["nlu_fallback", "ask_delivery"])
    assert next(iter(visitor.reply.choices)) == "Delivery"
    (noted,) = shop.asked("not-understood")
    assert noted["guess"] == "ask_delivery"


async def test_inside_the_checkout_a_person_is_offered_too(shop: StandInShop, visitor: Visitor) -> None:
    visitor.form = "checkout_form"
    said: list[Any] = []
    for _ in range(3):
        await visitor.hear(ActionFallback(), "nlu_fallback", "zxcv", items=[item(None, "zxcv")])
        said.append(visitor.reply.response)
        # The form asks its question again after each.
        visitor.events.append({"event": "bot", "metadata": {"utter_action": "utter_ask_address_again"}})
    assert said == ["ask_rephrase", "offer_person", "handed_off"]


@pytest.mark.parametrize(
    ("kept", "languages", "spoken"),
    [("ha", ("en", "ha"), "ha"), (None, ("sw", "en"), "sw"), (None, (), None)],
)
async def test_a_talk_begins_in_the_contacts_language_or_the_shops(
    shop: StandInShop, visitor: Visitor, kept: str | None, languages: tuple[str, ...], spoken: str | None
) -> None:
    shop.language, shop.languages = kept, languages
    await visitor.hear(ActionSessionStart(), "greet")
    assert visitor.slots.get("language") == spoken


async def test_an_api_that_is_down_costs_the_language_alone(shop: StandInShop, visitor: Visitor) -> None:
    shop.is_down = True
    events = await visitor.hear(ActionSessionStart(), "greet")
    assert [event["event"] for event in events] == ["session_started", "action"]
    assert visitor.replies == []


async def test_another_language_is_kept_once(shop: StandInShop, visitor: Visitor) -> None:
    visitor.slots = {"language": "sw", "language_kept": "en"}
    for _ in range(2):
        await visitor.hear(ActionGreet(), "greet")
    assert shop.asked("remember") == [{"name": None, "language": "sw"}]
