"""The rules that every life of an order keeps, whatever happens in it."""

from hypothesis import given
from hypothesis import strategies as st

from commerce_api.orders import states
from commerce_api.orders.states import ENDED, Actor, OrderState, Standing

STANDINGS = st.builds(
    Standing,
    state=st.sampled_from(OrderState),
    is_pickup=st.booleans(),
    is_paid=st.booleans(),
    is_paid_ahead=st.booleans(),
    is_refund_due=st.booleans(),
)


def standing(state: OrderState, **facts: bool) -> Standing:
    usual = {"is_pickup": False, "is_paid": False, "is_paid_ahead": False, "is_refund_due": False}
    return Standing(state=state, **{**usual, **facts})


@given(STANDINGS)
def test_an_ended_order_goes_nowhere_but_to_a_refund_that_is_due(order: Standing) -> None:
    moves = set(states.allowed(order))
    if order.state is OrderState.REFUNDED:
        assert moves == set()
    elif order.state in ENDED:
        assert moves == ({OrderState.REFUNDED} if order.is_refund_due else set())


@given(STANDINGS)
def test_no_order_stays_where_it_is_or_goes_back_to_placed(order: Standing) -> None:
    assert order.state not in states.allowed(order)
    assert OrderState.PLACED not in states.allowed(order)


@given(STANDINGS)
def test_nothing_is_called_paid_or_refunded_without_money(order: Standing) -> None:
    moves = states.allowed(order)
    assert order.is_paid or OrderState.PAID not in moves
    assert order.is_paid or order.is_refund_due or OrderState.REFUNDED not in moves


@given(STANDINGS)
def test_a_shopper_may_only_cancel_and_only_where_a_person_could(order: Standing) -> None:
    moves = states.allowed(order, Actor.SHOPPER)
    assert set(moves) <= {OrderState.CANCELLED}
    assert set(moves) <= set(states.allowed(order, Actor.PERSON))


@given(STANDINGS)
def test_what_is_picked_up_is_never_out_for_delivery(order: Standing) -> None:
    assert not (order.is_pickup and OrderState.OUT_FOR_DELIVERY in states.allowed(order))


def test_every_state_can_be_reached() -> None:
    reached = {OrderState.PLACED}
    for _ in OrderState:
        for state in tuple(reached):
            for facts in ({}, {"is_pickup": True}, {"is_paid": True, "is_refund_due": True}):
                reached.update(states.allowed(standing(state, **facts)))
    assert reached == set(OrderState)


def test_an_order_to_be_paid_ahead_is_not_packed_before_its_money_came() -> None:
    waiting = standing(OrderState.CONFIRMED, is_paid_ahead=True)
    assert OrderState.PACKED not in states.allowed(waiting)
    assert OrderState.PACKED in states.allowed(standing(OrderState.CONFIRMED))


def test_a_packed_order_is_past_the_shoppers_own_cancelling() -> None:
    packed = standing(OrderState.PACKED)
    assert states.allowed(packed, Actor.SHOPPER) == ()
    assert OrderState.CANCELLED in states.allowed(packed, Actor.PERSON)


def test_a_pickup_goes_from_packed_to_delivered() -> None:
    assert OrderState.DELIVERED in states.allowed(standing(OrderState.PACKED, is_pickup=True))
    assert OrderState.DELIVERED not in states.allowed(standing(OrderState.PACKED))
