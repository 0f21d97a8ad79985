"""Pay links: one page an order while it is good, and nothing held while the provider is asked."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest
import respx
from fastapi import FastAPI
from sqlalchemy import select, text, update

from commerce_api.core.database import Database
from commerce_api.orders import service as orders
from commerce_api.orders.models import Order
from commerce_api.orders.states import Actor
from commerce_api.payments.linking import GOOD_FOR
from commerce_api.payments.models import Payment, PaymentState
from tests.commerce_api.orders.shops import MakeShop, Shop
from tests.commerce_api.payments.gateways import (
    CHECKOUTS,
    ask_link,
    call_back,
    open_checkout,
    payments_of,
    told,
    working,
)
from tests.conftest import NOON, SERVICE


async def test_a_link_is_the_gateways_page_for_the_orders_total(api: httpx.AsyncClient, shop: Shop) -> None:
    order = await shop.place([2], payment_method="pay_link")
    with respx.mock as router:
        route = working(router)
        answer = await ask_link(api, shop, order)
    asked = json.loads(route.calls.last.request.content)
    assert answer.json() == {
        "url": f"https://pay.test/{asked['reference']}",
        "reference": asked["reference"],
        "amount": {"amount": 3000, "currency": "NGN"},
    }
    assert (asked["amount"], asked["currency"]) == (3000, "NGN")
    assert asked["callback_url"].endswith("/api/v1/payments/callbacks/gateway")
    (payment,) = await payments_of(shop, order)
    assert (payment.state, payment.reference) == (PaymentState.PENDING, asked["reference"])


async def test_a_good_link_is_given_again_without_asking_the_gateway(
    api: httpx.AsyncClient, shop: Shop
) -> None:
    order = await shop.place(payment_method="pay_link")
    with respx.mock as router:
        route = working(router)
        first, again = [(await ask_link(api, shop, order)).json() for _ in range(2)]
    assert first == again
    assert route.call_count == 1


async def test_many_asking_at_once_get_one_reference(api: httpx.AsyncClient, shop: Shop) -> None:
    order = await shop.place(payment_method="pay_link")
    with respx.mock as router:
        working(router)
        answers = await asyncio.gather(*(ask_link(api, shop, order) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["reference"] for answer in answers}) == 1
    assert len(await payments_of(shop, order)) == 1


async def test_a_try_that_died_at_the_gateway_is_finished_under_the_same_reference(
    api: httpx.AsyncClient, shop: Shop
) -> None:
    order = await shop.place(payment_method="pay_link")
    with respx.mock as router:
        router.post(CHECKOUTS).respond(500)
        down = await ask_link(api, shop, order)
    assert (down.status_code, down.json()["code"]) == (503, "payment_provider_unavailable")
    (begun,) = await payments_of(shop, order)
    assert begun.state is PaymentState.CREATED
    with respx.mock as router:
        working(router)
        answer = await ask_link(api, shop, order)
    assert answer.json()["reference"] == begun.reference


async def test_after_a_failure_the_next_link_has_a_reference_of_its_own(
    api: httpx.AsyncClient, shop: Shop
) -> None:
    order = await shop.place(payment_method="pay_link")
    with respx.mock as router:
        working(router)
        first = (await ask_link(api, shop, order)).json()
        (payment,) = await payments_of(shop, order)
        assert await call_back(api, told(payment, "charge.failed")) == "failed"
        second = (await ask_link(api, shop, order)).json()
    assert first["reference"] != second["reference"]
    assert [one.state for one in await payments_of(shop, order)] == [
        PaymentState.FAILED,
        PaymentState.PENDING,
    ]


async def test_a_link_past_its_time_is_replaced(api: httpx.AsyncClient, shop: Shop) -> None:
    order = await shop.place(payment_method="pay_link")
    with respx.mock as router:
        working(router)
        first = (await ask_link(api, shop, order)).json()
        async with shop.session() as session:
            old = NOON - GOOD_FOR - timedelta(days=365)
            await session.execute(update(Payment).values(created_at=old))
        second = (await ask_link(api, shop, order)).json()
    assert first["reference"] != second["reference"]
    assert [one.state for one in await payments_of(shop, order)] == [
        PaymentState.CANCELLED,
        PaymentState.PENDING,
    ]


async def test_nothing_is_held_and_the_payment_is_kept_while_the_gateway_is_asked(
    api: httpx.AsyncClient, shop: Shop, database: Database
) -> None:
    order = await shop.place(payment_method="pay_link")
    seen: list[str] = []

    async def look(request: httpx.Request) -> httpx.Response:
        async with shop.session() as session:
            await session.execute(select(Order).where(Order.id == order.id).with_for_update(nowait=True))
            seen.extend((await session.scalars(select(Payment.reference))).all())
        async with database.transaction() as session:
            idle = "select count(*) from pg_stat_activity where state like 'idle in transaction%'"
            assert await session.scalar(text(idle)) == 0
        return open_checkout(request)

    with respx.mock as router:
        router.post(CHECKOUTS).mock(side_effect=look)
        answer = await ask_link(api, shop, order)
    assert seen == [answer.json()["reference"]]


@pytest.mark.parametrize("why", ["cancelled", "paid", "no pay links"])
async def test_an_order_that_takes_no_money_gets_no_link(
    api: httpx.AsyncClient, make_shop: MakeShop, why: str
) -> None:
    methods = ["cash_on_delivery"] if why == "no pay links" else ["cash_on_delivery", "pay_link"]
    shop = await make_shop(payment_methods=methods)
    order = await shop.place()
    async with shop.session() as session:
        if why == "cancelled":
            await orders.cancel(session, order, actor=Actor.SHOPPER, reason=None, now=NOON)
        if why == "paid":
            await orders.mark_paid(session, order, NOON)
    answer = await ask_link(api, shop, order)
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_payable")


async def test_another_shoppers_order_gets_no_link(api: httpx.AsyncClient, shop: Shop) -> None:
    order = await shop.place(payment_method="pay_link")
    answer = await ask_link(api, await shop.another_shopper(), order)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    unsigned = await api.post(f"{shop.bot_url}/orders/{order.number}/payment-link", json={})
    assert unsigned.status_code == 401


async def test_without_a_gateway_only_cash_is_offered_and_taken_and_no_link_is_made(
    app: FastAPI, api: httpx.AsyncClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = await shop.place(payment_method="pay_link")
    await shop.fill_cart([1])
    without = app.state.settings.model_copy(update={"payment_gateway_base_url": ""})
    monkeypatch.setitem(vars(app.state)["_state"], "settings", without)
    offered = await api.get(f"{shop.bot_url}/payment-methods", headers=SERVICE)
    assert offered.json()["items"] == ["cash_on_delivery"]
    body = {"customer_name": "Bisi", "delivery": {"method": "pickup"}, "payment_method": "pay_link"}
    refused = await api.post(
        f"{shop.bot_url}/orders", json=body, headers={**SERVICE, "Idempotency-Key": "no-gateway"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_method_unknown")
    answer = await ask_link(api, shop, earlier)
    assert (answer.status_code, answer.json()["code"]) == (409, "pay_links_unavailable")
