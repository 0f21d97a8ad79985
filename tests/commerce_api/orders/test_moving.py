"""Moving orders: legal moves only, stock given back once, the shopper told, everything written down."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from commerce_api.orders import queries, service
from commerce_api.orders.errors import CartEmpty, LinesOutOfStock, OrderMoveIllegal, OrderNotPayable
from commerce_api.orders.models import Order
from commerce_api.orders.states import Actor, OrderState
from tests.commerce_api.orders.shops import MakeShop, Shop
from tests.conftest import NOON

ANYTHING = {"suppress_health_check": [HealthCheck.function_scoped_fixture], "deadline": None}


async def move(shop: Shop, order: Order, to: OrderState, actor: Actor = Actor.PERSON) -> Order:
    async with shop.session() as session:
        return await service.move(session, order, to, actor=actor, now=NOON)


async def pay(shop: Shop, order: Order) -> Order:
    async with shop.session() as session:
        return await service.mark_paid(session, order, NOON)


async def test_cash_on_delivery_lives_from_placed_to_delivered_and_is_paid_at_the_door(shop: Shop) -> None:
    order = await shop.place([2])
    for to in (OrderState.CONFIRMED, OrderState.PACKED):
        await move(shop, order, to)
    # A pickup is handed over, never sent out.
    with pytest.raises(OrderMoveIllegal):
        await move(shop, order, OrderState.OUT_FOR_DELIVERY)
    await move(shop, order, OrderState.DELIVERED)
    paid = await pay(shop, order)
    assert (paid.state, paid.is_paid, paid.paid_at) == (OrderState.DELIVERED, True, NOON)


async def test_an_illegal_move_says_where_the_order_can_go(shop: Shop) -> None:
    order = await shop.place()
    with pytest.raises(OrderMoveIllegal) as refused:
        await move(shop, order, OrderState.DELIVERED)
    assert refused.value.facts == {"state": "placed", "allowed": ["confirmed", "cancelled"]}


async def test_money_before_packing_moves_the_order_to_paid_once(shop: Shop) -> None:
    order = await shop.place(payment_method="pay_link")
    assert (await pay(shop, order)).state is OrderState.PAID
    with pytest.raises(OrderNotPayable):
        await pay(shop, order)


async def test_cancelling_gives_the_stock_back_once_however_often_it_is_asked(shop: Shop) -> None:
    order = await shop.place([2, 3])
    assert await shop.available() == [8, 7]
    tried = await asyncio.gather(
        *(move(shop, order, OrderState.CANCELLED) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(done, Order) for done in tried) == 1
    assert sum(isinstance(done, OrderMoveIllegal) for done in tried) == 5
    assert await shop.available() == [10, 10]
    kept = await shop.order(order.number)
    assert (kept.state, kept.holds_stock, kept.cancelled_at) == (OrderState.CANCELLED, False, NOON)


async def test_a_return_puts_the_goods_back_and_makes_a_paid_orders_refund_due(shop: Shop) -> None:
    order = await shop.place([2])
    await pay(shop, order)
    for to in (OrderState.PACKED, OrderState.DELIVERED, OrderState.RETURNED):
        returned = await move(shop, order, to)
    assert await shop.available() == [10, 10]
    assert returned.is_refund_due
    refunded = await move(shop, order, OrderState.REFUNDED)
    assert (refunded.is_paid, refunded.is_refund_due) == (True, False)


async def test_a_paid_order_that_is_cancelled_is_still_paid_and_due_back(shop: Shop) -> None:
    order = await shop.place()
    await pay(shop, order)
    cancelled = await move(shop, order, OrderState.CANCELLED, Actor.SHOPPER)
    assert (cancelled.is_paid, cancelled.is_refund_due) == (True, True)
    assert service.allowed_moves(cancelled) == (OrderState.REFUNDED,)


async def test_a_shopper_hears_of_a_persons_moves_and_not_of_their_own(shop: Shop) -> None:
    order, other = await shop.place([1]), await shop.place([1])
    await move(shop, order, OrderState.CONFIRMED)
    await move(shop, other, OrderState.CANCELLED, Actor.SHOPPER)
    assert await shop.events() == [{"intent": "track_order", "order": order.number, "state": "confirmed"}]


async def test_every_move_is_kept_with_who_made_it_and_why(shop: Shop) -> None:
    order, user_id = await shop.place(), uuid4()
    async with shop.session() as session:
        await service.cancel(session, order, actor=Actor.PERSON, reason="broken", now=NOON, user_id=user_id)
        moves = await queries.moves_of(session, order.id)
    last = moves[-1]
    assert [move.ordinal for move in moves] == [0, 1]
    assert (last.from_state, last.to_state) == (OrderState.PLACED, OrderState.CANCELLED)
    assert (last.actor, last.user_id, last.reason, last.at) == (Actor.PERSON, user_id, "broken", NOON)


async def test_a_surplus_is_due_back_until_it_is_settled_and_moves_nothing(shop: Shop) -> None:
    order = await shop.place()
    await pay(shop, order)
    async with shop.session() as session:
        surplus = await service.take_surplus(session, order, "paid twice", now=NOON)
        assert (surplus.state, surplus.is_refund_due) == (OrderState.PAID, True)
        settled = await service.settle_refund(session, order, "sent back", user_id=uuid4(), now=NOON)
    assert (settled.state, settled.is_paid, settled.is_refund_due) == (OrderState.PAID, True, False)


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.integers(0, 6), st.integers(0, 6)),
        st.tuples(st.just("pay"), st.integers(0, 5), st.just(0)),
        st.tuples(st.sampled_from([str(state) for state in OrderState]), st.integers(0, 5), st.just(0)),
    ),
    max_size=14,
)


@hypothesis_settings(max_examples=15, **ANYTHING)  # type: ignore[arg-type]
@given(deeds=DEEDS)
async def test_whatever_happens_no_piece_appears_or_is_lost_and_money_is_not_forgotten(
    make_shop: MakeShop, deeds: list[tuple[str, int, int]]
) -> None:
    shop = await make_shop(stock=9)
    orders: list[Order] = []
    for deed, first, second in deeds:
        before = [await shop.order(order.number) for order in orders]
        await _do(shop, orders, deed, first, second)
        available, held = await shop.available(), await shop.held()
        assert [a + h for a, h in zip(available, held, strict=True)] == [9, 9]
        assert min(available) >= 0
        for was in before:
            now = await shop.order(was.number)
            assert now.is_paid or not was.is_paid
            assert now.state is was.state or was.state is not OrderState.REFUNDED


async def _do(shop: Shop, orders: list[Order], deed: str, first: int, second: int) -> None:
    try:
        if deed == "place":
            orders.append(await shop.place([first, second]))
        elif first < len(orders) and deed == "pay":
            await pay(shop, orders[first])
        elif first < len(orders):
            await move(shop, orders[first], OrderState(deed))
    except (CartEmpty, LinesOutOfStock, OrderMoveIllegal, OrderNotPayable):
        pass
