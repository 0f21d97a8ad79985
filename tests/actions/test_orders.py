"""Orders, payments, delivery and people, by chat."""

from typing import Any

import pytest

from actions.checkout import ActionPlaceOrder
from actions.delivery import ActionKeepAddress, ActionKeepName, ActionTellDelivery, ActionTellHours
from actions.greeting import ActionGreet
from actions.handoff import ActionHandOff
from actions.orders import ActionAskCancelOrder, ActionCancelOrder, ActionTrackOrder
from actions.payments import (
    ActionPaymentIssue,
    ActionPaymentUpdate,
    ActionSendPaymentLink,
    ActionTellPaymentMethods,
)
from actions.small_talk import ActionFallback
from tests.actions.shop import Refused, StandInShop
from tests.actions.test_checkout import BLUE, DELIVERED
from tests.actions.visitor import Visitor, item


@pytest.fixture
async def ordered(shop: StandInShop, visitor: Visitor) -> dict[str, Any]:
    """An order to be paid online, placed through the chat."""
    shop.cart = {BLUE: 2}
    visitor.slots = {**DELIVERED, "order_confirmed": True}
    await visitor.hear(ActionPlaceOrder(), "confirm_order")
    return shop.orders[0]


async def test_without_orders_tracking_leads_to_the_shop(visitor: Visitor) -> None:
    await visitor.hear(ActionTrackOrder(), "track_order")
    assert visitor.reply.response == "no_orders"


async def test_the_latest_order_is_tracked_with_its_state_in_words(
    ordered: dict[str, Any], visitor: Visitor
) -> None:
    ordered["state"] = "out_for_delivery"
    await visitor.hear(ActionTrackOrder(), "track_order")
    assert visitor.reply.message["state"] == "on its way to you"


@pytest.mark.parametrize("number", ["mn 7k4q2", "MN7K4Q2", "MN-7K4Q2"])
async def test_a_number_is_found_however_it_is_typed(
    ordered: dict[str, Any], visitor: Visitor, number: str
) -> None:
    await visitor.hear(ActionTrackOrder(), "track_order", picked={"order": number})
    assert visitor.reply.message["number"] == ordered["number"]


async def test_an_order_of_nobody_is_not_found(ordered: dict[str, Any], visitor: Visitor) -> None:
    await visitor.hear(ActionTrackOrder(), "track_order", picked={"order": "MN-22222"})
    assert visitor.reply.response == "order_unknown"


async def test_news_of_an_order_are_told(ordered: dict[str, Any], visitor: Visitor) -> None:
    ordered["state"] = "packed"
    await visitor.hear(ActionTrackOrder(), "track_order", picked={"order": "MN-7K4Q2", "state": "packed"})
    assert (visitor.reply.response, visitor.reply.message["state"]) == (
        "order_moved",
        "packed and ready to go",
    )


async def test_an_order_is_cancelled_only_after_being_asked(
    ordered: dict[str, Any], shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ActionAskCancelOrder(), "cancel_order")
    assert shop.asked("orders/.+/cancel") == []
    intent, entities = visitor.reply.choices["Yes, cancel it"]
    await visitor.hear(ActionCancelOrder(), intent, picked=entities)
    assert visitor.reply.response == "order_cancelled"


async def test_what_is_on_its_way_is_cancelled_by_a_person(ordered: dict[str, Any], visitor: Visitor) -> None:
    ordered["state"] = "out_for_delivery"
    await visitor.hear(ActionAskCancelOrder(), "cancel_order")
    assert visitor.reply.response == "cannot_cancel"
    assert visitor.reply.choices["Talk to a person"][0] == "talk_to_human"


async def test_a_payment_that_arrived_is_thanked_for(ordered: dict[str, Any], visitor: Visitor) -> None:
    ordered["is_paid"] = True
    await visitor.hear(
        ActionPaymentUpdate(), "payment_update", picked={"order": "MN-7K4Q2", "status": "paid"}
    )
    assert (visitor.reply.response, visitor.reply.message["total"]) == ("payment_received", "₦7,000")


async def test_a_payment_that_failed_can_be_tried_again(ordered: dict[str, Any], visitor: Visitor) -> None:
    await visitor.hear(
        ActionPaymentUpdate(), "payment_update", picked={"order": "MN-7K4Q2", "status": "failed"}
    )
    assert visitor.reply.message["custom"]["link"]["url"] == "http://pay.test/MN-7K4Q2"


async def test_the_pay_page_is_sent_again_on_asking(ordered: dict[str, Any], visitor: Visitor) -> None:
    await visitor.hear(ActionSendPaymentLink(), "ask_payment_link")
    assert visitor.reply.response == "payment_link"


