"""Taking in what payment providers tell us: stored first, unique by the provider's event id, then applied."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core import tenancy
from commerce_api.payments import applying, queries
from commerce_api.payments.models import CallbackOutcome, Payment, PaymentCallback
from commerce_api.payments.port import PaymentNews, PaymentProvider


async def receive(
    session: AsyncSession, provider: PaymentProvider, news: PaymentNews, body: bytes, now: datetime
) -> CallbackOutcome:
    """Stores verified news and acts on it, entering the tenant it concerns.

    News of a payment we don't know (yet) is parked. A repeated event is ``ignored``.
    """
    await queries.hold_reference(session, news.reference)
    tenant_id = await queries.tenant_of(session, news.reference)
    if tenant_id is None:
        is_new = await _store(session, provider, news, body, outcome=CallbackOutcome.PARKED, now=now)
        return CallbackOutcome.PARKED if is_new else CallbackOutcome.IGNORED
    await tenancy.enter(session, tenant_id)
    payment = await queries.payment_by_reference(session, news.reference)
    if payment.provider != provider.name:
        return CallbackOutcome.IGNORED
    await apply_parked(session, provider, payment, now)
    if not await _store(session, provider, news, body, outcome=CallbackOutcome.IGNORED, now=now):
        return CallbackOutcome.IGNORED
    outcome = await applying.apply(session, payment.reference, news, now)
    await _conclude(session, provider, news, outcome)
    return outcome


async def apply_parked(
    session: AsyncSession, provider: PaymentProvider, payment: Payment, now: datetime
) -> None:
    """Acts on what was said of the payment before we knew it; the caller holds its reference."""
    for callback in await queries.parked_callbacks(session, payment):
        news = provider.parse(callback.body)
        callback.outcome = await applying.apply(session, payment.reference, news, now)


async def _store(
    session: AsyncSession,
    provider: PaymentProvider,
    news: PaymentNews,
    body: bytes,
    *,
    outcome: CallbackOutcome,
    now: datetime,
) -> bool:
    """Whether the event is new. It can't be read back here: before its payment is known it is nobody's."""
    stored = await session.execute(
        insert(PaymentCallback)
        .values(
            id=uuid4(),
            provider=provider.name,
            event_id=news.event_id,
            reference=news.reference,
            body=body,
            received_at=now,
            outcome=outcome,
        )
        .on_conflict_do_nothing()
        .execution_options(preserve_rowcount=True)
    )
    return bool(getattr(stored, "rowcount", 0) > 0)


async def _conclude(
    session: AsyncSession, provider: PaymentProvider, news: PaymentNews, outcome: CallbackOutcome
) -> None:
    await session.execute(
        update(PaymentCallback)
        .where(PaymentCallback.provider == provider.name, PaymentCallback.event_id == news.event_id)
        .values(outcome=outcome)
    )
