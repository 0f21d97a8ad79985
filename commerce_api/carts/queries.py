"""Reading carts; nothing here changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.carts.models import Cart, CartLine, CartState, UpsellOffer
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.models import Variant


@dataclass(frozen=True)
class PricedLine:
    """A line at today's price, in minor units. ``variant.product`` is loaded.

    ``is_available`` is false when the product was withdrawn or there is less than ``quantity`` of it.
    """

    id: UUID
    variant: Variant
    quantity: int
    unit_price: int
    is_available: bool

    @property
    def total(self) -> int:
        """Minor units."""
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class PricedCart:
    """A cart's lines in the order they were added."""

    lines: tuple[PricedLine, ...] = ()

    @property
    def total(self) -> int:
        """Minor units, of the lines that are for sale."""
        return sum(line.total for line in self.lines if _is_for_sale(line.variant))


async def open_cart(session: AsyncSession, contact_id: UUID) -> Cart | None:
    """The contact's open cart."""
    statement = select(Cart).where(Cart.contact_id == contact_id, Cart.state == CartState.OPEN)
    return await session.scalar(statement)


async def read(session: AsyncSession, cart: Cart | None, now: datetime) -> PricedCart:
    """The cart with today's prices; an empty one for None."""
    if cart is None:
        return PricedCart()
    rows = await lines(session, cart)
    variants = await catalogue.find_variants(session, [line.variant_id for line in rows])
    return PricedCart(tuple(_priced(line, variants[line.variant_id], now) for line in rows))


async def lines(session: AsyncSession, cart: Cart) -> Sequence[CartLine]:
    """The cart's lines in the order they were added."""
    statement = (
        select(CartLine)
        .where(CartLine.cart_id == cart.id)
        .order_by(CartLine.position, CartLine.id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def offer_of(session: AsyncSession, cart: Cart) -> UpsellOffer | None:
    """What was offered beside the cart."""
    return await session.scalar(select(UpsellOffer).where(UpsellOffer.cart_id == cart.id))


def _priced(line: CartLine, variant: Variant, now: datetime) -> PricedLine:
    return PricedLine(
        id=line.id,
        variant=variant,
        quantity=line.quantity,
        unit_price=catalogue.price_at(variant, now),
        is_available=_is_for_sale(variant) and variant.stock >= line.quantity,
    )


def _is_for_sale(variant: Variant) -> bool:
    return variant.is_active and variant.product.is_active
