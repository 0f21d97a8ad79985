"""Pay links, for the bot side."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from commerce_api.conversations import service as conversations
from commerce_api.core.clock import NowDep
from commerce_api.core.database import Database
from commerce_api.core.http import HttpDep
from commerce_api.core.service_access import ServiceToken
from commerce_api.payments import linking, providers
from commerce_api.payments.linking import Payer
from commerce_api.payments.schemas import PaymentLinkRead, money

# Not an IdempotentRoute: that holds a transaction open for the whole request, and so while the provider is
# asked. The effect is keyed by itself: one order, one open payment, one reference, one page.
router = APIRouter(dependencies=[ServiceToken])


async def _payer(request: Request, conversation_id: UUID) -> Payer:
    database: Database = request.app.state.database
    async with database.transaction() as session:
        conversation = await conversations.enter_conversation(session, conversation_id)
        return Payer(conversation.tenant, conversation.contact_id)


@router.post("/orders/{number}/payment-link")
async def payment_link(
    number: str, request: Request, payer: Annotated[Payer, Depends(_payer)], http: HttpDep, now: NowDep
) -> PaymentLinkRead:
    """The page where one of the shopper's orders is paid, the same one while it is good."""
    payment = await linking.link(
        request.app.state.database, http, providers.of(request), payer, number=number, now=now
    )
    return PaymentLinkRead(url=payment.url or "", reference=payment.reference, amount=money(payment))
