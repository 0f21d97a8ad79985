"""The tables of payments. Keys to other modules' tables are declared in migration 0007 alone."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import named
from commerce_api.core.database import Base, TenantOwned


class PaymentState(StrEnum):
    """How far a payment got. ``created`` has no page to pay on yet, ``pending`` has.

    ``mismatch`` is quarantined: money came, but not the amount or currency asked for, so it settles nothing.
    """

    CREATED = "created"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    MISMATCH = "mismatch"


OPEN_STATES = (PaymentState.CREATED, PaymentState.PENDING)


class CallbackOutcome(StrEnum):
    """What a callback did. ``parked``: its payment is not known (yet); ``surplus``: money to give back."""

    PARKED = "parked"
    PAID = "paid"
    SURPLUS = "surplus"
    FAILED = "failed"
    MISMATCH = "mismatch"
    IGNORED = "ignored"


class Payment(TenantOwned, Base):
    """One try at paying one order. ``reference`` is ours, unguessable, and what the provider calls it too.

    ``amount`` is what was asked for. ``is_refund_due``: the money came but settled nothing (the order was
    cancelled, or paid already) and must go back. ``user_id`` is the member who recorded cash.
    """

    __tablename__ = "payments"

    order_id: Mapped[UUID]
    provider: Mapped[str]
    reference: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    state: Mapped[PaymentState] = mapped_column(named(PaymentState))
    url: Mapped[str | None]
    checkout_id: Mapped[str | None]
    is_refund_due: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None]
    user_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    polled_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    refunded_at: Mapped[datetime | None]


class PaymentCallback(Base):
    """What a provider told us, as it said it; unique by the provider's event id.

    It has no tenant of its own, since it may come before its payment is known: row-level security shows it to
    the tenant whose payment has this reference.
    """

    __tablename__ = "payment_callbacks"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    provider: Mapped[str]
    event_id: Mapped[str]
    reference: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    outcome: Mapped[CallbackOutcome] = mapped_column(named(CallbackOutcome))
