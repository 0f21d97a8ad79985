"""Cash: a member of the team says that it was received."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.orders import service as orders
from commerce_api.orders.errors import OrderNotPayable
from commerce_api.orders.models import Order
from commerce_api.payments import applying
from commerce_api.payments.linking import new_reference
from commerce_api.payments.models import Payment, PaymentState

PROVIDER = "cash"


async def record(session: AsyncSession, order: Order, *, user_id: UUID, now: datetime) -> Payment:
    """Records that the order's total was received in cash; its pay link lapses. Raises OrderNotPayable."""
    held = await orders.lock(session, order.id)
    if not orders.is_payable(held):
        raise OrderNotPayable(held.state, is_paid=held.is_paid)
    payment = Payment(
        order_id=held.id,
        provider=PROVIDER,
        reference=new_reference(),
        amount=held.total,
        currency=held.currency,
        state=PaymentState.PAID,
        user_id=user_id,
        created_at=now,
        polled_at=now,
        paid_at=now,
    )
    session.add(payment)
    await applying.settle(session, payment, held, now=now, by=user_id)
    return payment