async def test_a_doubtful_payment_warns_of_paying_twice(ordered: dict[str, Any], visitor: Visitor) -> None:
    await visitor.hear(ActionPaymentIssue(), "payment_issue")
    assert (visitor.reply.response, "Talk to a person" in visitor.reply.choices) == ("payment_issue", True)


async def test_ways_to_pay_are_told(visitor: Visitor) -> None:
    await visitor.hear(ActionTellPaymentMethods(), "ask_payment_methods")
    assert visitor.reply.message["lines"].startswith("1. Pay online: Card")


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("how much is delivery to ajah", "delivery_zone"),
        ("do you deliver to ikejaa?", "delivery_zone"),
        ("delivery fee", "delivery_zones"),
    ],
)
async def test_the_fee_is_told_to_the_place_named(visitor: Visitor, text: str, response: str) -> None:
    await visitor.hear(ActionTellDelivery(), "ask_delivery", text)
    assert visitor.reply.response == response


async def test_an_address_given_early_is_remembered_with_its_area(visitor: Visitor) -> None:
    await visitor.hear(ActionKeepAddress(), "set_delivery_address", "deliver to 12 Allen Avenue, Ikeja")
    assert (visitor.slots["address"], visitor.slots["zone_id"]) == ("12 Allen Avenue, Ikeja", "ikeja")


async def test_a_name_given_early_is_remembered(shop: StandInShop, visitor: Visitor) -> None:
    await visitor.hear(ActionKeepName(), "give_name", "my name is Kemi Ojo")
    assert shop.asked("remember") == [{"name": "Kemi Ojo", "language": None}]


@pytest.mark.parametrize(("is_open", "response"), [(True, "hours_open"), (False, "hours_closed")])
async def test_hours_say_whether_the_shop_is_open(
    shop: StandInShop, visitor: Visitor, is_open: bool, response: str
) -> None:
    shop.is_open = is_open
    await visitor.hear(ActionTellHours(), "ask_opening_hours")
    assert visitor.reply.response == response


async def test_greeting_names_shop_and_shopper(visitor: Visitor) -> None:
    await visitor.hear(ActionGreet(), "greet")
    assert (visitor.reply.message["shop"], visitor.reply.message["name"]) == ("Mama Ngozi", "Bola")
    assert list(visitor.reply.choices) == ["Browse", "My cart", "Track my order", "Talk to us"]


@pytest.mark.parametrize(
    ("intent", "is_open", "response"),
    [
        ("talk_to_human", True, "handed_off"),
        ("talk_to_human", False, "handed_off_closed"),
        ("complaint", True, "complaint_handed_off"),
        ("return_or_refund", True, "return_handed_off"),
    ],
)
async def test_a_person_is_called_and_it_is_said_so(
    shop: StandInShop,
    visitor: Visitor,
    intent: str,
    is_open: bool,
    response: str,
) -> None:
    shop.is_open = is_open
    await visitor.hear(ActionHandOff(), intent)
    (called,) = shop.asked("handoff")
    assert (visitor.reply.response, called["reason"]) == (response, intent)


async def test_not_understood_asks_better_then_offers_a_person_then_calls_one(
    shop: StandInShop, visitor: Visitor
) -> None:
    said = []
    for _ in range(3):
        await visitor.hear(ActionFallback(), "nlu_fallback", "zxcv", items=[item(None, "zxcv")])
        said.append(visitor.reply.response)
    assert said == ["ask_rephrase", "offer_person", "handed_off"]
    (called,) = shop.asked("handoff")
    assert called["reason"] == "not_understood"
    assert called["summary"].endswith("“zxcv” / “zxcv” / “zxcv”")
    assert len(shop.asked("not-understood")) == 3, "each is written down, for those who improve the assistant"


async def test_what_can_not_be_counted_is_answered_all_the_same(shop: StandInShop, visitor: Visitor) -> None:
    shop.refusals["not-understood"] = Refused(404, "not_found")
    await visitor.hear(ActionFallback(), "nlu_fallback", "zxcv", items=[item(None, "zxcv")])
    assert visitor.reply.response == "ask_rephrase"


async def test_a_bare_name_of_goods_is_searched_for(shop: StandInShop, visitor: Visitor) -> None:
    await visitor.hear(ActionFallback(), "nlu_fallback", "thread", items=[item(None, "thread")])
    assert shop.asked("not-understood") == []
    assert (visitor.reply.response, visitor.reply.message["name"]) == ("product", "Sewing thread")
