"""Lost callbacks: what the gateway didn't tell us, we ask."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.http import open_client
from commerce_api.core.settings import Settings
from commerce_api.orders import service as orders
from commerce_api.orders.models import Order
from commerce_api.orders.states import Actor
from commerce_api.payments import linking, polling
from commerce_api.payments.linking import GOOD_FOR
from commerce_api.payments.models import Payment, PaymentState
from commerce_api.payments.providers import Providers
from tests.commerce_api.orders.shops import Shop
from tests.commerce_api.payments.gateways import CHECKOUTS, ask_link, call_back, payments_of, told, working

QUIET = polling.QUIET + timedelta(seconds=1)


async def linked(api: httpx.AsyncClient, shop: Shop) -> tuple[Order, Payment]:
    order = await shop.place([2], payment_method="pay_link")
    with respx.mock as router:
        working(router)
        await ask_link(api, shop, order)
    (payment,) = await payments_of(shop, order)
    return order, payment


def knows(router: respx.Router, payment: Payment, status: str, **changes: Any) -> respx.Route:
    """The gateway knows this payment, and no other test's."""
    state = {
        "id": "chk",
        "reference": payment.reference,
        "amount": payment.amount,
        "currency": payment.currency,
        "status": status,
        "paid_at": None,
        **changes,
    }
    route = router.get(f"{CHECKOUTS}/{payment.reference}").respond(200, json=state)
    router.get(url__startswith=CHECKOUTS).respond(404)
    return route


async def poll(database: Database, settings: Settings, after: timedelta = QUIET) -> int:
    async with open_client() as http:
        return await polling.poll_pending(database, http, Providers(settings), now() + after)


async def test_a_lost_success_is_asked_for_and_pays(
    api: httpx.AsyncClient, shop: Shop, database: Database, settings: Settings
) -> None:
    order, payment = await linked(api, shop)
    with respx.mock as router:
        knows(router, payment, "success")
        await poll(database, settings)
    assert (await shop.order(order.number)).is_paid
    assert await shop.events() == [{"intent": "payment_update", "order": order.number, "status": "paid"}]
    # The callback found its way after all.
    assert await call_back(api, told(payment)) == "ignored"
    assert len(await shop.events()) == 1


async def test_a_lost_failure_is_asked_for_and_told(
    api: httpx.AsyncClient, shop: Shop, database: Database, settings: Settings
) -> None:
    order, payment = await linked(api, shop)
    with respx.mock as router:
        knows(router, payment, "failed")
        await poll(database, settings)
    assert [one.state for one in await payments_of(shop, order)] == [PaymentState.FAILED]
    assert (await shop.events())[0]["status"] == "failed"


async def test_a_polled_amount_is_checked_too(
    api: httpx.AsyncClient, shop: Shop, database: Database, settings: Settings
) -> None:
    order, payment = await linked(api, shop)
    with respx.mock as router:
        knows(router, payment, "success", amount=1)
        await poll(database, settings)
    assert not (await shop.order(order.number)).is_paid
    assert [one.state for one in await payments_of(shop, order)] == [PaymentState.MISMATCH]


async def test_a_payment_is_left_alone_for_two_minutes_after_it_was_made_or_asked_after(
    api: httpx.AsyncClient, shop: Shop, database: Database, settings: Settings
) -> None:
    _, payment = await linked(api, shop)
    with respx.mock(assert_all_called=False) as router:
        route = knows(router, payment, "open")
        await poll(database, settings, timedelta(seconds=30))
        assert route.call_count == 0
        await poll(database, settings)
        await poll(database, settings)
        assert route.call_count == 1
        await poll(database, settings, 2 * QUIET)
        assert route.call_count == 2


async def test_two_workers_ask_after_a_payment_once(
    api: httpx.AsyncClient, shop: Shop, database: Database, settings: Settings
) -> None:
    order, payment = await linked(api, shop)
    with respx.mock as router:
        route = knows(router, payment, "success")
        await asyncio.gather(*(poll(database, settings) for _ in range(3)))
        assert route.call_count == 1
    assert (await shop.order(order.number)).is_paid


async def test_a_gateway_that_is_down_is_asked_again_later(
    api: httpx.AsyncClient, shop: Shop, database: Database, settings: Settings
) -> None:
    order, payment = await linked(api, shop)
    with respx.mock as router:
        router.get(url__startswith=CHECKOUTS).mock(side_effect=httpx.ConnectError("down"))
        await poll(database, settings)
    assert [one.state for one in await payments_of(shop, order)] == [PaymentState.PENDING]
    with respx.mock as router:
        knows(router, payment, "success")
        await poll(database, settings, 2 * QUIET)
    assert (await shop.order(order.number)).is_paid


@pytest.mark.parametrize("why", ["past its time", "order ended"])
async def test_an_open_payment_lapses_and_its_money_still_counts_when_it_comes(
    api: httpx.AsyncClient, shop: Shop, database: Database, settings: Settings, why: str
) -> None:
    order, payment = await linked(api, shop)
    if why == "order ended":
        async with shop.session() as session:
            await orders.cancel(session, order, actor=Actor.SHOPPER, reason=None, now=now())
    with respx.mock as router:
        knows(router, payment, "open")
        await poll(database, settings, GOOD_FOR + QUIET if why == "past its time" else QUIET)
    assert [one.state for one in await payments_of(shop, order)] == [PaymentState.CANCELLED]
    outcome = await call_back(api, told(payment))
    assert outcome == ("surplus" if why == "order ended" else "paid")


async def test_parked_news_is_applied_by_the_poll_when_the_link_never_was(
    api: httpx.AsyncClient, shop: Shop, database: Database, settings: Settings
) -> None:
    order = await shop.place([2], payment_method="pay_link")
    async with shop.session() as session:
        payment = await linking.begin(session, order, shop.tenant, "gateway", now())
        assert await call_back(api, told(payment)) == "parked"
    with respx.mock as router:
        router.get(url__startswith=CHECKOUTS).respond(404)
        await poll(database, settings)
    assert (await shop.order(order.number)).is_paid
