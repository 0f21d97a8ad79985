"""The cart in the chat: what goes in, what is asked, what is said when it can't be had."""

import pytest

from actions.adding import ActionAddToCart
from actions.cart import (
    ActionAcceptUpsell,
    ActionClearCart,
    ActionDeclineUpsell,
    ActionEmptyCart,
    ActionRemoveFromCart,
    ActionSetQuantity,
    ActionViewCart,
)
from tests.actions.shop import StandInShop
from tests.actions.visitor import Visitor, item

ADD, SET = ActionAddToCart(), ActionSetQuantity()
BLUE = "ankara-fabric/blue"


async def test_a_clear_request_is_in_the_cart_with_one_bubble_and_an_offer(
    shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[item(2, "ankara fabric", unit="yard", colour="blue")])
    assert shop.cart == {BLUE: 2}
    assert (visitor.reply.response, visitor.reply.message["added"]) == (
        "added_with_upsell",
        "2 × Ankara fabric (Blue)",
    )
    assert visitor.reply.choices["Yes, add it"][0] == "accept_upsell"


async def test_it_is_the_product_in_focus_and_the_rest_is_searched_for(
    shop: StandInShop, visitor: Visitor
) -> None:
    visitor.slots = {"product_id": "plain-ankara"}
    await visitor.hear(ADD, "add_to_cart", items=[item(3), item(1, "sewing thread")])
    assert shop.cart == {"plain-ankara/only": 3, "sewing-thread/only": 1}


async def test_a_missing_variant_is_asked_for_and_the_amount_comes_back_with_it(
    shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[item(2, "ankara fabric")])
    assert (shop.cart, visitor.reply.response) == ({}, "ask_variant")
    intent, entities = visitor.reply.choices["Red"]
    await visitor.hear(ADD, intent, picked=entities)
    assert shop.cart == {"ankara-fabric/red": 2}


async def test_an_unclear_product_is_asked_for_while_the_clear_one_is_added(
    shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[item(3, "palm oil"), item(1, "sewing thread")])
    assert shop.cart == {"sewing-thread/only": 1}
    assert [reply.response for reply in visitor.replies] == ["added", "ask_which_product"]
    intent, entities = visitor.replies[1].choices["Palm oil 1 L"]
    await visitor.hear(ADD, intent, picked=entities)
    assert shop.cart["palm-oil-1-l/only"] == 3


async def test_two_unclear_things_are_asked_for_one_after_the_other(
    shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[item(3, "palm oil"), item(2, "ankara fabric")])
    intent, entities = visitor.reply.choices["Palm oil 1 L"]
    await visitor.hear(ADD, intent, picked=entities)
    assert [reply.response for reply in visitor.replies] == ["added", "ask_variant"]
    intent, entities = visitor.replies[1].choices["Blue"]
    await visitor.hear(ADD, intent, picked=entities)
    assert shop.cart == {"palm-oil-1-l/only": 3, BLUE: 2}


async def test_five_litres_of_oil_is_one_bottle_of_that_size(shop: StandInShop, visitor: Visitor) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[item(5, "palm oil", unit="litre")])
    assert shop.cart == {"palm-oil-5-l/only": 1}


async def test_more_than_there_is_offers_what_is_left(shop: StandInShop, visitor: Visitor) -> None:
    shop.cart = {"ankara-fabric/red": 1}
    await visitor.hear(ADD, "add_to_cart", items=[item(6, "ankara fabric", colour="red")])
    assert (visitor.reply.response, visitor.reply.message["available"]) == ("only_left", 3)
    intent, entities = visitor.reply.choices["Yes, add 3"]
    await visitor.hear(ADD, intent, picked=entities)
    assert shop.cart == {"ankara-fabric/red": 4}


async def test_what_is_sold_out_is_said_so_and_something_alike_offered(
    shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[item(1, "dried fish")])
    assert (shop.cart, visitor.reply.response) == ({}, "sold_out")
    assert visitor.reply.choices["Show me similar"][0] == "search_product"


@pytest.mark.parametrize(
    ("problem", "response"),
    [
        ("fraction", "quantity_fraction"),
        ("negative", "quantity_invalid"),
        ("zero", "quantity_invalid"),
        ("too_many", "quantity_too_many"),
    ],
)
async def test_an_amount_that_cannot_be_sold_adds_nothing_and_a_number_then_does(
    shop: StandInShop, visitor: Visitor, problem: str, response: str
) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[{**item(None, "plain ankara"), "problem": problem}])
    assert (shop.cart, visitor.reply.response) == ({}, response)
    await visitor.hear(SET, "give_quantity", items=[item(2)])
    assert shop.cart == {"plain-ankara/only": 2}


async def test_a_colour_it_does_not_come_in_is_said(shop: StandInShop, visitor: Visitor) -> None:
    visitor.slots = {"product_id": "ankara-fabric"}
    await visitor.hear(ADD, "add_to_cart", items=[item(2, colour="purple")])
    assert (shop.cart, visitor.reply.response, visitor.reply.message["missed"]) == (
        {},
        "no_such_variant",
        "purple",
    )


