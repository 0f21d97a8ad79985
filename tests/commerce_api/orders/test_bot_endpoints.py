"""Checkout and orders as the bot side reaches them, read by its own client."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from channels.messages import Location
from commerce_api.orders import service
from commerce_api.orders.states import Actor, OrderState
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused
from commerce_client.models import Delivery, Money
from commerce_client.shop import Shop as Shopper
from tests.commerce_api.orders.shops import MakeShop, Shop
from tests.conftest import SERVICE

PICKUP = Delivery("pickup")


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[CommerceClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    client = CommerceClient("http://api.test", "demo-service-token", transport=transport)
    yield client
    await client.close()


def shopper(client: CommerceClient, shop: Shop, message_id: str = "m1", action: str = "a") -> Shopper:
    return client.shop(str(shop.conversation_id), message_id, action)


async def test_a_checkout_from_zones_to_order(client: CommerceClient, shop: Shop) -> None:
    await shop.fill_cart([2, 1])
    mine = shopper(client, shop)
    (zone,) = await mine.delivery_zones()
    assert (zone.name, zone.fee, zone.eta) == ("Yaba", Money(500, "NGN"), "same day")
    assert await mine.payment_methods() == ("cash_on_delivery", "pay_link")
    delivery = Delivery("delivery", zone.id, "12 Way", Location(6.5, 3.37, "Home"))
    quoted = await mine.quote(delivery)
    assert (quoted.subtotal.amount, quoted.delivery_fee.amount, quoted.total.amount) == (73000, 500, 73500)
    order = await mine.place_order(customer_name=" Bisi ", delivery=delivery, payment_method="pay_link")
    assert (order.state, order.total, order.customer_name) == ("placed", Money(73500, "NGN"), "Bisi")
    assert (order.zone, order.eta, order.address, order.is_paid) == ("Yaba", "same day", "12 Way", False)
    assert [(line.product_name, line.variant, line.quantity) for line in order.lines] == [
        ("Palm oil", "1 L", 2),
        ("Palm oil", "2 L", 1),
    ]
    assert [known.number for known in await mine.orders()] == [order.number]


async def test_a_repeated_turn_places_one_order(client: CommerceClient, shop: Shop) -> None:
    await shop.fill_cart([2])
    first, again = [
        await shopper(client, shop, "same").place_order(
            customer_name="Bisi", delivery=PICKUP, payment_method="cash_on_delivery"
        )
        for _ in range(2)
    ]
    assert first.number == again.number
    assert await shop.available() == [8, 10]


async def test_an_order_at_another_price_than_agreed_is_refused(client: CommerceClient, shop: Shop) -> None:
    await shop.fill_cart([2])
    mine = shopper(client, shop)
    with pytest.raises(ApiRefused) as refused:
        await mine.place_order(
            customer_name="Bisi", delivery=PICKUP, payment_method="pay_link", expected_total=2999
        )
    assert (refused.value.status, refused.value.code) == (409, "price_changed")
    assert refused.value.facts["total"]["amount"] == 3000
    order = await mine.place_order(
        customer_name="Bisi", delivery=PICKUP, payment_method="pay_link", expected_total=3000
    )
    assert order.total.amount == 3000


async def test_a_pin_stands_in_for_an_address(client: CommerceClient, shop: Shop) -> None:
    await shop.fill_cart([1])
    pinned = Delivery("delivery", str(shop.zone_id), None, Location(6.5, 3.37, "Home", "3 Lane"))
    order = await shopper(client, shop).place_order(
        customer_name="Bisi", delivery=pinned, payment_method="cash_on_delivery"
    )
    assert order.address == "Home, 3 Lane"


@pytest.mark.parametrize(
    ("quantity", "delivery", "method", "code"),
    [
        (0, PICKUP, "cash_on_delivery", "cart_empty"),
        (11, PICKUP, "cash_on_delivery", "out_of_stock"),
        (1, Delivery("delivery", None, "12 Way"), "cash_on_delivery", "zone_unknown"),
        (1, Delivery("delivery", "{zone}", " "), "cash_on_delivery", "address_missing"),
        (1, PICKUP, "cowries", "payment_method_unknown"),
    ],
)
async def test_a_checkout_that_cannot_be_says_why_by_its_code(
    client: CommerceClient, shop: Shop, *, quantity: int, delivery: Delivery, method: str, code: str
) -> None:
    await shop.fill_cart([quantity])
    zone_id = str(shop.zone_id) if delivery.zone_id else None
    wished = Delivery(delivery.method, zone_id, delivery.address)
    with pytest.raises(ApiRefused) as refused:
        await shopper(client, shop).place_order(customer_name="Bisi", delivery=wished, payment_method=method)
    assert (refused.value.status, refused.value.code) == (409, code)
    assert await shop.available() == [10, 10]
    if code == "out_of_stock":
        assert refused.value.facts["lines"][0]["available"] == 10


async def test_a_shopper_sees_and_cancels_their_own_orders_alone(
    api: httpx.AsyncClient, client: CommerceClient, shop: Shop
) -> None:
    order = await shop.place([2])
    other = await shop.another_shopper()
    assert await shopper(client, other).orders() == ()
    with pytest.raises(ApiRefused) as refused:
        await shopper(client, other).cancel_order(order.number, "mine now")
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    found = await api.get(f"{other.bot_url}/orders/{order.number}", headers=SERVICE)
    assert found.status_code == 404
    assert (await api.get(f"{shop.bot_url}/orders/{order.number}", headers=SERVICE)).status_code == 200
    cancelled = await shopper(client, shop).cancel_order(order.number.lower(), "changed my mind")
    assert cancelled.state == "cancelled"
    assert await shop.available() == [10, 10]
    assert (await shop.order(order.number)).cancellation_reason == "changed my mind"


async def test_a_packed_order_is_too_late_to_cancel(client: CommerceClient, shop: Shop) -> None:
    order = await shop.place()
    for to in (OrderState.CONFIRMED, OrderState.PACKED):
        async with shop.session() as session:
            await service.move(session, order, to, actor=Actor.SYSTEM, now=order.placed_at)
    with pytest.raises(ApiRefused) as refused:
        await shopper(client, shop).cancel_order(order.number, "late")
    assert (refused.value.code, refused.value.facts["state"]) == ("order_move_illegal", "packed")


async def test_the_same_shopper_in_two_shops_has_two_order_books(
    client: CommerceClient, shop: Shop, make_shop: MakeShop
) -> None:
    nairobi = await make_shop(currency="KES")
    order = await nairobi.place()
    assert await shopper(client, shop).orders() == ()
    (seen,) = await shopper(client, nairobi).orders()
    assert (seen.number, seen.total.currency) == (order.number, "KES")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
async def test_only_the_bot_side_gets_in(api: httpx.AsyncClient, shop: Shop, headers: dict[str, str]) -> None:
    assert (await api.get(f"{shop.bot_url}/orders", headers=headers)).status_code == 401
    assert (await api.post(f"{shop.bot_url}/orders", json={}, headers=headers)).status_code == 401
