"""Bargaining for the bot side: always over what the conversation's own contact wants to buy."""

from uuid import UUID

from fastapi import APIRouter

from commerce_api.bargaining import service
from commerce_api.bargaining.schemas import AcceptBody, BargainingRead, OutcomeRead, WishBody
from commerce_api.conversations.access import ConversationDep
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute

router = APIRouter(route_class=IdempotentRoute)


@router.get("/products/{product_id}/bargaining")
async def read_bargaining(product_id: UUID, _: ConversationDep, session: SessionDep) -> BargainingRead:
    """Whether a product's price is bargained about at all."""
    return BargainingRead(is_on=await service.is_bargained(session, product_id))


@router.post("/bargains")
async def bargain(
    body: WishBody, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> OutcomeRead:
    """One round: what the shop says to a wish for a lower price."""
    outcome = await service.bargain(session, conversation, body.variant_id, body.read(), now)
    return OutcomeRead.of(outcome, conversation.tenant.currency, now)


@router.post("/bargains/{bargain_id}/accept")
async def accept_bargain(
    bargain_id: UUID, body: AcceptBody, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> OutcomeRead:
    """Agrees on what the shop asks for. 409 `bargain_over` when that is offered no more."""
    outcome = await service.accept(session, conversation, bargain_id, is_pair=body.is_pair, now=now)
    return OutcomeRead.of(outcome, conversation.tenant.currency, now)


@router.post("/bargains/{bargain_id}/refuse")
async def refuse_bargain(
    bargain_id: UUID, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> OutcomeRead:
    """Leaves it."""
    outcome = await service.refuse(session, conversation, bargain_id, now)
    return OutcomeRead.of(outcome, conversation.tenant.currency, now)
