"""An order's payments, for people."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request

from commerce_api.conversations import service as conversations
from commerce_api.conversations.models import Message
from commerce_api.conversations.schemas import MessageRead, MessageWrite
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.http import HttpDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.orders import service as orders
from commerce_api.payments import cash, linking, providers, queries, refunds
from commerce_api.payments.linking import Payer
from commerce_api.payments.schemas import PaymentBody, PaymentRead, PaymentsRead
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)
Shopper = "/conversations/{conversation_id}"

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


@router.post(f"{Shopper}/orders/{{number}}/payment-link", status_code=201, response_model=MessageRead)
async def send_payment_link(
    *,
    conversation_id: UUID,
    number: str,
    body: MessageWrite,
    request: Request,
    access: OrdersDep,
    session: SessionDep,
    http: HttpDep,
    now: NowDep,
) -> Message:
    """Sends the shopper the page where their order is paid, under the member's own words.

    409 `order_not_payable`, `reply_window_closed`, `opted_out`; 503 without a payment gateway.
    """
    conversation = await conversations.conversation(session, conversation_id)
    payer = Payer(access.tenant, conversation.contact_id)
    payment = await linking.link(
        request.app.state.database, http, providers.of(request), payer, number=number, now=now
    )
    message = linking.message(payment, number, body.text)
    return await conversations.send(session, conversation_id, message, seller_id=access.user.id, now=now)
