"""Shops with something on the shelves, for the tests of the catalogue and of carts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import categories, products, tree
from commerce_api.catalogue.models import Product
from commerce_api.catalogue.schemas import ProductCreate, VariantCreate
from commerce_api.conversations.models import ChannelAccount, Contact, Conversation
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant

MakeProduct = Callable[..., Awaitable[Product]]


@dataclass(frozen=True)
class Shopper:
    """A contact of a shop, and their conversation with it."""

    tenant: Tenant
    contact_id: UUID
    conversation_id: UUID

    @property
    def shop(self) -> str:
        """Where the bot side finds this conversation's shop."""
        return f"/api/v1/bot/conversations/{self.conversation_id}"


async def stock_product(
    session: AsyncSession,
    name: str,
    *,
    category: str | None = None,
    variants: list[dict[str, Any]] | None = None,
    price: int = 1000,
    stock: int = 10,
    **columns: Any,
) -> Product:
    """Adds a product to the shop that the session has entered: one plain variant unless told otherwise."""
    whole = await tree.load_to_change(session)
    path = category.split(" > ") if category else []
    _, category_id = await categories.ensure(session, whole, path)
    sku = columns.pop("sku", uuid4().hex[:12])
    given = [
        {"sku": f"{sku}-{n}", "regular_price": price, "stock": stock, **v}
        for n, v in enumerate(variants or [{}])
    ]
    facts = {"sku": sku, "name": name, "category_id": category_id, **columns}
    return await products.create_product(
        session, ProductCreate(**facts, variants=[VariantCreate(**variant) for variant in given])
    )


async def meet_shopper(database: Database, tenant: Tenant) -> Shopper:
    """A new shopper of the shop, with a conversation."""
    async with database.transaction() as session:
        await enter(session, tenant.id)
        account = ChannelAccount(
            channel="shell", address=uuid4().hex, name="Line", display_number=None, created_at=now()
        )
        contact = Contact(name="Bisi", language="en", phone=None, created_at=now())
        session.add_all([account, contact])
        await session.flush()
        conversation = Conversation(
            contact_id=contact.id, channel_account_id=account.id, channel="shell", created_at=now()
        )
        session.add(conversation)
        await session.flush()
        return Shopper(tenant, contact.id, conversation.id)
