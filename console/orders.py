"""Orders: what came in, where each stands, and the moves a person may make."""

from dataclasses import dataclass
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.listing import MAX_SKIP, ListParams
from commerce_api.orders import queries, service
from commerce_api.orders.models import Order
from commerce_api.orders.queries import OrderFilter
from commerce_api.orders.states import ENDED, Actor, DeliveryMethod, OrderState
from commerce_api.payments import cash, refunds
from commerce_api.payments import queries as payments
from commerce_api.tenants import queries as people
from commerce_api.tenants.permissions import Permission
from console import filters, pages
from console.access import Desk, DeskDep, require

PAGE = 30
# What a state is called, and the badge it wears.
STATES = {
    OrderState.PLACED: ("New", "warn"),
    OrderState.CONFIRMED: ("Confirmed", "info"),
    OrderState.PAID: ("Paid", "info"),
    OrderState.PACKED: ("Packed", "info"),
    OrderState.OUT_FOR_DELIVERY: ("On the way", "info"),
    OrderState.DELIVERED: ("Delivered", "good"),
    OrderState.CANCELLED: ("Cancelled", ""),
    OrderState.RETURNED: ("Returned", "bad"),
    OrderState.REFUNDED: ("Refunded", ""),
}
# What the button of a move says.
MOVES = {
    OrderState.CONFIRMED: "Confirm",
    OrderState.PAID: "Mark as paid",
    OrderState.PACKED: "Packed",
    OrderState.OUT_FOR_DELIVERY: "Out for delivery",
    OrderState.DELIVERED: "Delivered",
    OrderState.RETURNED: "Came back",
    OrderState.REFUNDED: "Money was given back",
}
# What the assistant tells the shopper of a move, in English; a test holds it to the assistant's own words.
NEWS = "News about your order {number}: {state}."
TOLD = {
    "confirmed": "confirmed, we're getting it ready",
    "paid": "paid, and we're getting it ready",
    "packed": "packed and ready to go",
    "packed_pickup": "packed and ready for you to pick up",
    "out_for_delivery": "on its way to you",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "returned": "returned",
    "refunded": "refunded",
}
PAYING = {"cash_on_delivery": "Cash on delivery", "pay_link": "Pay link"}

router = APIRouter()

Number = "/orders/{number}"
OrdersDesk = Annotated[Desk, require(Permission.MANAGE_ORDERS)]
PaymentsDesk = Annotated[Desk, require(Permission.MANAGE_PAYMENTS)]
ReasonField = Annotated[str, Form(max_length=1000)]


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to, as the address says it."""

    state: Annotated[OrderState | None, Query()] = None
    unpaid: Annotated[bool, Query()] = False
    q: Annotated[str, Query(max_length=40)] = ""

    def read(self) -> OrderFilter:
        """As the service takes it: an unpaid order is one that still waits for its money."""
        states = [self.state] if self.state else None
        if self.unpaid and states is None:
            states = [state for state in OrderState if state not in ENDED]
        return OrderFilter(state=states, is_paid=False if self.unpaid else None, q=self.q.strip() or None)

    def address(self, **changes: object) -> str:
        """The list's address with something else wanted; ``None`` leaves a word out."""
        words = {"state": self.state, "unpaid": "yes" if self.unpaid else None, "q": self.q, **changes}
        return "?" + urlencode({name: value for name, value in words.items() if value})


@dataclass(frozen=True)
class Choice:
    """A move that is legal now: its button, and what its shopper will read (None: nobody can be told)."""

    to: OrderState
    name: str
    told: str | None


