"""A small shop with a shopper in it, made and committed by ``make_shop``."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.carts.models import Cart, CartLine, CartState
from commerce_api.catalogue.models import Product, Variant
from commerce_api.conversations import queries as conversations
from commerce_api.conversations.models import ChannelAccount, Contact, Conversation, Message
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.orders import queries, service
from commerce_api.orders.models import DeliveryZone, Order, OrderLine
from commerce_api.orders.placing import Checkout, Delivery
from commerce_api.orders.states import DeliveryMethod
from commerce_api.tenants.models import Tenant
from tests.conftest import NOON

MakeShop = Callable[..., Awaitable["Shop"]]
PICKUP = Delivery(DeliveryMethod.PICKUP)


def checkout(**changes: Any) -> Checkout:
    """A checkout with pickup and cash, unless told otherwise."""
    usual = {"customer_name": "Bisi", "delivery": PICKUP, "payment_method": "cash_on_delivery"}
    return Checkout(**{**usual, **changes})


@dataclass
class Shop:
    """A tenant with ``variants`` for sale, one delivery ``zone`` and one shopper's conversation."""

    database: Database
    tenant: Tenant
    contact_id: UUID
    conversation_id: UUID
    zone_id: UUID
    variants: list[Variant] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where people reach the tenant's resources."""
        return f"/api/v1/tenants/{self.tenant.id}"

    @property
    def bot_url(self) -> str:
        """Where the bot side reaches the conversation's shop."""
        return f"/api/v1/bot/conversations/{self.conversation_id}"

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A transaction in the tenant, committed at the end."""
        async with self.database.transaction() as session:
            await enter(session, self.tenant.id)
            yield session

    async def fill_cart(self, quantities: Sequence[int]) -> UUID:
        """A new open cart with so many of each variant; 0 leaves one out. Its id."""
        async with self.session() as session:
            mine = update(Cart).where(Cart.contact_id == self.contact_id)
            await session.execute(mine.values(state=CartState.ORDERED))
            cart = Cart(contact_id=self.contact_id, state=CartState.OPEN)
            session.add(cart)
            await session.flush()
            for position, (variant, quantity) in enumerate(zip(self.variants, quantities, strict=False)):
                if quantity:
                    session.add(
                        CartLine(cart_id=cart.id, variant_id=variant.id, quantity=quantity, position=position)
                    )
            return cart.id

    async def place(self, quantities: Sequence[int] = (2,), **changes: Any) -> Order:
        """An order of these quantities."""
        await self.fill_cart(quantities)
        async with self.session() as session:
            conversation = await conversations.conversation(session, self.conversation_id)
            return await service.place(session, conversation, checkout(**changes), NOON)

    async def another_shopper(self) -> "Shop":
        """The same shop, with another shopper in it."""
        async with self.session() as session:
            here = await conversations.conversation(session, self.conversation_id)
            contact = Contact(created_at=NOON)
            session.add(contact)
            await session.flush()
            conversation = Conversation(
                contact_id=contact.id,
                channel_account_id=here.channel_account_id,
                channel="whatsapp",
                created_at=NOON,
            )
            session.add(conversation)
        return replace(self, contact_id=contact.id, conversation_id=conversation.id)

    async def order(self, number: str) -> Order:
        """The order as it is in the database now."""
        async with self.session() as session:
            return await queries.order_by_number(session, number)

    async def available(self) -> list[int]:
        """What is on the shelf of each variant."""
        async with self.session() as session:
            rows = await session.execute(select(Variant.id, Variant.stock))
            stocks = {row.id: row.stock for row in rows}
            return [stocks[variant.id] for variant in self.variants]

    async def held(self) -> list[int]:
        """What orders hold, or have delivered, of each variant."""
        async with self.session() as session:
            rows = await session.execute(
                select(OrderLine.variant_id, func.sum(OrderLine.quantity).label("quantity"))
                .join(Order, Order.id == OrderLine.order_id)
                .where(Order.holds_stock)
                .group_by(OrderLine.variant_id)
            )
            held = {row.variant_id: int(row.quantity) for row in rows}
            return [held.get(variant.id, 0) for variant in self.variants]

    async def events(self) -> list[dict[str, Any]]:
        """What the assistant was told, oldest first: each event's intent and entities."""
        async with self.session() as session:
            found = select(Message).where(Message.kind == "event").order_by(Message.position)
            told = [message.body["choice"] for message in (await session.scalars(found)).all()]
            return [{"intent": choice["intent"], **choice["entities"]} for choice in told]


async def open_shop(
    database: Database, tenant: Tenant, *, prices: Sequence[int] = (1500, 70000), stock: int = 10
) -> Shop:
    """Opens a shop with one variant a price, ``stock`` of each, and a zone whose fee is 500."""
    async with database.transaction() as session:
        await enter(session, tenant.id)
        account = ChannelAccount(channel="whatsapp", address=uuid4().hex, name="Shop", created_at=NOON)
        contact = Contact(name=None, phone="+2348031234567", created_at=NOON)
        zone = DeliveryZone(name="Yaba", fee=500, eta="same day")
        product = Product(sku="P-1", name="Palm oil", is_active=True, in_stock=True)
        session.add_all([account, contact, zone, product])
        await session.flush()
        conversation = Conversation(
            contact_id=contact.id, channel_account_id=account.id, channel="whatsapp", created_at=NOON
        )
        variants = [
            Variant(
                product_id=product.id, sku=f"V-{place}", name=f"{place} L", regular_price=price, stock=stock
            )
            for place, price in enumerate(prices, start=1)
        ]
        session.add_all([conversation, *variants])
    return Shop(database, tenant, contact.id, conversation.id, zone.id, variants)
