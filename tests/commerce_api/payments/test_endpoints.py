"""Payments as people reach them: cash received, money sent back."""

import asyncio

import httpx
import respx

from commerce_api.orders import service as orders
from commerce_api.orders.models import Order
from commerce_api.orders.states import Actor, OrderState
from commerce_api.payments.models import Payment, PaymentState
from commerce_api.tenants.models import Role
from tests.commerce_api.orders.shops import MakeShop, Shop
from tests.commerce_api.payments.gateways import ask_link, call_back, payments_of, told, working
from tests.conftest import NOON, Bearer, MakeMember

CASH = {"method": "cash"}


async def surplus(api: httpx.AsyncClient, shop: Shop) -> tuple[Order, Payment]:
    """A cancelled order whose money came too late."""
    order = await shop.place(payment_method="pay_link")
    with respx.mock as router:
        working(router)
        await ask_link(api, shop, order)
    (payment,) = await payments_of(shop, order)
    async with shop.session() as session:
        await orders.cancel(session, order, actor=Actor.SHOPPER, reason=None, now=NOON)
    assert await call_back(api, told(payment)) == "surplus"
    return order, payment


async def test_cash_received_pays_the_order_in_full(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member(shop.tenant, Role.AGENT)
    order = await shop.place([2])
    url = f"{shop.url}/orders/{order.number}/payments"
    made = await api.post(url, json=CASH, headers=bearer(member))
    assert made.status_code == 201
    assert made.json()["amount"] == {"amount": 3000, "currency": "NGN"}
    assert made.json()["user_id"] == str(member.user.id)
    paid = await shop.order(order.number)
    assert (paid.is_paid, paid.state) == (True, OrderState.PAID)
    again = await api.post(url, json=CASH, headers=bearer(member))
    assert (again.status_code, again.json()["code"]) == (409, "order_not_payable")
    listed = (await api.get(url, headers=bearer(member))).json()
    assert [(item["provider"], item["state"]) for item in listed["items"]] == [("cash", "paid")]
    assert await shop.events() == [{"intent": "payment_update", "order": order.number, "status": "paid"}]


async def test_cash_lets_the_open_link_lapse_and_a_later_success_is_surplus(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    headers = bearer(await make_member(shop.tenant))
    order = await shop.place(payment_method="pay_link")
    with respx.mock as router:
        working(router)
        await ask_link(api, shop, order)
    (linked,) = await payments_of(shop, order)
    await api.post(f"{shop.url}/orders/{order.number}/payments", json=CASH, headers=headers)
    states = {one.state for one in await payments_of(shop, order)}
    assert states == {PaymentState.CANCELLED, PaymentState.PAID}
    assert await call_back(api, told(linked)) == "surplus"
    kept = await shop.order(order.number)
    assert (kept.state, kept.is_refund_due) == (OrderState.PAID, True)


async def test_cash_and_the_gateway_at_once_settle_the_order_once(
    api: httpx.AsyncClient, make_shop: MakeShop, make_member: MakeMember, bearer: Bearer
) -> None:
    for _ in range(4):
        shop = await make_shop()
        headers = bearer(await make_member(shop.tenant))
        order = await shop.place(payment_method="pay_link")
        with respx.mock as router:
            working(router)
            await ask_link(api, shop, order)
        (linked,) = await payments_of(shop, order)
        url = f"{shop.url}/orders/{order.number}/payments"
        cash, outcome = await asyncio.gather(
            api.post(url, json=CASH, headers=headers), call_back(api, told(linked))
        )
        assert (cash.status_code, outcome) in {(201, "surplus"), (409, "paid")}
        settling = [one for one in await payments_of(shop, order) if one.paid_at and not one.is_refund_due]
        assert len(settling) == 1


async def test_money_sent_back_is_recorded_once_and_ends_what_is_due(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    owner = bearer(await make_member(shop.tenant))
    agent = bearer(await make_member(shop.tenant, Role.AGENT))
    order, payment = await surplus(api, shop)
    url = f"{shop.url}/orders/{order.number}/payments/{payment.reference}/refund"
    assert (await api.post(url, headers=agent)).status_code == 403
    done = await api.post(url, headers=owner)
    assert (done.status_code, done.json()["is_refund_due"]) == (200, False)
    assert done.json()["refunded_at"] is not None
    assert not (await shop.order(order.number)).is_refund_due
    again = await api.post(url, headers=owner)
    assert (again.status_code, again.json()["code"]) == (409, "payment_not_refundable")
    assert await call_back(api, told(payment, event_id="evt_9")) == "ignored"


async def test_an_order_refunded_as_a_whole_leaves_no_payment_due(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    owner = bearer(await make_member(shop.tenant))
    order, _ = await surplus(api, shop)
    moved = await api.post(f"{shop.url}/orders/{order.number}/moves", json={"to": "refunded"}, headers=owner)
    assert moved.json()["state"] == "refunded"
    listed = await api.get(f"{shop.url}/orders/{order.number}/payments", headers=owner)
    assert [item["is_refund_due"] for item in listed.json()["items"]] == [False]


async def test_another_shops_payments_are_not_there(
    api: httpx.AsyncClient, shop: Shop, make_shop: MakeShop, make_member: MakeMember, bearer: Bearer
) -> None:
    order, payment = await surplus(api, await make_shop())
    headers = bearer(await make_member(shop.tenant))
    url = f"{shop.url}/orders/{order.number}/payments"
    own = await shop.place()
    stolen = f"{shop.url}/orders/{own.number}/payments/{payment.reference}/refund"
    answers = [
        await api.get(url, headers=headers),
        await api.post(url, json=CASH, headers=headers),
        await api.post(f"{url}/{payment.reference}/refund", headers=headers),
        await api.post(stolen, headers=headers),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}


async def test_only_cash_is_recorded_by_hand(
    api: httpx.AsyncClient, shop: Shop, make_member: MakeMember, bearer: Bearer
) -> None:
    headers = bearer(await make_member(shop.tenant))
    order = await shop.place()
    url = f"{shop.url}/orders/{order.number}/payments"
    for body in ({"method": "gateway"}, {"method": "cash", "amount": 1}, {}):
        assert (await api.post(url, json=body, headers=headers)).status_code == 422


async def test_the_page_after_paying_says_nothing_of_the_payment(api: httpx.AsyncClient) -> None:
    page = await api.get("/api/v1/payments/return?reference=pay-1")
    assert page.status_code == 200
    assert "go back to your chat" in page.text
    assert "pay-1" not in page.text
