"""The JSON of payments."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from commerce_api.core.money import MoneyRead
from commerce_api.orders.models import Order
from commerce_api.orders.states import OrderState
from commerce_api.payments.models import CallbackOutcome, Payment, PaymentState


class PaymentLinkRead(BaseModel):
    """Where an order is paid; ``reference`` names the payment."""

    url: str
    reference: str
    amount: MoneyRead


class PaymentRead(BaseModel):
    """One try at paying an order. ``is_refund_due``: its money settled nothing and must go back."""

    id: UUID
    provider: str
    reference: str
    amount: MoneyRead
    state: PaymentState
    url: str | None
    is_refund_due: bool
    note: str | None
    user_id: UUID | None
    created_at: datetime
    paid_at: datetime | None
    refunded_at: datetime | None

    @classmethod
    def of(cls, payment: Payment, order: Order) -> Self:
        """From the row; an order that is refunded as a whole leaves nothing due."""
        same = {name: getattr(payment, name) for name in cls.model_fields if name != "amount"}
        is_due = payment.is_refund_due and order.state is not OrderState.REFUNDED
        return cls(**{**same, "is_refund_due": is_due}, amount=money(payment))


class PaymentsRead(BaseModel):
    """An order's payments, from the first."""

    items: list[PaymentRead]
    total: int


class PaymentBody(BaseModel):
    """A payment of the whole order that a member of the team received; no part of one can be recorded."""

    model_config = ConfigDict(extra="forbid")

    method: Literal["cash"]


class CallbackRead(BaseModel):
    """What a callback did; any answer of 200 means that it is stored and need not be sent again."""

    outcome: CallbackOutcome


def money(payment: Payment) -> MoneyRead:
    """What the payment asks for."""
    return MoneyRead(amount=payment.amount, currency=payment.currency)
