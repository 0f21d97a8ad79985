"""Carts as the shop's members see them."""

from uuid import UUID

from fastapi import APIRouter

from commerce_api.carts import service
from commerce_api.carts.schemas import CartRead, cart_read
from commerce_api.conversations import service as conversations
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.tenants.access import TenantDep

router = APIRouter(route_class=IdempotentRoute)


@router.get("/conversations/{conversation_id}/cart")
async def cart_of_conversation(
    conversation_id: UUID, access: TenantDep, session: SessionDep, now: NowDep
) -> CartRead:
    """The open cart of the conversation's shopper."""
    conversation = await conversations.conversation(session, conversation_id)
    cart = await service.open_cart(session, conversation.contact_id)
    return cart_read(await service.read(session, cart, now), access.tenant.currency)
