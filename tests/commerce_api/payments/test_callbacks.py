"""The gateway's word on payments: believed when signed, counted once, whatever order it comes in."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import respx
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations import queries as conversations
from commerce_api.conversations.models import HandledBy
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.orders import queries as order_queries
from commerce_api.orders import service as orders
from commerce_api.orders.models import Order
from commerce_api.orders.states import Actor, OrderState
from commerce_api.payments import callbacks, cash, linking
from commerce_api.payments.gateway import SIGNATURE
from commerce_api.payments.models import CallbackOutcome, Payment, PaymentCallback, PaymentState
from commerce_api.payments.port import Checkout
from tests.commerce_api.orders.shops import MakeShop, Shop
from tests.commerce_api.payments.gateways import (
    CALLBACKS,
    GATEWAY,
    ask_link,
    call_back,
    payments_of,
    told,
    working,
)
from tests.conftest import NOON

CHECKOUT = Checkout("chk", "https://pay.test/1")


async def linked(api: httpx.AsyncClient, shop: Shop) -> tuple[Order, Payment]:
    """A placed order with a pay link, and its payment."""
    order = await shop.place([2], payment_method="pay_link")
    return order, await link(api, shop, order)


async def link(api: httpx.AsyncClient, shop: Shop, order: Order) -> Payment:
    with respx.mock as router:
        working(router)
        assert (await ask_link(api, shop, order)).status_code == 200
    return (await payments_of(shop, order))[-1]


async def test_a_success_pays_the_order_and_tells_the_shopper(api: httpx.AsyncClient, shop: Shop) -> None:
    order, payment = await linked(api, shop)
    assert await call_back(api, told(payment)) == "paid"
    paid = await shop.order(order.number)
    assert (paid.state, paid.is_paid, paid.is_refund_due) == (OrderState.PAID, True, False)
    (kept,) = await payments_of(shop, order)
    assert kept.state is PaymentState.PAID
    assert kept.paid_at is not None
    assert kept.paid_at.isoformat() == "2026-11-20T12:05:00+00:00"
    assert await shop.events() == [{"intent": "payment_update", "order": order.number, "status": "paid"}]


async def test_a_failure_tells_the_shopper_and_leaves_the_order_payable(
    api: httpx.AsyncClient, shop: Shop
) -> None:
    order, payment = await linked(api, shop)
    assert await call_back(api, told(payment, "charge.failed")) == "failed"
    kept = await shop.order(order.number)
    assert (kept.state, kept.is_paid) == (OrderState.PLACED, False)
    assert await shop.events() == [{"intent": "payment_update", "order": order.number, "status": "failed"}]


async def test_fifty_copies_at_once_pay_once(api: httpx.AsyncClient, shop: Shop) -> None:
    order, payment = await linked(api, shop)
    outcomes = await asyncio.gather(*(call_back(api, told(payment)) for _ in range(50)))
    assert sorted(outcomes) == ["ignored"] * 49 + ["paid"]
    assert len(await shop.events()) == 1
    async with shop.session() as session:
        steps = [move.to_state for move in await order_queries.moves_of(session, order.id)]
    assert steps == [OrderState.PLACED, OrderState.PAID]


async def test_fifty_successes_with_ids_of_their_own_pay_once(api: httpx.AsyncClient, shop: Shop) -> None:
    _, payment = await linked(api, shop)
    bodies = [told(payment, event_id=f"evt_{count}") for count in range(50)]
    outcomes = await asyncio.gather(*(call_back(api, body) for body in bodies))
    assert sorted(outcomes) == ["ignored"] * 49 + ["paid"]
    assert len(await shop.events()) == 1


async def test_a_failure_after_the_success_unpays_nothing(api: httpx.AsyncClient, shop: Shop) -> None:
    order, payment = await linked(api, shop)
    await call_back(api, told(payment, event_id="evt_2"))
    assert await call_back(api, told(payment, "charge.failed", event_id="evt_1")) == "ignored"
    assert (await shop.order(order.number)).is_paid
    assert len(await shop.events()) == 1


async def test_a_success_after_a_failure_pays(api: httpx.AsyncClient, shop: Shop) -> None:
    order, payment = await linked(api, shop)
    await call_back(api, told(payment, "charge.failed", event_id="evt_1"))
    assert await call_back(api, told(payment, event_id="evt_2")) == "paid"
    assert (await shop.order(order.number)).is_paid


@pytest.mark.parametrize("change", [{"amount": 2999}, {"amount": 300000}, {"currency": "KES"}])
async def test_money_that_does_not_fit_is_quarantined_and_a_person_asked_for(
    api: httpx.AsyncClient, shop: Shop, change: dict[str, Any]
) -> None:
    order, payment = await linked(api, shop)
    assert await call_back(api, told(payment, **change)) == "mismatch"
    assert await call_back(api, told(payment, event_id="evt_2")) == "ignored"
    kept = await shop.order(order.number)
    (held,) = await payments_of(shop, order)
    assert (kept.is_paid, kept.state, held.state) == (False, OrderState.PLACED, PaymentState.MISMATCH)
    assert await shop.events() == []
    async with shop.session() as session:
        conversation = await conversations.conversation(session, shop.conversation_id)
        assert conversation.handled_by is HandledBy.WAITING
        notes = [move.reason for move in await order_queries.moves_of(session, order.id)]
    assert "doesn't fit" in str(notes[-1])


async def test_money_for_a_cancelled_order_is_kept_apart_to_be_given_back(
    api: httpx.AsyncClient, shop: Shop
) -> None:
    order, payment = await linked(api, shop)
    async with shop.session() as session:
        await orders.cancel(session, order, actor=Actor.SHOPPER, reason=None, now=NOON)
    assert await call_back(api, told(payment)) == "surplus"
    kept = await shop.order(order.number)
    (late,) = await payments_of(shop, order)
    assert (kept.state, kept.is_paid, kept.is_refund_due) == (OrderState.CANCELLED, False, True)
    assert (late.state, late.is_refund_due) == (PaymentState.PAID, True)
    assert await shop.available() == [10, 10]
    async with shop.session() as session:
        notes = [move.reason for move in await order_queries.moves_of(session, order.id)]
    assert payment.reference in str(notes[-1])


async def test_two_links_paid_settle_the_order_once_and_the_other_is_given_back(
    api: httpx.AsyncClient, shop: Shop
) -> None:
    order, first = await linked(api, shop)
    await call_back(api, told(first, "charge.failed", event_id="evt_1"))
    second = await link(api, shop, order)
    outcomes = await asyncio.gather(
        call_back(api, told(first, event_id="evt_2")), call_back(api, told(second, event_id="evt_3"))
    )
    assert sorted(outcomes) == ["paid", "surplus"]
    payments = await payments_of(shop, order)
    assert [one.state for one in payments] == [PaymentState.PAID] * 2
    assert sorted(one.is_refund_due for one in payments) == [False, True]
    assert (await shop.order(order.number)).is_refund_due


async def test_a_failure_overtaken_by_cash_is_judged_by_what_the_cash_left(
    api: httpx.AsyncClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, payment = await linked(api, shop)
    lock = orders.lock

    async def overtaken(session: AsyncSession, order_id: UUID) -> Order:
        monkeypatch.setattr(orders, "lock", lock)
        async with shop.session() as rival:
            await cash.record(rival, order, user_id=uuid4(), now=NOON)
        return await lock(session, order_id)

    monkeypatch.setattr(orders, "lock", overtaken)
    assert await call_back(api, told(payment, "charge.failed")) == "ignored"
    states = {one.provider: one.state for one in await payments_of(shop, order)}
    assert states == {"gateway": PaymentState.CANCELLED, "cash": PaymentState.PAID}
    assert [event["status"] for event in await shop.events()] == ["paid"]


async def test_paying_races_cancelling_and_the_money_is_due(
    api: httpx.AsyncClient, make_shop: MakeShop
) -> None:
    for _ in range(6):
        shop = await make_shop()
        order, payment = await linked(api, shop)

        async def cancel(shop: Shop = shop, order: Order = order) -> None:
            async with shop.session() as session:
                await orders.cancel(session, order, actor=Actor.PERSON, reason=None, now=NOON)

        await asyncio.gather(call_back(api, told(payment)), cancel())
        kept = await shop.order(order.number)
        assert kept.state is OrderState.CANCELLED
        assert kept.is_refund_due
        assert await shop.available() == [10, 10]


async def test_an_event_of_another_kind_changes_nothing(api: httpx.AsyncClient, shop: Shop) -> None:
    order, payment = await linked(api, shop)
    assert await call_back(api, told(payment, "dispute.opened")) == "ignored"
    assert not (await shop.order(order.number)).is_paid
    async with shop.session() as session:
        kept = (await session.scalars(select(PaymentCallback))).all()
    assert [one.outcome for one in kept] == [CallbackOutcome.IGNORED]


async def test_the_door_refuses_what_is_not_the_gateways(api: httpx.AsyncClient, shop: Shop) -> None:
    order, payment = await linked(api, shop)
    body = told(payment)
    true = GATEWAY.sign(body)
    reserialised = json.dumps(json.loads(body), indent=2).encode()
    cases = [
        (CALLBACKS, body, {}, 401, "signature_missing"),
        (CALLBACKS, body, {SIGNATURE: "0" * 128}, 403, "signature_wrong"),
        (CALLBACKS, reserialised, {SIGNATURE: true}, 403, "signature_wrong"),
        (CALLBACKS, b"{}", {SIGNATURE: GATEWAY.sign(b"{}")}, 400, "callback_unreadable"),
        (CALLBACKS, b"\xff", {SIGNATURE: GATEWAY.sign(b"\xff")}, 400, "callback_unreadable"),
        (CALLBACKS.replace("gateway", "paypal"), body, {SIGNATURE: true}, 404, "payment_provider_unknown"),
    ]
    for url, sent, headers, status, code in cases:
        answer = await api.post(url, content=sent, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not (await shop.order(order.number)).is_paid


async def test_a_callback_before_the_payment_is_committed_is_parked_and_then_counts(
    api: httpx.AsyncClient, shop: Shop
) -> None:
    order = await shop.place([2], payment_method="pay_link")
    async with shop.session() as session:
        payment = await linking.begin(session, order, shop.tenant, GATEWAY.name, NOON)
        # The row is written but nobody else sees it yet.
        assert await call_back(api, told(payment)) == "parked"
    assert not (await shop.order(order.number)).is_paid
    async with shop.session() as session:
        attached = await linking.attach(session, GATEWAY, payment.reference, CHECKOUT, NOON)
    assert attached.state is PaymentState.PAID
    assert (await shop.order(order.number)).is_paid
    assert await call_back(api, told(payment)) == "ignored"
    assert len(await shop.events()) == 1


async def test_a_link_waits_for_a_callback_that_is_just_being_parked(shop: Shop, database: Database) -> None:
    order = await shop.place([2], payment_method="pay_link")
    async with shop.session() as session:
        payment = await linking.begin(session, order, shop.tenant, GATEWAY.name, NOON)
        body = told(payment)
        async with database.transaction() as other:
            outcome = await callbacks.receive(other, GATEWAY, GATEWAY.parse(body), body, NOON)
            assert outcome is CallbackOutcome.PARKED
            await session.commit()
            attaching = asyncio.create_task(attach(shop, payment.reference))
            await waits_for_lock(database)
            assert not attaching.done()
        assert (await attaching).state is PaymentState.PAID
    assert (await shop.order(order.number)).is_paid


async def attach(shop: Shop, reference: str) -> Payment:
    async with shop.session() as session:
        return await linking.attach(session, GATEWAY, reference, CHECKOUT, NOON)


async def waits_for_lock(database: Database) -> None:
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    async with asyncio.timeout(10):
        while True:
            async with database.transaction() as session:
                if await session.scalar(text(waiting)):
                    return


async def test_parked_news_of_a_payment_that_never_comes_is_kept_and_seen_by_nobody(
    api: httpx.AsyncClient, shop: Shop
) -> None:
    order, payment = await linked(api, shop)
    body = told(payment, reference="pay-of-nobody")
    assert await call_back(api, body) == "parked"
    assert await call_back(api, body) == "ignored"
    async with shop.session() as session:
        assert (await session.scalars(select(PaymentCallback))).all() == []
    assert not (await shop.order(order.number)).is_paid


async def test_a_callback_is_its_tenants_alone(
    api: httpx.AsyncClient, shop: Shop, make_shop: MakeShop, database: Database
) -> None:
    _, payment = await linked(api, shop)
    await call_back(api, told(payment))
    other = await make_shop()
    for opened in (other.session(), database.transaction()):
        async with opened as entered:
            assert (await entered.scalars(select(PaymentCallback))).all() == []
    async with database.transaction() as session:
        await enter(session, shop.tenant.id)
        assert len((await session.scalars(select(PaymentCallback))).all()) == 1
