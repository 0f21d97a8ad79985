"""Asking providers after payments they said nothing of: a callback can get lost. The worker calls this."""

from datetime import datetime, timedelta

import httpx
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core import tenancy
from commerce_api.core.database import Database
from commerce_api.orders import service as orders
from commerce_api.payments import callbacks, calling, queries
from commerce_api.payments.errors import (
    PaymentProviderRefused,
    PaymentProviderUnavailable,
    PaymentProviderUnknown,
)
from commerce_api.payments.linking import GOOD_FOR
from commerce_api.payments.models import OPEN_STATES, Payment, PaymentState
from commerce_api.payments.port import NewsStatus, PaymentProvider
from commerce_api.payments.providers import Providers

QUIET = timedelta(minutes=2)
AT_ONCE = 50

log = structlog.get_logger(__name__)


async def poll_pending(
    database: Database, http: httpx.AsyncClient, providers: Providers, now: datetime
) -> int:
    """Asks after every open payment that nobody asked after for two minutes; how many were asked after.

    Any number of workers may do so at once. A provider that doesn't answer is asked again next time. An open
    payment whose link is past its time, or whose order ended, lapses; should its money come all the same, the
    callback still counts.
    """
    async with database.transaction() as session:
        tenant_ids = await queries.tenants_waiting(session, now - QUIET)
    asked = 0
    for tenant_id in tenant_ids:
        async with database.transaction() as session:
            await tenancy.enter(session, tenant_id)
            waiting = await queries.claim_waiting(session, now - QUIET, AT_ONCE)
            for payment in waiting:
                payment.polled_at = now
        for payment in waiting:
            await _ask_after(database, http, providers, payment, now)
        asked += len(waiting)
    return asked


async def _ask_after(
    database: Database, http: httpx.AsyncClient, providers: Providers, payment: Payment, now: datetime
) -> None:
    try:
        provider = providers.named(payment.provider)
        news = await calling.ask_state(http, provider, payment.reference)
    except (PaymentProviderUnknown, PaymentProviderUnavailable, PaymentProviderRefused) as error:
        log.warning("payment_poll_failed", reference=payment.reference, code=error.code)
        return
    async with database.transaction() as session:
        if news is not None and news.status in (NewsStatus.PAID, NewsStatus.FAILED):
            await callbacks.receive(session, provider, news, b"", now)
            return
        await tenancy.enter(session, payment.tenant_id)
        await _lapse(session, provider, payment.reference, now)


async def _lapse(session: AsyncSession, provider: PaymentProvider, reference: str, now: datetime) -> None:
    await queries.hold_reference(session, reference)
    payment = await queries.payment_by_reference(session, reference)
    await callbacks.apply_parked(session, provider, payment, now)
    order = await orders.lock(session, payment.order_id)
    await session.refresh(payment)
    is_over = payment.created_at <= now - GOOD_FOR or not orders.is_payable(order)
    if is_over and payment.state in OPEN_STATES:
        payment.state = PaymentState.CANCELLED
