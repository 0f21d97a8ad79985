"""Checkout and orders, for the bot side: always those of the conversation's own contact."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from commerce_api.conversations.access import ConversationDep
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.orders import queries, service
from commerce_api.orders.schemas import (
    CancelBody,
    OrderBody,
    OrderRead,
    OrdersRead,
    PaymentMethodsRead,
    QuoteBody,
    QuoteRead,
    ZoneRead,
    ZonesRead,
)
from commerce_api.orders.states import Actor
from commerce_api.tenants.models import PaymentMethod

router = APIRouter(route_class=IdempotentRoute)


async def _payment_methods(request: Request, conversation: ConversationDep) -> list[str]:
    """The shop's methods; without a payment gateway no pay links, and so cash alone."""
    if request.app.state.settings.takes_pay_links:
        return conversation.tenant.payment_methods
    return [PaymentMethod.CASH_ON_DELIVERY]


MethodsDep = Annotated[list[str], Depends(_payment_methods)]


@router.get("/delivery-zones")
async def shop_delivery_zones(conversation: ConversationDep, session: SessionDep) -> ZonesRead:
    """Where the shop delivers, in the seller's order."""
    found = await queries.active_zones(session)
    items = [ZoneRead.of(zone, conversation.tenant.currency) for zone in found]
    return ZonesRead(items=items, total=len(items))


@router.get("/payment-methods")
async def shop_payment_methods(methods: MethodsDep) -> PaymentMethodsRead:
    """How the shop may be paid, in the seller's order."""
    return PaymentMethodsRead(items=methods, total=len(methods))


@router.post("/quote")
async def quote_cart(
    body: QuoteBody, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> QuoteRead:
    """What the open cart would cost, delivered so. 409 ``cart_empty`` or ``zone_unknown``."""
    quoted = await service.quote(session, conversation.contact_id, body.delivery.read(), now)
    return QuoteRead.of(quoted, conversation.tenant.currency)


@router.post("/orders", status_code=201)
async def place_order(
    body: OrderBody,
    conversation: ConversationDep,
    methods: MethodsDep,
    session: SessionDep,
    now: NowDep,
) -> OrderRead:
    """Turns the open cart into an order, holding its stock, or changes nothing and says why with 409."""
    return OrderRead.of(await service.place(session, conversation, body.read(), now, methods=methods))


@router.get("/orders")
async def shopper_orders(
    conversation: ConversationDep,
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> OrdersRead:
    """The shopper's orders with this seller, newest first."""
    found = await queries.orders_of_contact(session, conversation.contact_id, limit)
    return OrdersRead(items=[OrderRead.of(order) for order in found], total=len(found))


@router.get("/orders/{number}")
async def shopper_order(number: str, conversation: ConversationDep, session: SessionDep) -> OrderRead:
    """One of the shopper's orders."""
    order = await queries.order_by_number(session, number, contact_id=conversation.contact_id)
    return OrderRead.of(order)


@router.post("/orders/{number}/cancel")
async def cancel_shopper_order(
    number: str, body: CancelBody, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> OrderRead:
    """Cancels one of the shopper's orders, until the seller starts packing."""
    order = await queries.order_by_number(session, number, contact_id=conversation.contact_id)
    return OrderRead.of(
        await service.cancel(session, order, actor=Actor.SHOPPER, reason=body.reason, now=now)
    )
