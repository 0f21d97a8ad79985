"""References to what was shown, taking back what was changed, and acts that wait behind another."""

import pytest

from actions.adding import ActionAddToCart
from actions.address import is_wrong_address
from actions.browsing import ActionBrowse, ActionSearch, ActionTellPrice
from actions.cart import ActionClearCart, ActionEmptyCart, ActionRemoveFromCart, ActionSetQuantity
from actions.checkout import ValidateCheckoutForm
from actions.orders import ActionReorder
from actions.undoing import ActionPickShown, ActionUndo
from tests.actions.shop import StandInShop
from tests.actions.test_acts import act, do
from tests.actions.visitor import Visitor, item

BLUE, RED = "ankara-fabric/blue", "ankara-fabric/red"


async def look_for_palm_oil(visitor: Visitor) -> None:
    await visitor.hear(ActionSearch(), "search_product", items=[item(words="palm oil")])


@pytest.mark.parametrize(("kind", "name"), [("cheapest", "Palm oil 1 L"), ("dearest", "Palm oil 5 L")])
async def test_the_cheaper_or_dearer_of_what_was_shown_is_shown(
    visitor: Visitor, shop: StandInShop, kind: str, name: str
) -> None:
    await look_for_palm_oil(visitor)
    await visitor.hear(ActionPickShown(), "pick_shown", picked={"reference": kind})
    assert visitor.reply.message["name"] == name


async def test_the_cheaper_one_can_be_asked_about_and_bought(visitor: Visitor, shop: StandInShop) -> None:
    await look_for_palm_oil(visitor)
    await visitor.hear(ActionTellPrice(), "ask_price", picked={"reference": "cheapest"})
    assert visitor.reply.message["name"] == "Palm oil 1 L"
    await look_for_palm_oil(visitor)
    bought = [item(2)]
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=bought, picked={"reference": "dearest"})
    assert shop.cart == {"palm-oil-5-l/only": 2}


async def test_both_puts_both_of_two_in_the_cart(visitor: Visitor, shop: StandInShop) -> None:
    await look_for_palm_oil(visitor)
    await visitor.hear(ActionPickShown(), "pick_shown", picked={"reference": "both"})
    assert shop.cart == {"palm-oil-1-l/only": 1, "palm-oil-5-l/only": 1}


async def test_the_other_is_the_one_not_in_focus(visitor: Visitor, shop: StandInShop) -> None:
    await look_for_palm_oil(visitor)
    await visitor.hear(ActionPickShown(), "pick_shown", picked={"reference": "cheapest"})
    await visitor.hear(ActionPickShown(), "pick_shown", picked={"reference": "other"})
    assert visitor.reply.message["name"] == "Palm oil 5 L"


async def test_the_other_instead_of_what_was_just_added_takes_its_place(
    visitor: Visitor, shop: StandInShop
) -> None:
    await visitor.hear(ActionTellPrice(), "ask_price", items=[item(words="ankara fabric")])
    await visitor.hear(
        ActionAddToCart(),
        "add_to_cart",
        items=[item(2)],
        picked={"product_id": "ankara-fabric", "variant_id": BLUE},
    )
    await visitor.hear(ActionPickShown(), "pick_shown", picked={"reference": "other"})
    assert shop.cart == {RED: 2}


async def test_that_red_one_is_the_one_shown_that_comes_in_it(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionSearch(), "search_product", items=[item(words="ankara")])
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(1, colour="red")])
    assert shop.cart == {RED: 1}


async def test_a_thing_of_another_kind_among_those_shown_is_not_the_cheaper_one(
    visitor: Visitor, shop: StandInShop
) -> None:
    shown = [
        ("palm-oil-1-l", "Palm oil 1 L", 3),
        ("palm-oil-5-l", "Palm oil 5 L", 9),
        ("sewing-thread", "Thread", 1),
    ]
    visitor.slots["shown"] = [
        {"product_id": product_id, "name": name, "price": price, "intent": "ask_product_details"}
        for product_id, name, price in shown
    ]
    await visitor.hear(ActionPickShown(), "pick_shown", picked={"reference": "cheapest"})
    assert visitor.reply.message["name"] == "Palm oil 1 L"


async def test_a_reference_to_nothing_shown_is_asked_about(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionPickShown(), "pick_shown", picked={"reference": "other"})
    assert visitor.reply.response == "ask_what_to_search"
    assert shop.cart == {}


async def test_the_same_again_is_as_much_once_more(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(3, "thread")])
    await visitor.hear(ActionReorder(), "reorder", picked={"reference": "same"})
    assert shop.cart == {"sewing-thread/only": 6}


