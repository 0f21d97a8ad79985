"""An order's payments, for people."""

from typing import Annotated

from fastapi import APIRouter

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.orders import service as orders
from commerce_api.payments import cash, queries, refunds
from commerce_api.payments.schemas import PaymentBody, PaymentRead, PaymentsRead
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)

OrdersDep = Annotated[Access, require(Permission.MANAGE_ORDERS)]
PaymentsDep = Annotated[Access, require(Permission.MANAGE_PAYMENTS)]


@router.get("/orders/{number}/payments")
async def list_payments(number: str, _: TenantDep, session: SessionDep) -> PaymentsRead:
    """An order's payments, from the first."""
    order = await orders.order_by_number(session, number)
    items = [PaymentRead.of(payment, order) for payment in await queries.payments_of(session, order.id)]
    return PaymentsRead(items=items, total=len(items))


@router.post("/orders/{number}/payments", status_code=201)
async def record_payment(
    number: str,
    _: PaymentBody,
    access: OrdersDep,
    session: SessionDep,
    now: NowDep,
) -> PaymentRead:
    """Records that the order's total was received in cash. 409 `order_not_payable`."""
    order = await orders.order_by_number(session, number)
    payment = await cash.record(session, order, user_id=access.user.id, now=now)
    return PaymentRead.of(payment, order)


@router.post("/orders/{number}/payments/{reference}/refund")
async def record_refund(
    number: str, reference: str, access: PaymentsDep, session: SessionDep, now: NowDep
) -> PaymentRead:
    """Records that money which settled nothing went back. 409 `payment_not_refundable`."""
    order = await orders.order_by_number(session, number)
    payment = await refunds.record(session, order, reference, user_id=access.user.id, now=now)
    return PaymentRead.of(payment, order)