async def test_make_it_three_changes_the_line_in_focus_and_the_offer_waits(
    shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[item(2, "ankara fabric", colour="blue")])
    offered = [
        {"title": title, "intent": i, "entities": e} for title, (i, e) in visitor.reply.choices.items()
    ]
    await visitor.hear(SET, "update_cart", items=[item(3)], offered=offered)
    assert (shop.cart, visitor.reply.response) == ({BLUE: 3}, "changed_with_upsell")
    intent, entities = visitor.reply.choices["Yes, add it"]
    await visitor.hear(ActionAcceptUpsell(), intent, picked=entities)
    assert (shop.cart, visitor.reply.response) == ({BLUE: 3, "sewing-thread/only": 1}, "upsell_accepted")


async def test_a_declined_offer_is_recorded(shop: StandInShop, visitor: Visitor) -> None:
    shop.cart = {BLUE: 1}
    await visitor.hear(ActionDeclineUpsell(), "decline_upsell", picked={"offer_id": "o1"})
    assert shop.asked("upsell-offers/o1/answer") == [{"accepted": False}]


async def test_a_bare_number_after_looking_at_a_product_adds_it(shop: StandInShop, visitor: Visitor) -> None:
    visitor.slots = {"product_id": "plain-ankara", "variant_id": "plain-ankara/only"}
    shop.cart = {BLUE: 1}
    await visitor.hear(SET, "give_quantity", items=[item(4)])
    assert shop.cart == {BLUE: 1, "plain-ankara/only": 4}


async def test_a_line_is_changed_by_name(shop: StandInShop, visitor: Visitor) -> None:
    shop.cart = {BLUE: 1, "sewing-thread/only": 1}
    await visitor.hear(SET, "update_cart", items=[item(5, "thread")])
    assert shop.cart == {BLUE: 1, "sewing-thread/only": 5}


async def test_removing_some_leaves_the_rest_and_removing_the_last_empties(
    shop: StandInShop, visitor: Visitor
) -> None:
    shop.cart = {BLUE: 3}
    await visitor.hear(ActionRemoveFromCart(), "remove_from_cart", items=[item(1, "ankara")])
    assert shop.cart == {BLUE: 2}
    await visitor.hear(ActionRemoveFromCart(), "remove_from_cart", items=[item(None, "ankara")])
    assert (shop.cart, visitor.reply.response) == ({}, "removed_last")


async def test_an_unclear_line_is_asked_for(shop: StandInShop, visitor: Visitor) -> None:
    shop.cart = {BLUE: 1, "sewing-thread/only": 1}
    await visitor.hear(ActionRemoveFromCart(), "remove_from_cart", items=[item(None, "rice")])
    assert visitor.reply.response == "not_in_cart"
    intent, entities = visitor.reply.choices["Sewing thread"]
    await visitor.hear(ActionRemoveFromCart(), intent, picked=entities)
    assert shop.cart == {BLUE: 1}


async def test_number_two_of_the_cart_is_its_second_line(shop: StandInShop, visitor: Visitor) -> None:
    shop.cart = {BLUE: 1, "sewing-thread/only": 1}
    await visitor.hear(ActionRemoveFromCart(), "remove_from_cart", picked={"place": 2})
    assert shop.cart == {BLUE: 1}


async def test_the_cart_is_emptied_only_after_being_asked(shop: StandInShop, visitor: Visitor) -> None:
    shop.cart = {BLUE: 2}
    await visitor.hear(ActionClearCart(), "clear_cart")
    assert (shop.cart, visitor.reply.choices["Yes, empty it"][0]) == ({BLUE: 2}, "confirm_clear_cart")
    await visitor.hear(ActionEmptyCart(), "confirm_clear_cart")
    assert shop.cart == {}


async def test_the_cart_shows_lines_and_total_as_the_market_writes_them(
    shop: StandInShop, visitor: Visitor
) -> None:
    shop.cart = {BLUE: 2}
    await visitor.hear(ActionViewCart(), "view_cart")
    assert visitor.reply.message["lines"] == "1. 2 × Ankara fabric (Blue): ₦5,000"
    assert visitor.reply.message["total"] == "₦5,000"


async def test_a_late_message_buys_only_after_a_yes(shop: StandInShop, visitor: Visitor) -> None:
    await visitor.hear(ADD, "add_to_cart", "2 plain ankara", items=[item(2, "plain ankara")], late=True)
    assert (shop.cart, visitor.reply.response) == ({}, "late_confirm")
    intent, entities = visitor.reply.choices["Yes, go ahead"]
    await visitor.hear(ADD, intent, picked=entities)
    assert shop.cart == {"plain-ankara/only": 2}


async def test_an_api_that_cannot_answer_is_apologised_for_and_can_be_tried_again(
    shop: StandInShop, visitor: Visitor
) -> None:
    shop.is_down = True
    await visitor.hear(ADD, "add_to_cart", items=[item(2, "plain ankara")])
    assert visitor.reply.response == "trouble"
    intent, entities = visitor.reply.choices["Try again"]
    shop.is_down = False
    await visitor.hear(ADD, intent, picked=entities)
    assert shop.cart == {"plain-ankara/only": 2}


async def test_every_change_carries_its_own_key_made_of_message_and_action(
    shop: StandInShop, visitor: Visitor
) -> None:
    await visitor.hear(ADD, "add_to_cart", items=[item(1, "plain ankara"), item(1, "sewing thread")])
    assert len(set(shop.keys)) == len(shop.keys)
    assert all(key.startswith("m1:action_add_to_cart:") for key in shop.keys)
