"""Bargaining as a shopper lives it, against the real API: what is said, agreed, put in the cart and paid."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import client as actions_client
from actions.adding import ActionAddToCart
from actions.bargaining import ActionAcceptBargain, ActionDeclineBargain, ActionHaggle
from actions.cart import ActionSetQuantity, ActionViewCart
from actions.visit import ShopAction
from commerce_api.bargaining import service
from commerce_api.bargaining.terms import TermsFacts
from commerce_api.core.database import Database
from commerce_client.client import CommerceClient
from tests.actions.visitor import Visitor, item
from tests.commerce_api.orders.shops import Shop, open_shop
from tests.conftest import MakeTenant

ACTIONS: dict[str, ShopAction] = {
    "haggle": ActionHaggle(),
    "accept_bargain": ActionAcceptBargain(),
    "decline_bargain": ActionDeclineBargain(),
    "add_to_cart": ActionAddToCart(),
    "update_cart": ActionSetQuantity(),
    "view_cart": ActionViewCart(),
}
FLOOR, PRICE = 360_000, 450_000

MakeShopper = Callable[..., Awaitable["Market"]]


class Market:
    """A shopper before a real shop whose price is 450,000 kobo, never below 360,000."""

    def __init__(self, shop: Shop, visitor: Visitor) -> None:
        self.shop, self.visitor = shop, visitor
        first = shop.variants[0]
        visitor.slots = {"product_id": str(first.product_id), "variant_id": str(first.id)}

    async def say(self, intent: str, **entities: Any) -> str:
        """One message; the response it gets."""
        offered = [
            {"title": title, "intent": meant, "entities": carried}
            for reply in self.visitor.replies
            for title, (meant, carried) in reply.choices.items()
        ]
        items = entities.pop("items", None)
        await self.visitor.hear(ACTIONS[intent], intent, picked=entities, items=items, offered=offered)
        return self.visitor.replies[0].response if self.visitor.replies else ""

    async def pick(self, intent: str) -> str:
        """Takes the first choice of the last reply that means this."""
        carried = next(
            (c for reply in self.visitor.replies for meant, c in reply.choices.values() if meant == intent),
            None,
        )
        return await self.say(intent, **carried) if carried is not None else ""

    async def cart(self) -> list[tuple[int, int]]:
        """The cart's amounts and prices a piece, as the API has them."""
        seen = await actions_client.client().shop(str(self.shop.conversation_id), "m", "t").cart()
        return [(line.quantity, line.unit_price.amount) for line in seen.lines]


@pytest.fixture
async def make_market(
    app: FastAPI, database: Database, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MakeShopper]:
    """Opens a shop that bargains, and has a shopper visit it."""
    transport = httpx.ASGITransport(app=app)
    client = CommerceClient("http://api.test", "demo-service-token", transport=transport)
    monkeypatch.setattr(actions_client, "client", lambda: client)

    async def make(**facts: Any) -> Market:
        shop = await open_shop(database, await make_tenant(), prices=(PRICE,), stock=900)
        async with shop.session() as session:
            await service.lay_down(session, None, TermsFacts(**{"floor_percent": 80, **facts}))
        return Market(shop, Visitor(conversation=str(shop.conversation_id)))

    yield make
    await client.close()


async def test_two_are_offered_first_then_one_comes_down_to_a_last_price(make_market: MakeShopper) -> None:
    market = await make_market()
    said = [await market.say("haggle") for _ in range(4)]
    assert said == ["bargain_pair", "bargain_counter", "bargain_counter", "bargain_last"]
    assert market.visitor.reply.message["price"] == "₦3,600"


async def test_a_deal_puts_it_in_the_cart_at_that_price(make_market: MakeShopper) -> None:
    market = await make_market(pair_quantity=1)
    await market.say("haggle")
    assert await market.pick("accept_bargain") == "bargain_done"
    assert await market.cart() == [(1, 420_000)]
    await market.say("view_cart")
    assert "agreed" in market.visitor.reply.message["lines"]


async def test_two_for_less_are_two_in_the_cart(make_market: MakeShopper) -> None:
    market = await make_market()
    await market.say("haggle")
    assert await market.pick("accept_bargain") == "bargain_done"
    assert await market.cart() == [(2, 420_000)]


async def test_a_fair_offer_is_taken_and_stays_on_the_table(make_market: MakeShopper) -> None:
    market = await make_market()
    assert await market.say("haggle", price_offer={"amount": 4300}) == "bargain_agreed"
    await market.pick("add_to_cart")
    assert await market.cart() == [(1, 430_000)]


async def test_a_very_low_offer_is_called_so(make_market: MakeShopper) -> None:
    market = await make_market(pair_quantity=1)
    assert await market.say("haggle", price_offer={"amount": 1500}) == "bargain_too_low"


async def test_a_no_leaves_the_door_open(make_market: MakeShopper) -> None:
    market = await make_market()
    await market.say("haggle")
    assert await market.pick("decline_bargain") == "bargain_left"
    assert await market.say("haggle") == "bargain_counter"


async def test_a_price_that_has_passed_is_said_to_have(make_market: MakeShopper) -> None:
    market = await make_market()
    await market.say("haggle")
    stale = market.visitor.replies
    await market.pick("decline_bargain")
    market.visitor.replies = stale
    assert await market.pick("accept_bargain") == "bargain_over"


async def test_with_nothing_in_focus_it_is_asked_what_is_meant(make_market: MakeShopper) -> None:
    market = await make_market()
    market.visitor.slots = {}
    assert await market.say("haggle") == "bargain_what"


offers = st.sampled_from(
    (
        {},
        {"amount": 5000},
        {"amount": 3600},
        {"amount": 3599},
        {"amount": 1},
        {"percent_off": 50},
        {"percent_off": 20},
        {"percent_off": 21},
        {"amount_off": 900},
        {"amount": 5000, "quantity": 2},
        {"amount": 7200, "quantity": 2},
    )
)
moves = st.one_of(
    st.tuples(st.just("haggle"), offers),
    st.tuples(
        st.just("pick"), st.sampled_from(("accept_bargain", "decline_bargain", "haggle", "add_to_cart"))
    ),
    st.tuples(st.just("update_cart"), st.integers(1, 5)),
    st.tuples(st.just("add_to_cart"), st.integers(1, 3)),
    st.tuples(st.just("view_cart"), st.none()),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dialogue=st.lists(moves, min_size=2, max_size=12), steps=st.integers(1, 4))
async def test_no_dialogue_brings_a_line_below_the_floor(
    make_market: MakeShopper, dialogue: list[tuple[str, Any]], steps: int
) -> None:
    market = await make_market(steps=steps, limit_per_contact=50)
    for kind, fact in dialogue:
        if kind == "pick":
            await market.pick(fact)
        elif kind == "haggle":
            await market.say("haggle", price_offer=fact)
        elif kind == "view_cart":
            await market.say("view_cart")
        else:
            await market.say(kind, items=[item(fact)])
        assert all(FLOOR <= price <= PRICE for _, price in await market.cart())
