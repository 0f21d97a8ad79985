"""The cart as the bot side changes it, on behalf of one conversation's shopper."""

from uuid import UUID

from fastapi import APIRouter

from commerce_api.carts import service
from commerce_api.carts.schemas import (
    CartRead,
    LineAdd,
    OfferAnswer,
    QuantitySet,
    UpsellAnswer,
    cart_read,
    offer_answer,
)
from commerce_api.catalogue.presenting import PresenterDep
from commerce_api.conversations import service as conversations
from commerce_api.conversations.access import ConversationDep
from commerce_api.conversations.service import StepKind
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute

router = APIRouter(route_class=IdempotentRoute)


@router.get("/cart")
async def cart_of_shopper(conversation: ConversationDep, session: SessionDep, now: NowDep) -> CartRead:
    """The open cart."""
    cart = await service.open_cart(session, conversation.contact_id)
    return cart_read(await service.read(session, cart, now), conversation.tenant.currency)


@router.post("/cart/lines")
async def add_cart_line(
    body: LineAdd, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> CartRead:
    """Adds to the cart, on top of what it holds."""
    cart = await service.add_line(session, conversation.contact_id, body.variant_id, body.quantity)
    variant = str(body.variant_id)
    conversations.note(
        session, conversation, StepKind.LINE_ADDED, now, variant_id=variant, quantity=body.quantity
    )
    return cart_read(await service.read(session, cart, now), conversation.tenant.currency)


@router.post("/cart/lines/{line_id}/quantity")
async def set_cart_quantity(
    line_id: UUID, body: QuantitySet, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> CartRead:
    """Makes a line's quantity this; 0 removes the line."""
    cart = await service.set_quantity(session, conversation.contact_id, line_id, body.quantity)
    kind = StepKind.LINE_CHANGED if body.quantity else StepKind.LINE_REMOVED
    conversations.note(session, conversation, kind, now, line_id=str(line_id), quantity=body.quantity)
    return cart_read(await service.read(session, cart, now), conversation.tenant.currency)


@router.post("/cart/clear")
async def clear_cart(conversation: ConversationDep, session: SessionDep, now: NowDep) -> CartRead:
    """Empties the cart."""
    cart = await service.clear(session, conversation.contact_id)
    if cart is not None:
        conversations.note(session, conversation, StepKind.CART_CLEARED, now)
    return cart_read(await service.read(session, cart, now), conversation.tenant.currency)


@router.post("/upsell-offers")
async def offer_upsell(
    conversation: ConversationDep, session: SessionDep, presenter: PresenterDep
) -> OfferAnswer:
    """Something to offer beside the cart, at most once a cart."""
    percent = conversation.tenant.upsell_held_out_percent
    offered = await service.offer_upsell(session, conversation.contact_id, held_out_percent=percent)
    return offer_answer(offered, presenter, conversation.tenant.currency)


@router.post("/upsell-offers/{offer_id}/answer")
async def answer_upsell(
    offer_id: UUID, body: UpsellAnswer, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> CartRead:
    """Records the answer; an accepted offer is in the cart."""
    cart = await service.answer_upsell(session, conversation.contact_id, offer_id, is_accepted=body.accepted)
    return cart_read(await service.read(session, cart, now), conversation.tenant.currency)
