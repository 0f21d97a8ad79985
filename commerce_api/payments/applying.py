"""What a provider's word does to a payment and its order. Repeated, late or reordered, it pays once.

Every change of a payment happens while its order is held, so that two words on one order, or a word and a
seller's hand, never act at the same time.
"""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations import service as conversations
from commerce_api.orders import service as orders
from commerce_api.orders.models import Order
from commerce_api.orders.states import Actor
from commerce_api.payments import queries
from commerce_api.payments.models import OPEN_STATES, CallbackOutcome, Payment, PaymentState
from commerce_api.payments.port import NewsStatus, PaymentNews

log = structlog.get_logger(__name__)


async def apply(session: AsyncSession, reference: str, news: PaymentNews, now: datetime) -> CallbackOutcome:
    """Acts on the news of a payment of the session's tenant, whose reference the caller holds.

    Raises NotFound when the tenant has no such payment.
    """
    payment = await queries.payment_by_reference(session, reference)
    order = await orders.lock(session, payment.order_id)
    await session.refresh(payment)
    if news.status is NewsStatus.PAID:
        return await _paid(session, payment, order, news, now)
    if news.status is NewsStatus.FAILED:
        return await _failed(session, payment, order, now)
    return CallbackOutcome.IGNORED


async def settle(
    session: AsyncSession, payment: Payment, order: Order, *, now: datetime, by: UUID | None = None
) -> None:
    """Takes a paid payment as the one that pays the order, and lets the order's other open ones lapse."""
    for other in await queries.open_payments_of(session, order.id):
        if other.id != payment.id:
            other.state = PaymentState.CANCELLED
    actor = Actor.PERSON if by else Actor.SYSTEM
    await orders.mark_paid(session, order, now, actor=actor, user_id=by)
    await _tell_shopper(session, payment, order, "paid", now)


async def _paid(
    session: AsyncSession, payment: Payment, order: Order, news: PaymentNews, now: datetime
) -> CallbackOutcome:
    if payment.state in (PaymentState.PAID, PaymentState.MISMATCH):
        return CallbackOutcome.IGNORED
    if news.money is None or (news.money.amount, news.money.currency) != (payment.amount, payment.currency):
        return await _quarantine(session, payment, order, news, now)
    payment.state, payment.paid_at = PaymentState.PAID, news.paid_at or now
    if orders.is_payable(order):
        await settle(session, payment, order, now=now)
        return CallbackOutcome.PAID
    payment.is_refund_due = True
    payment.note = f"Came when the order was {'paid' if order.is_paid else order.state} already."
    await orders.take_surplus(
        session, order, f"payment {payment.reference} came too late: refund it", now=now
    )
    log.warning("payment_surplus", order=order.number, reference=payment.reference)
    return CallbackOutcome.SURPLUS


async def _failed(session: AsyncSession, payment: Payment, order: Order, now: datetime) -> CallbackOutcome:
    if payment.state not in OPEN_STATES:
        return CallbackOutcome.IGNORED
    payment.state = PaymentState.FAILED
    if orders.is_payable(order):
        await _tell_shopper(session, payment, order, "failed", now)
    return CallbackOutcome.FAILED


async def _quarantine(
    session: AsyncSession, payment: Payment, order: Order, news: PaymentNews, now: datetime
) -> CallbackOutcome:
    came = f"{news.money.amount} {news.money.currency}" if news.money else "an unknown amount"
    payment.state = PaymentState.MISMATCH
    payment.note = f"{came} came, {payment.amount} {payment.currency} was asked for."
    await orders.note(session, order, f"payment {payment.reference} doesn't fit: {payment.note}", now=now)
    await _ask_for_person(session, order, now)
    log.error("payment_mismatch", order=order.number, reference=payment.reference, note=payment.note)
    return CallbackOutcome.MISMATCH


async def _ask_for_person(session: AsyncSession, order: Order, now: datetime) -> None:
    if order.conversation_id is None:
        return
    conversation = await conversations.lock(session, order.conversation_id)
    await conversations.hand_off(session, conversation, "payment_mismatch", now)


async def _tell_shopper(
    session: AsyncSession, payment: Payment, order: Order, status: str, now: datetime
) -> None:
    if order.conversation_id is None:
        return
    await conversations.record_event(
        session,
        order.conversation_id,
        intent="payment_update",
        entities={"order": order.number, "status": status},
        key=f"payment:{payment.reference}:{status}",
        now=now,
    )
