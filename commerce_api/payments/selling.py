"""A seller makes an order of a shopper's cart and asks for its money, in one go."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx

from channels.messages import OutboundMessage
from commerce_api.conversations import service as conversations
from commerce_api.core import repeats, tenancy
from commerce_api.core.database import Database
from commerce_api.orders import service as orders
from commerce_api.payments import linking
from commerce_api.payments.linking import Payer
from commerce_api.payments.providers import Providers


@dataclass(frozen=True)
class Sale:
    """Whose cart, by which member, on what terms. ``key`` names the form: sent again, it orders nothing."""

    payer: Payer
    conversation_id: UUID
    user_id: UUID
    checkout: orders.Checkout
    key: str


async def place(
    database: Database,
    http: httpx.AsyncClient,
    providers: Providers,
    sale: Sale,
    *,
    text: str,
    now: datetime,
) -> OutboundMessage | None:
    """Places the order and has its pay link made; the message that brings it, None for a form sent before.

    The order is committed before the payment provider is asked: when that fails, the order stands and its
    link can be sent later. Raises as ``orders.place`` and ``linking.link``.
    """
    async with database.transaction() as session:
        await tenancy.enter(session, sale.payer.tenant.id)
        scope = f"{sale.user_id} {sale.conversation_id} order"
        if not await repeats.is_first(session, scope, sale.key, "order", now):
            return None
        conversation = await conversations.enter_conversation(session, sale.conversation_id)
        order = await orders.place(session, conversation, sale.checkout, now, user_id=sale.user_id)
        number = order.number
    payment = await linking.link(database, http, providers, sale.payer, number=number, now=now)
    return linking.message(payment, number, text)