async def test_what_was_added_last_is_taken_back_alone(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(3, "thread")])
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(2, "palm oil 1 L")])
    await visitor.hear(ActionUndo(), "undo")
    assert visitor.reply.response == "undone"
    assert shop.cart == {"sewing-thread/only": 3}


async def test_what_was_taken_out_is_put_back(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(3, "thread")])
    await visitor.hear(ActionRemoveFromCart(), "remove_from_cart", items=[item(words="thread")])
    await visitor.hear(ActionUndo(), "undo")
    assert shop.cart == {"sewing-thread/only": 3}


async def test_an_amount_changed_is_changed_back_and_forth(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(3, "thread")])
    await visitor.hear(ActionSetQuantity(), "update_cart", items=[item(7, "thread")])
    await visitor.hear(ActionUndo(), "undo")
    assert shop.cart == {"sewing-thread/only": 3}
    await visitor.hear(ActionUndo(), "undo")
    assert shop.cart == {"sewing-thread/only": 7}


async def test_a_cart_that_was_emptied_is_filled_again(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(3, "thread"), item(2, "palm oil 1 L")])
    before = dict(shop.cart)
    await visitor.hear(ActionClearCart(), "clear_cart")
    await visitor.hear(ActionEmptyCart(), "confirm_clear_cart")
    assert shop.cart == {}
    await visitor.hear(ActionUndo(), "undo")
    assert shop.cart == before


async def test_nothing_done_is_nothing_to_take_back(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionUndo(), "undo")
    assert visitor.reply.response == "undo_nothing"


async def test_acts_behind_one_that_asks_are_done_once_it_is_answered(
    visitor: Visitor, shop: StandInShop
) -> None:
    shop.cart = {"sewing-thread/only": 2}
    asked = {**item(words="palm oil 1 L"), "problem": "zero"}
    await do(visitor, [act("add_to_cart", asked), act("remove_from_cart", item(words="thread"))])
    assert shop.cart == {"sewing-thread/only": 2}
    events = await visitor.hear(ActionSetQuantity(), "give_quantity", items=[item(3)])
    assert shop.cart == {"sewing-thread/only": 2, "palm-oil-1-l/only": 3}
    assert [event["name"] for event in events if event["event"] == "followup"] == ["action_take_up_act"]
    assert [left.get("intent") for left in visitor.slots["acts"]["left"]] == [None, "remove_from_cart"]
    assert visitor.slots["acts_kept"] is None


async def test_acts_kept_too_long_are_forgotten(visitor: Visitor, shop: StandInShop) -> None:
    visitor.slots["acts_kept"] = {"message": "m0", "at": -10_000.0, "left": [act("view_cart")]}
    events = await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(3, "thread")])
    assert not [event for event in events if event["event"] == "followup"]
    assert visitor.slots["acts_kept"] is None


async def test_goods_named_while_asking_what_there_is_are_shown(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionBrowse(), "browse_catalog", items=[item(words="palm oil")])
    assert visitor.reply.response == "search_results"


async def test_words_that_are_no_goods_do_not_hide_the_goods(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionSearch(), "search_product", items=[item(words="thread durable")])
    assert visitor.reply.message["name"] == "Sewing thread"


async def test_half_of_what_was_named_is_never_bought_unasked(visitor: Visitor, shop: StandInShop) -> None:
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[item(1, "thread cutter")])
    assert visitor.reply.response == "ask_which_product"
    assert shop.cart == {}


async def test_a_whole_name_typed_is_the_product_meant(visitor: Visitor, shop: StandInShop) -> None:
    named = {**item(2, "ankara"), "text": "2 plain ankara"}
    await visitor.hear(ActionAddToCart(), "add_to_cart", items=[named])
    assert shop.cart == {"plain-ankara/only": 2}


@pytest.mark.parametrize(
    "text",
    ["wrong address", "anwani si sahihi", "mauvaise adresse", "adireshin ba daidai ba", "àdírẹ́sì yẹn kò yẹ"],
)
async def test_a_wrong_address_is_asked_again(visitor: Visitor, shop: StandInShop, text: str) -> None:
    assert is_wrong_address(text)
    visitor.form = "checkout_form"
    visitor.slots |= {
        "requested_slot": "payment_method",
        "customer_name": "Bola",
        "delivery_method": "delivery",
        "zone_id": "lekki",
        "address": "12 Admiralty Way",
    }
    await visitor.hear(ValidateCheckoutForm(), "set_delivery_address", text)
    assert visitor.slots["address"] is None
    assert visitor.slots["requested_slot"] == "address"
