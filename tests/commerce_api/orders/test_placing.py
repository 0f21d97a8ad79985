"""A cart becomes an order: at today's prices, with its stock held, once."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.carts import service as carts
from commerce_api.carts.models import Cart, CartState
from commerce_api.carts.service import PricedCart, PricedLine
from commerce_api.catalogue.models import MAX_PRICE, Variant
from commerce_api.conversations import queries as conversations
from commerce_api.core.money import MAX_AMOUNT
from commerce_api.orders import numbers, placing, queries, service
from commerce_api.orders.errors import (
    AddressMissing,
    CartEmpty,
    LinesOutOfStock,
    OrderTooLarge,
    PaymentMethodUnknown,
    PriceChanged,
    ZoneUnknown,
)
from commerce_api.orders.models import DeliveryZone, Order
from commerce_api.orders.placing import Checkout, Delivery, Pin, Quote
from commerce_api.orders.states import Actor, DeliveryMethod, OrderState
from tests.commerce_api.orders.shops import MakeShop, Shop, checkout
from tests.conftest import NOON


async def place(shop: Shop, wish: Checkout) -> Order:
    async with shop.session() as session:
        conversation = await conversations.conversation(session, shop.conversation_id)
        return await service.place(session, conversation, wish, NOON)


async def test_an_order_is_a_snapshot_of_the_cart_at_todays_prices(shop: Shop) -> None:
    cart_id = await shop.fill_cart([2, 1])
    delivery = Delivery(DeliveryMethod.DELIVERY, shop.zone_id, "12 Herbert Macaulay Way", Pin(6.5, 3.37))
    order = await place(shop, checkout(delivery=delivery))
    kept = await shop.order(order.number)
    assert [
        (line.product_name, line.variant_name, line.unit_price, line.quantity, line.total)
        for line in kept.lines
    ] == [
        ("Palm oil", "1 L", 1500, 2, 3000),
        ("Palm oil", "2 L", 70000, 1, 70000),
    ]
    assert (kept.subtotal, kept.delivery_fee, kept.total, kept.currency) == (73000, 500, 73500, "NGN")
    assert (kept.zone_name, kept.zone_eta, kept.address) == ("Yaba", "same day", "12 Herbert Macaulay Way")
    assert (kept.latitude, kept.longitude, kept.phone) == (6.5, 3.37, "+2348031234567")
    assert (kept.state, kept.is_paid, kept.placed_at) == (OrderState.PLACED, False, NOON)
    assert await shop.available() == [8, 9]
    async with shop.session() as session:
        cart = await session.get(Cart, (shop.tenant.id, cart_id))
        assert cart is not None
        assert cart.state is CartState.ORDERED
        moves = await queries.moves_of(session, kept.id)
        assert [(move.from_state, move.to_state, move.actor) for move in moves] == [
            (None, OrderState.PLACED, Actor.SHOPPER)
        ]


async def test_a_sale_price_counts_when_the_order_is_placed_in_its_time(shop: Shop) -> None:
    async with shop.session() as session:
        variant = await session.get(Variant, (shop.tenant.id, shop.variants[0].id))
        assert variant is not None
        variant.sale_price, variant.sale_from, variant.sale_until = 1000, NOON, NOON + timedelta(hours=1)
    assert (await shop.place([2])).total == 2000


async def test_a_later_change_of_the_catalogue_leaves_the_order_as_it_was(shop: Shop) -> None:
    order = await shop.place([2])
    async with shop.session() as session:
        variant = await session.get(Variant, (shop.tenant.id, shop.variants[0].id))
        zone = await queries.zone(session, shop.zone_id)
        assert variant is not None
        variant.regular_price, variant.name, zone.fee = 9, "renamed", 9
    kept = await shop.order(order.number)
    assert (kept.total, kept.lines[0].unit_price, kept.lines[0].variant_name) == (3000, 1500, "1 L")


async def test_a_cart_that_is_missing_or_empty_makes_no_order(shop: Shop) -> None:
    with pytest.raises(CartEmpty):
        await place(shop, checkout())
    await shop.fill_cart([0, 0])
    with pytest.raises(CartEmpty):
        await place(shop, checkout())


async def test_a_short_cart_names_every_line_that_falls_short_and_holds_nothing(shop: Shop) -> None:
    await shop.fill_cart([3, 11])
    with pytest.raises(LinesOutOfStock) as refused:
        await place(shop, checkout())
    (line,) = refused.value.facts["lines"]
    assert (line["product"], line["variant"], line["quantity"], line["available"]) == (
        "Palm oil",
        "2 L",
        11,
        10,
    )
    assert line["variant_id"] == str(shop.variants[1].id)
    assert await shop.available() == [10, 10]


async def test_a_delivery_needs_a_zone_served_now_and_somewhere_to_go(
    shop: Shop, make_shop: MakeShop
) -> None:
    await shop.fill_cart([1])
    elsewhere = await make_shop()
    for zone_id in (None, elsewhere.zone_id):
        with pytest.raises(ZoneUnknown):
            await place(shop, checkout(delivery=Delivery(DeliveryMethod.DELIVERY, zone_id, "12 Way")))
    with pytest.raises(AddressMissing):
        await place(shop, checkout(delivery=Delivery(DeliveryMethod.DELIVERY, shop.zone_id)))
    pinned = Delivery(DeliveryMethod.DELIVERY, shop.zone_id, pin=Pin(6.5, 3.37))
    assert (await place(shop, checkout(delivery=pinned))).delivery_fee == 500
    async with shop.session() as session:
        (await queries.zone(session, shop.zone_id)).is_active = False
    await shop.fill_cart([1])
    with pytest.raises(ZoneUnknown):
        await place(shop, checkout(delivery=pinned))


async def test_a_pickup_costs_no_delivery_and_keeps_no_zone(shop: Shop) -> None:
    order = await shop.place([1], delivery=Delivery(DeliveryMethod.PICKUP, shop.zone_id, "somewhere"))
    assert (order.delivery_fee, order.zone_name, order.address) == (0, None, None)


@pytest.mark.parametrize("asked", ["pay_link", "barter"])
async def test_only_the_shops_own_payment_methods_are_taken(make_shop: MakeShop, asked: str) -> None:
    shop = await make_shop(payment_methods=["cash_on_delivery"])
    await shop.fill_cart([1])
    with pytest.raises(PaymentMethodUnknown) as refused:
        await place(shop, checkout(payment_method=asked))
    assert refused.value.facts == {"methods": ["cash_on_delivery"]}


async def test_an_order_at_another_price_than_expected_is_refused(shop: Shop) -> None:
    await shop.fill_cart([2])
    with pytest.raises(PriceChanged) as refused:
        await place(shop, checkout(expected_total=2900))
    assert refused.value.facts["total"] == {"amount": 3000, "currency": "NGN"}
    assert (await place(shop, checkout(expected_total=3000))).total == 3000


async def test_a_quote_is_what_the_order_then_costs_and_holds_nothing(shop: Shop) -> None:
    delivery = Delivery(DeliveryMethod.DELIVERY, shop.zone_id, "12 Way")
    await shop.fill_cart([3, 1])
    async with shop.session() as session:
        quoted = await service.quote(session, shop.contact_id, delivery, NOON)
    assert await shop.available() == [10, 10]
    order = await place(shop, checkout(delivery=delivery))
    assert (quoted.subtotal, quoted.delivery_fee, quoted.total) == (74500, 500, 75000)
    assert order.total == quoted.total


async def test_placing_one_cart_many_times_at_once_makes_one_order(shop: Shop) -> None:
    await shop.fill_cart([2])
    placed = await asyncio.gather(*(place(shop, checkout()) for _ in range(8)), return_exceptions=True)
    # Who comes after the cart was closed finds no open cart; who waited for it gets its order.
    orders = [order for order in placed if isinstance(order, Order)]
    assert all(isinstance(other, CartEmpty) for other in placed if other not in orders)
    assert len({order.number for order in orders}) == 1
    assert await shop.available() == [8, 10]


async def test_the_second_of_two_who_found_the_same_open_cart_gets_the_firsts_order(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.fill_cart([2])
    first: list[Order] = []
    lock = carts.lock

    async def overtaken(session: AsyncSession, cart: Cart) -> Cart:
        monkeypatch.setattr(carts, "lock", lock)
        first.append(await place(shop, checkout()))
        return await lock(session, cart)

    monkeypatch.setattr(carts, "lock", overtaken)
    second = await place(shop, checkout(customer_name="Another"))
    assert second.id == first[0].id
    assert await shop.available() == [8, 10]


async def test_the_last_piece_is_sold_to_one_of_many(make_shop: MakeShop) -> None:
    last = await make_shop(prices=(100,), stock=1)
    shoppers = [await last.another_shopper() for _ in range(10)]
    for shopper in shoppers:
        await shopper.fill_cart([1])
    placed = await asyncio.gather(
        *(place(shopper, checkout()) for shopper in shoppers), return_exceptions=True
    )
    assert sum(isinstance(order, Order) for order in placed) == 1
    assert sum(isinstance(error, LinesOutOfStock) for error in placed) == 9
    assert await last.available() == [0]


async def test_a_number_that_is_taken_is_drawn_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = (await shop.place([1])).number
    drawn = iter([taken, taken, "SH-FREE2"])
    monkeypatch.setattr(numbers, "propose", lambda _: next(drawn))
    order = await shop.place([1])
    assert order.number == "SH-FREE2"
    assert (await shop.order(taken)).id != order.id
    assert await shop.available() == [8, 10]


async def test_the_dearest_cart_there_can_be_is_still_counted(make_shop: MakeShop) -> None:
    shop = await make_shop(prices=(MAX_PRICE,), stock=999)
    assert (await shop.place([999])).total == 999 * MAX_PRICE


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    goods=st.lists(st.tuples(st.integers(0, MAX_PRICE), st.integers(1, 999)), min_size=1, max_size=50),
    fee=st.integers(0, MAX_PRICE),
)
def test_a_total_is_the_sum_of_its_lines_and_fee_and_never_past_counting(
    goods: list[tuple[int, int]], fee: int
) -> None:
    cart = PricedCart(tuple(_priced(price, quantity) for price, quantity in goods))
    zone = DeliveryZone(name="Yaba", fee=fee)
    quoted = placing._quote(cart, zone)
    assert quoted == Quote(sum(price * quantity for price, quantity in goods), fee)
    assert quoted.total <= MAX_AMOUNT


def test_a_total_past_counting_is_refused() -> None:
    with pytest.raises(OrderTooLarge):
        placing._quote(PricedCart((_priced(MAX_PRICE, 999),) * 101), None)


def _priced(price: int, quantity: int) -> PricedLine:
    variant: Any = SimpleNamespace(is_active=True, product=SimpleNamespace(is_active=True))
    return PricedLine(uuid4(), variant, quantity, price, is_available=True, regular_price=price)
