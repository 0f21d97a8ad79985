"""Looking around the shop by chat."""

import pytest

from actions.bargaining import ActionHaggle
from actions.browsing import (
    ActionBrowse,
    ActionSearch,
    ActionShowMore,
    ActionShowProduct,
    ActionTellAvailability,
    ActionTellPrice,
)
from tests.actions.shop import StandInShop
from tests.actions.visitor import Visitor, item


async def test_categories_lead_to_their_products(visitor: Visitor) -> None:
    await visitor.hear(ActionBrowse(), "browse_catalog")
    intent, entities = visitor.reply.choices["Oils"]
    await visitor.hear(ActionBrowse(), intent, picked=entities)
    assert list(visitor.reply.choices) == ["Palm oil 1 L", "Palm oil 5 L"]


async def test_a_search_lists_names_and_prices_in_the_order_of_the_choices(visitor: Visitor) -> None:
    await visitor.hear(ActionSearch(), "search_product", items=[item(None, "ankara")])
    assert (
        visitor.reply.message["lines"]
        == "1. Ankara fabric, ₦2,500 per yard\n2. Plain Ankara, ₦1,800 per yard"
    )
    assert [entities["product_id"] for _, entities in visitor.reply.choices.values()] == [
        "ankara-fabric",
        "plain-ankara",
    ]


async def test_one_hit_is_shown_whole_with_its_photo_and_takes_an_amount(visitor: Visitor) -> None:
    await visitor.hear(ActionSearch(), "search_product", items=[item(None, "thread")])
    assert visitor.reply.message["image"] == "http://shop.test/sewing-thread.png"
    assert visitor.reply.choices["Add to cart"][1]["takes_quantity"] is True
    assert visitor.slots["product_id"] == "sewing-thread"


async def test_nothing_found_leads_to_the_categories(visitor: Visitor) -> None:
    await visitor.hear(ActionSearch(), "search_product", items=[item(None, "bicycle")])
    assert (visitor.reply.response, "Oils" in visitor.reply.choices) == ("search_none", True)


async def test_a_price_limit_leaves_what_is_within_it(visitor: Visitor) -> None:
    await visitor.hear(
        ActionSearch(), "search_product", items=[item(None, "ankara")], picked={"price_limit": 2000.0}
    )
    assert (visitor.reply.response, visitor.reply.message["name"]) == ("product", "Plain Ankara")


async def test_a_price_limit_below_everything_shows_the_nearest(visitor: Visitor) -> None:
    await visitor.hear(
        ActionSearch(), "search_product", items=[item(None, "ankara")], picked={"price_limit": 100.0}
    )
    assert (visitor.reply.response, visitor.reply.message["limit"]) == ("search_none_within", "₦100")


async def test_more_goes_on_where_the_list_stopped(visitor: Visitor) -> None:
    await visitor.hear(ActionShowMore(), "show_more", picked={"words": "ankara", "skip": 1})
    assert list(visitor.reply.choices) == ["Plain Ankara"]


async def test_more_without_a_list_says_so(visitor: Visitor) -> None:
    await visitor.hear(ActionShowMore(), "show_more")
    assert visitor.reply.response == "no_more"


async def test_variants_are_shown_with_price_and_stock_in_words(visitor: Visitor) -> None:
    await visitor.hear(ActionShowProduct(), "ask_product_details", picked={"product_id": "ankara-fabric"})
    assert (
        visitor.reply.message["lines"]
        == "1. Blue: ₦2,500 per yard, in stock\n2. Red: ₦2,500 per yard, only 4 left"
    )


async def test_a_sold_out_product_says_so_and_offers_no_add(visitor: Visitor) -> None:
    await visitor.hear(ActionShowProduct(), "ask_product_details", items=[item(None, "dried fish")])
    assert visitor.reply.response == "product_sold_out"
    assert "Add to cart" not in visitor.reply.choices


async def test_the_price_of_it_is_the_one_in_focus(visitor: Visitor) -> None:
    visitor.slots = {"product_id": "plain-ankara"}
    await visitor.hear(ActionTellPrice(), "ask_price", "how much")
    assert visitor.reply.message["price"] == "₦1,800 per yard"


async def test_the_price_of_an_amount_is_the_sum(visitor: Visitor) -> None:
    await visitor.hear(ActionTellPrice(), "ask_price", items=[item(5, "plain ankara", unit="yard")])
    assert visitor.reply.message["total"] == "₦9,000"


@pytest.mark.parametrize(
    ("asked", "response"),
    [
        (item(None, "plain ankara"), "available"),
        (item(50, "plain ankara"), "not_enough"),
        (item(None, "dried fish"), "sold_out"),
        (item(None, "ankara fabric", colour="purple"), "no_such_variant"),
        (item(None, "bicycle"), "search_none"),
    ],
)
async def test_what_can_be_had_is_told_plainly(
    visitor: Visitor, asked: dict[str, object], response: str
) -> None:
    await visitor.hear(ActionTellAvailability(), "ask_availability", items=[asked])
    assert visitor.reply.response == response


async def test_bargaining_keeps_the_price_and_shows_what_costs_less(visitor: Visitor) -> None:
    visitor.slots = {"product_id": "ankara-fabric"}
    await visitor.hear(ActionHaggle(), "haggle", "last price")
    assert (visitor.reply.response, list(visitor.reply.choices)) == ("price_fixed_cheaper", ["Plain Ankara"])


async def test_lists_during_checkout_do_not_invite_a_number(shop: StandInShop, visitor: Visitor) -> None:
    visitor.form = "checkout_form"
    await visitor.hear(ActionSearch(), "search_product", items=[item(None, "ankara")])
    assert visitor.reply.message["hint"] == ""
