"""Reading payments; nothing here changes anything but the locks it takes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.errors import NotFound
from commerce_api.payments.models import OPEN_STATES, CallbackOutcome, Payment, PaymentCallback


async def hold_reference(session: AsyncSession, reference: str) -> None:
    """Holds a reference until the transaction ends, whether or not its payment is there yet.

    Without it a callback could find no payment and be parked just after the payment looked for parked ones.
    """
    await session.execute(
        text("select pg_advisory_xact_lock(hashtextextended('payment ' || :reference, 0))"),
        {"reference": reference},
    )


async def tenant_of(session: AsyncSession, reference: str) -> UUID | None:
    """Whose payment it is, whichever tenant's; None when there is none such."""
    tenant_id: UUID | None = await session.scalar(
        text("select lookup.tenant_of_payment(:reference)"), {"reference": reference}
    )
    return tenant_id


async def tenants_waiting(session: AsyncSession, before: datetime) -> Sequence[UUID]:
    """The tenants with open payments that nobody asked after since ``before``."""
    found = await session.scalars(
        text("select * from lookup.tenants_with_waiting_payments(:before)"), {"before": before}
    )
    return found.all()


async def payment_by_reference(session: AsyncSession, reference: str) -> Payment:
    """A payment of the session's tenant, as it is now. Raises NotFound."""
    found = await session.scalar(
        select(Payment).where(Payment.reference == reference).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


async def payments_of(session: AsyncSession, order_id: UUID) -> Sequence[Payment]:
    """An order's payments, from the first."""
    found = select(Payment).where(Payment.order_id == order_id).order_by(Payment.created_at, Payment.id)
    return (await session.scalars(found.execution_options(populate_existing=True))).all()


async def open_payments_of(session: AsyncSession, order_id: UUID) -> Sequence[Payment]:
    """An order's payments that may still be paid on their page."""
    return [payment for payment in await payments_of(session, order_id) if payment.state in OPEN_STATES]


async def claim_waiting(session: AsyncSession, before: datetime, limit: int) -> Sequence[Payment]:
    """Open payments nobody asked after since ``before``, held; those another process holds are left out."""
    found = (
        select(Payment)
        .where(Payment.state.in_(OPEN_STATES), Payment.polled_at < before)
        .order_by(Payment.polled_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(found)).all()


async def parked_callbacks(session: AsyncSession, payment: Payment) -> Sequence[PaymentCallback]:
    """What the provider said of the payment before we knew it, oldest first."""
    found = (
        select(PaymentCallback)
        .where(
            PaymentCallback.reference == payment.reference,
            PaymentCallback.provider == payment.provider,
            PaymentCallback.outcome == CallbackOutcome.PARKED,
        )
        .order_by(PaymentCallback.received_at, PaymentCallback.id)
    )
    return (await session.scalars(found)).all()
