"""Pay links. The payment is committed before the provider hears of it, and nothing is held while it is asked.

So a callback can hardly come before our row, a slow provider holds up nobody else, and a try that died midway
is finished by the next one: the same reference gets the same page.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import Link, OutboundMessage
from commerce_api.core import tenancy
from commerce_api.core.database import Database
from commerce_api.core.money import MINOR_DIGITS, Money
from commerce_api.orders import service as orders
from commerce_api.orders.errors import OrderNotPayable
from commerce_api.orders.models import Order
from commerce_api.payments import callbacks, calling, queries
from commerce_api.payments.models import Payment, PaymentState
from commerce_api.payments.port import Checkout, CheckoutAsked, PaymentProvider
from commerce_api.payments.providers import Providers
from commerce_api.tenants.models import PaymentMethod, Tenant

GOOD_FOR = timedelta(hours=24)
LONGEST_BUTTON = 20


@dataclass(frozen=True)
class Payer:
    """Whose order is to be paid: a shopper of a tenant."""

    tenant: Tenant
    contact_id: UUID


async def link(
    database: Database,
    http: httpx.AsyncClient,
    providers: Providers,
    payer: Payer,
    *,
    number: str,
    now: datetime,
) -> Payment:
    """The page where the payer's order is paid: the same one for 24 hours, a new one after it failed.

    In transactions of its own. Raises NotFound, OrderNotPayable, PayLinksUnavailable,
    PaymentProviderUnavailable and PaymentProviderRefused.
    """
    async with database.transaction() as session:
        await tenancy.enter(session, payer.tenant.id)
        order = await orders.order_by_number(session, number, contact_id=payer.contact_id)
        payment = await begin(session, order, payer.tenant, providers.default.name, now)
    if payment.url is not None:
        return payment
    provider = providers.named(payment.provider)
    asked = CheckoutAsked(
        reference=payment.reference,
        money=Money(payment.amount, payment.currency),
        description=f"{payer.tenant.name} {order.number}",
        callback_url=providers.callback_url(provider),
        return_url=providers.return_url(),
    )
    checkout = await calling.create_checkout(http, provider, asked)
    async with database.transaction() as session:
        await tenancy.enter(session, payer.tenant.id)
        return await attach(session, provider, payment.reference, checkout, now)


async def begin(
    session: AsyncSession, order: Order, tenant: Tenant, provider_name: str, now: datetime
) -> Payment:
    """The order's open payment, or a new one with a reference of its own. Raises OrderNotPayable."""
    held = await orders.lock(session, order.id)
    if not orders.is_payable(held) or PaymentMethod.PAY_LINK not in tenant.payment_methods:
        raise OrderNotPayable(held.state, is_paid=held.is_paid)
    for payment in await queries.open_payments_of(session, held.id):
        if payment.created_at > now - GOOD_FOR:
            return payment
        payment.state = PaymentState.CANCELLED
    await session.flush()
    payment = Payment(
        order_id=held.id,
        provider=provider_name,
        reference=new_reference(),
        amount=held.total,
        currency=held.currency,
        state=PaymentState.CREATED,
        created_at=now,
        polled_at=now,
    )
    session.add(payment)
    await session.flush()
    return payment


async def attach(
    session: AsyncSession, provider: PaymentProvider, reference: str, checkout: Checkout, now: datetime
) -> Payment:
    """Gives the payment its page, and acts on callbacks that were quicker than we."""
    await queries.hold_reference(session, reference)
    payment = await queries.payment_by_reference(session, reference)
    await orders.lock(session, payment.order_id)
    await session.refresh(payment)
    payment.url, payment.checkout_id = checkout.url, checkout.id
    if payment.state is PaymentState.CREATED:
        payment.state = PaymentState.PENDING
    await callbacks.apply_parked(session, provider, payment, now)
    await session.flush()
    return payment


def message(payment: Payment, number: str, text: str) -> OutboundMessage:
    """What brings a shopper to the page. The button reads alike in every language: the sum."""
    digits = MINOR_DIGITS.get(payment.currency, 2)
    whole, rest = divmod(payment.amount, 10**digits)
    written = f"{whole:,}" + (f".{rest:0{digits}}" if rest else "")
    pay = Link(f"{payment.currency} {written}"[:LONGEST_BUTTON], payment.url or "")
    return OutboundMessage(f"{text}\n\n{number}", pay=pay)


def new_reference() -> str:
    """Names a payment, here and at the provider; 128 random bits, so that no one can name another's."""
    return f"pay-{secrets.token_hex(16)}"
