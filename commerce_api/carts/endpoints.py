"""Carts as the shop's members see and change them: the shopper's next look shows the change."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from commerce_api.carts import discounts, service
from commerce_api.carts.schemas import CartRead, DiscountWrite, LineAdd, QuantitySet, cart_read
from commerce_api.conversations import service as conversations
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)

OrdersDep = Annotated[Access, require(Permission.MANAGE_ORDERS)]


@router.get("/conversations/{conversation_id}/cart")
async def cart_of_conversation(
    conversation_id: UUID, access: TenantDep, session: SessionDep, now: NowDep
) -> CartRead:
    """The open cart of the conversation's shopper."""
    conversation = await conversations.conversation(session, conversation_id)
    cart = await service.open_cart(session, conversation.contact_id)
    return cart_read(await service.read(session, cart, now), access.tenant.currency)


@router.post("/conversations/{conversation_id}/cart/lines")
async def add_line_for_shopper(
    conversation_id: UUID, body: LineAdd, access: OrdersDep, session: SessionDep, now: NowDep
) -> CartRead:
    """Adds to the shopper's cart, on top of what it holds."""
    conversation = await conversations.conversation(session, conversation_id)
    cart = await service.add_line(session, conversation.contact_id, body.variant_id, body.quantity)
    return cart_read(await service.read(session, cart, now), access.tenant.currency)


@router.post("/conversations/{conversation_id}/cart/lines/{line_id}/quantity")
async def set_quantity_for_shopper(
    *,
    conversation_id: UUID,
    line_id: UUID,
    body: QuantitySet,
    access: OrdersDep,
    session: SessionDep,
    now: NowDep,
) -> CartRead:
    """Makes a line of the shopper's cart this many; 0 removes it."""
    conversation = await conversations.conversation(session, conversation_id)
    cart = await service.set_quantity(session, conversation.contact_id, line_id, body.quantity)
    return cart_read(await service.read(session, cart, now), access.tenant.currency)


@router.put("/conversations/{conversation_id}/cart/discount")
async def give_discount(
    *,
    conversation_id: UUID,
    body: DiscountWrite,
    access: OrdersDep,
    session: SessionDep,
    now: NowDep,
) -> CartRead:
    """Takes so many percent off the shopper's cart for a day. 409 `discount_too_large`.

    No price goes below the floor it may be bargained down to.
    """
    conversation = await conversations.conversation(session, conversation_id)
    contact_id, user_id = conversation.contact_id, access.user.id
    await discounts.give(session, access.tenant, contact_id, percent=body.percent, user_id=user_id, now=now)
    cart = await service.open_cart(session, contact_id)
    return cart_read(await service.read(session, cart, now), access.tenant.currency)


@router.delete("/conversations/{conversation_id}/cart/discount")
async def take_discount_back(
    conversation_id: UUID, access: OrdersDep, session: SessionDep, now: NowDep
) -> CartRead:
    """The shopper's cart is at the usual prices again."""
    conversation = await conversations.conversation(session, conversation_id)
    await discounts.take_back(session, conversation.contact_id)
    cart = await service.open_cart(session, conversation.contact_id)
    return cart_read(await service.read(session, cart, now), access.tenant.currency)