@router.get("/orders")
async def show_orders(
    *,
    request: Request,
    desk: DeskDep,
    session: SessionDep,
    now: NowDep,
    state: OrderState | None = None,
    unpaid: bool = False,
    q: Annotated[str, Query(max_length=40)] = "",
    skip: Annotated[int, Query(ge=0, le=MAX_SKIP)] = 0,
) -> Response:
    """The list, newest first, by day."""
    wanted = Wanted(state, unpaid, q)
    found = await queries.find_orders(session, wanted.read(), ListParams(limit=PAGE, skip=skip))
    by_day = groupby(found.items, lambda order: filters.day(order.placed_at, desk.tenant.timezone, now))
    return pages.show(
        request,
        "orders.html",
        desk,
        days=[(day, list(orders)) for day, orders in by_day],
        total=found.total,
        wanted=wanted,
        states=STATES,
        older=skip + PAGE if skip + PAGE < found.total else None,
    )


@router.get(Number)
async def show_order(request: Request, desk: DeskDep, number: str, session: SessionDep) -> Response:
    """One order, whole."""
    order = await queries.order_by_number(session, number)
    moves = await queries.moves_of(session, order.id)
    legal = service.allowed_moves(order)
    return pages.show(
        request,
        "order.html",
        desk,
        order=order,
        moves=moves,
        names=await people.names_of(session, {move.user_id for move in moves if move.user_id}),
        choices=[_choice(order, to) for to in legal if to in MOVES],
        cancelling=_told(order, OrderState.CANCELLED) if OrderState.CANCELLED in legal else None,
        may_cancel=OrderState.CANCELLED in legal,
        is_payable=service.is_payable(order),
        payments=await payments.payments_of(session, order.id),
        may_order=desk.may(Permission.MANAGE_ORDERS),
        may_refund=desk.may(Permission.MANAGE_PAYMENTS),
        states=STATES,
        paying=PAYING,
    )


@router.post(f"{Number}/moves")
async def move_order(
    *,
    request: Request,
    desk: OrdersDesk,
    number: str,
    session: SessionDep,
    now: NowDep,
    to: Annotated[OrderState, Form()],
    reason: ReasonField = "",
) -> Response:
    """Moves the order and tells its shopper."""
    order = await queries.order_by_number(session, number)
    await service.move(
        session, order, to, actor=Actor.PERSON, now=now, reason=reason.strip() or None, user_id=desk.user.id
    )
    return _back(request, desk, order)


@router.post(f"{Number}/cancel")
async def cancel_order(
    *,
    request: Request,
    desk: OrdersDesk,
    number: str,
    session: SessionDep,
    now: NowDep,
    reason: ReasonField,
) -> Response:
    """Cancels the order: its stock is back, and its shopper knows."""
    order = await queries.order_by_number(session, number)
    await service.cancel(
        session, order, actor=Actor.PERSON, reason=reason.strip() or None, now=now, user_id=desk.user.id
    )
    return _back(request, desk, order)


@router.post(f"{Number}/payments")
async def record_payment(
    request: Request, desk: OrdersDesk, number: str, session: SessionDep, now: NowDep
) -> Response:
    """Writes down that the order's total was received in cash."""
    order = await queries.order_by_number(session, number)
    await cash.record(session, order, user_id=desk.user.id, now=now)
    return _back(request, desk, order)


@router.post(f"{Number}/payments/{{reference}}/refund")
async def record_refund(
    *, request: Request, desk: PaymentsDesk, number: str, reference: str, session: SessionDep, now: NowDep
) -> Response:
    """Writes down that money which settled nothing went back."""
    order = await queries.order_by_number(session, number)
    await refunds.record(session, order, reference, user_id=desk.user.id, now=now)
    return _back(request, desk, order)


def _back(request: Request, desk: Desk, order: Order) -> Response:
    return pages.go(request, desk.path(f"orders/{order.number}"), notice="saved")


def _choice(order: Order, to: OrderState) -> Choice:
    name = "Picked up" if to is OrderState.DELIVERED and _is_pickup(order) else MOVES[to]
    return Choice(to, name, _told(order, to))


def _told(order: Order, to: OrderState) -> str | None:
    if order.conversation_id is None:
        return None
    own = f"{to}_{order.delivery_method}"
    return NEWS.format(number=order.number, state=TOLD.get(own, TOLD[to]))


def _is_pickup(order: Order) -> bool:
    return order.delivery_method is DeliveryMethod.PICKUP
