"""Money that came but settled nothing must go back; here a member of the team says that it did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.orders import service as orders
from commerce_api.orders.models import Order
from commerce_api.payments import queries
from commerce_api.payments.errors import PaymentNotRefundable
from commerce_api.payments.models import Payment


async def record(
    session: AsyncSession, order: Order, reference: str, *, user_id: UUID, now: datetime
) -> Payment:
    """Records that a payment's money went back to the shopper. Raises NotFound or PaymentNotRefundable."""
    held = await orders.lock(session, order.id)
    payment = await queries.payment_by_reference(session, reference)
    if payment.order_id != held.id or not payment.is_refund_due:
        raise PaymentNotRefundable
    payment.is_refund_due, payment.refunded_at = False, now
    await session.flush()
    if not any(other.is_refund_due for other in await queries.payments_of(session, held.id)):
        await orders.settle_refund(session, held, f"payment {reference} refunded", user_id=user_id, now=now)
    return payment
