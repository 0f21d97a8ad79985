"""What can be done to a placed order. Every verb holds the order's row first: callers need no lock."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import service as catalogue
from commerce_api.conversations import service as conversations
from commerce_api.orders import queries, states
from commerce_api.orders.errors import OrderMoveIllegal, OrderNotPayable
from commerce_api.orders.models import Order, OrderMove
from commerce_api.orders.placing import Checkout, place, quote
from commerce_api.orders.queries import lock, order_by_number
from commerce_api.orders.states import Actor, DeliveryMethod, OrderState, Standing
from commerce_api.tenants.models import PaymentMethod

__all__ = [
    "Checkout",
    "allowed_moves",
    "cancel",
    "is_payable",
    "lock",
    "mark_paid",
    "move",
    "note",
    "order_by_number",
    "place",
    "quote",
    "settle_refund",
    "take_surplus",
]


def allowed_moves(order: Order, actor: Actor = Actor.PERSON) -> tuple[OrderState, ...]:
    """Where the order may go next, by that actor's hand."""
    return states.allowed(_standing(order), actor)


def is_payable(order: Order) -> bool:
    """Whether the order still waits for its money."""
    return not order.is_paid and order.state not in states.ENDED and order.total > 0


async def move(
    session: AsyncSession,
    order: Order,
    to: OrderState,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    user_id: UUID | None = None,
) -> Order:
    """Moves the order, giving its stock back when it ends, and tells the shopper when a person moved it.

    Raises OrderMoveIllegal, with where the order can go.
    """
    held = await lock(session, order.id)
    legal = allowed_moves(held, actor)
    if to not in legal:
        raise OrderMoveIllegal(held.state, to, list(legal))
    moved = await _step(session, held, to, actor=actor, user_id=user_id, reason=reason, now=now)
    if to in (OrderState.CANCELLED, OrderState.RETURNED):
        await _end(session, held, to, reason=reason, now=now)
    if to is OrderState.REFUNDED:
        held.is_refund_due = False
    if actor is Actor.PERSON:
        await _tell_shopper(session, held, moved)
    return held


async def cancel(
    session: AsyncSession,
    order: Order,
    *,
    actor: Actor,
    reason: str | None,
    now: datetime,
    user_id: UUID | None = None,
) -> Order:
    """Cancels the order, stock and all. A shopper may until packing starts. Raises OrderMoveIllegal."""
    return await move(
        session, order, OrderState.CANCELLED, actor=actor, now=now, reason=reason, user_id=user_id
    )


async def mark_paid(
    session: AsyncSession,
    order: Order,
    now: datetime,
    *,
    actor: Actor = Actor.SYSTEM,
    user_id: UUID | None = None,
) -> Order:
    """Records that the order's money came; one not packed yet moves to ``paid``. Raises OrderNotPayable."""
    held = await lock(session, order.id)
    if not is_payable(held):
        raise OrderNotPayable(held.state, is_paid=held.is_paid)
    held.is_paid, held.paid_at, held.updated_at = True, now, now
    to = OrderState.PAID if OrderState.PAID in allowed_moves(held) else held.state
    await _step(session, held, to, actor=actor, user_id=user_id, reason="the payment arrived", now=now)
    return held


async def note(
    session: AsyncSession, order: Order, reason: str, *, now: datetime, user_id: UUID | None = None
) -> Order:
    """Writes something into the order's history without moving it."""
    held = await lock(session, order.id)
    actor = Actor.PERSON if user_id else Actor.SYSTEM
    await _step(session, held, held.state, actor=actor, user_id=user_id, reason=reason, now=now)
    return held


async def take_surplus(session: AsyncSession, order: Order, reason: str, *, now: datetime) -> Order:
    """Records that money came which the order can't take (it ended, or is paid): it must go back."""
    held = await note(session, order, reason, now=now)
    held.is_refund_due = True
    return held


async def settle_refund(
    session: AsyncSession, order: Order, reason: str, *, user_id: UUID, now: datetime
) -> Order:
    """Records that every surplus went back; what an ended order was paid in the first place stays due."""
    held = await note(session, order, reason, now=now, user_id=user_id)
    held.is_refund_due = held.is_paid and held.state in (OrderState.CANCELLED, OrderState.RETURNED)
    return held


def _standing(order: Order) -> Standing:
    return Standing(
        state=order.state,
        is_pickup=order.delivery_method is DeliveryMethod.PICKUP,
        is_paid=order.is_paid,
        is_paid_ahead=order.payment_method is PaymentMethod.PAY_LINK,
        is_refund_due=order.is_refund_due,
    )


async def _step(
    session: AsyncSession,
    order: Order,
    to: OrderState,
    *,
    actor: Actor,
    user_id: UUID | None,
    reason: str | None,
    now: datetime,
) -> OrderMove:
    step = OrderMove(
        order_id=order.id,
        ordinal=await queries.count_moves(session, order.id),
        from_state=order.state,
        to_state=to,
        at=now,
        actor=actor,
        user_id=user_id,
        reason=reason,
    )
    order.state, order.updated_at = to, now
    session.add(step)
    await session.flush()
    return step


async def _end(
    session: AsyncSession, order: Order, to: OrderState, *, reason: str | None, now: datetime
) -> None:
    if to is OrderState.CANCELLED:
        order.cancelled_at, order.cancellation_reason = now, reason
    order.is_refund_due = order.is_refund_due or order.is_paid
    order.holds_stock = False
    await catalogue.release_stock(session, [(line.variant_id, line.quantity) for line in order.lines])


async def _tell_shopper(session: AsyncSession, order: Order, step: OrderMove) -> None:
    if order.conversation_id is None:
        return
    await conversations.record_event(
        session,
        order.conversation_id,
        intent="track_order",
        entities={"order": order.number, "state": order.state.value},
        key=f"order-move:{step.id}",
        now=step.at,
    )
