"""What happened in a stall's one conversation, written down as if it had happened at a given time."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update

from commerce_api.carts.models import Cart, UpsellOffer
from commerce_api.conversations import service as conversations
from commerce_api.conversations.models import (
    Author,
    Conversation,
    DeliveryStatus,
    Direction,
    Message,
    MessagePart,
    StoredReceipt,
)
from commerce_api.conversations.service import StepKind
from commerce_api.core.database import Database
from commerce_api.core.secrets import Vault
from commerce_api.core.tenancy import enter
from commerce_api.orders.models import Order, OrderMove
from commerce_api.orders.states import Actor, OrderState
from commerce_api.payments.models import Payment, PaymentState
from tests.commerce_api.stalls import Stall, furnish


async def furnish_long_ago(database: Database, vault: Vault) -> Stall:
    """A stall with one of everything, none of it lately."""
    stall = await furnish(database, vault)
    async with database.transaction() as session:
        await enter(session, stall.owner.tenant.id)
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        for kind in (Message, Conversation, Cart, UpsellOffer, Payment):
            await session.execute(update(kind).values(created_at=long_ago))
        await session.execute(update(Order).values(placed_at=long_ago))
    return stall


class Past:
    """Writes down, in one transaction, what happened in the stall's one conversation."""

    def __init__(self, database: Database, stall: Stall) -> None:
        self._database, self._stall = database, stall
        self.talk = UUID(stall.ids["conversation_id"])

    async def steps(self, *steps: tuple[StepKind, datetime], **facts: Any) -> None:
        async with self._database.transaction() as session:
            await enter(session, self._stall.owner.tenant.id)
            talk = await conversations.conversation(session, self.talk)
            for kind, at in steps:
                conversations.note(session, talk, kind, at, **facts)

    async def says(self, author: Author, at: datetime, **columns: Any) -> UUID:
        async with self._database.transaction() as session:
            await enter(session, self._stall.owner.tenant.id)
            talk = await conversations.lock(session, self.talk)
            is_inbound = author is Author.SHOPPER
            message = Message(
                conversation_id=talk.id,
                channel_account_id=talk.channel_account_id,
                position=talk.next_position,
                direction=Direction.INBOUND if is_inbound else Direction.OUTBOUND,
                status=None if is_inbound else DeliveryStatus.READ,
                kind="text",
                author=author,
                body={},
                created_at=at,
                said_at=at,
                sent_at=at,
                **columns,
            )
            talk.next_position += 1
            session.add(message)
            await session.flush()
            return message.id

    async def read(self, message_id: UUID, at: datetime) -> None:
        async with self._database.transaction() as session:
            await enter(session, self._stall.owner.tenant.id)
            message = (await session.scalars(select(Message).where(Message.id == message_id))).one()
            named = {"channel_account_id": message.channel_account_id, "provider_message_id": uuid4().hex}
            status = DeliveryStatus.READ
            session.add(MessagePart(message_id=message_id, part=0, status=status, **named))
            session.add(StoredReceipt(status=status, at=at, raw={}, created_at=at, **named))

    async def order(self, at: datetime, *, is_paid: bool, state: OrderState = OrderState.PLACED) -> None:
        """The stall's order as if it had been placed, and perhaps paid, then."""
        async with self._database.transaction() as session:
            await enter(session, self._stall.owner.tenant.id)
            order = (await session.scalars(select(Order))).one()
            payment = (await session.scalars(select(Payment))).one()
            order.placed_at, order.is_paid, order.state = at, is_paid, state
            order.paid_at = at if is_paid else None
            step = OrderMove(
                order_id=order.id, ordinal=99, to_state=OrderState.PLACED, at=at, actor=Actor.SHOPPER
            )
            session.add(step)
            if is_paid:
                payment.state, payment.paid_at = PaymentState.PAID, at
                payment.created_at = at
