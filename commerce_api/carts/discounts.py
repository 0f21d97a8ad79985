"""What a member takes off a shopper's cart: within the shop's limit, for a day."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.carts import queries, service
from commerce_api.carts.errors import DiscountTooLarge
from commerce_api.carts.models import CartDiscount
from commerce_api.core.money import MINOR_DIGITS
from commerce_api.core.tenancy import current
from commerce_api.tenants.models import Tenant

HELD_FOR = timedelta(hours=24)


async def give(
    session: AsyncSession, tenant: Tenant, contact_id: UUID, *, percent: int, user_id: UUID, now: datetime
) -> None:
    """Takes so many percent off the contact's open cart, made if need be, in place of what was off before.

    Raises DiscountTooLarge above the shop's limit. How far a price really comes down, its bargaining floor
    decides when the cart is read.
    """
    if not 1 <= percent <= tenant.discount_limit_percent:
        raise DiscountTooLarge(tenant.discount_limit_percent)
    cart = await service.open_or_make(session, contact_id)
    facts = {
        "percent": percent,
        "unit": 10 ** MINOR_DIGITS[tenant.currency],
        "user_id": user_id,
        "given_at": now,
        "until": now + HELD_FOR,
    }
    given = insert(CartDiscount).values(tenant_id=current(session), id=uuid4(), cart_id=cart.id, **facts)
    await session.execute(given.on_conflict_do_update(index_elements=["tenant_id", "cart_id"], set_=facts))


async def take_back(session: AsyncSession, contact_id: UUID) -> None:
    """The contact's open cart is at the usual prices again; nothing when it was."""
    cart = await queries.open_cart(session, contact_id)
    if cart is not None:
        cart = await service.lock(session, cart)
        await session.execute(delete(CartDiscount).where(CartDiscount.cart_id == cart.id))
