"""Reading carts; nothing here changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.bargaining import service as bargaining
from commerce_api.bargaining.models import BargainTerms
from commerce_api.bargaining.service import HeldPrice
from commerce_api.carts.models import Cart, CartDiscount, CartLine, CartState, UpsellOffer
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.models import Variant


@dataclass(frozen=True)
class PricedLine:
    """A line at today's price, in minor units, or at the one agreed with its shopper while that holds.

    ``variant.product`` is loaded. ``is_available`` is false when the product was withdrawn or there is less
    than ``quantity`` of it. ``agreed`` is the agreed price that ``unit_price`` is, ``regular_price`` today's.
    ``discount`` is what a member took off a piece, where that leaves less than the agreed price.
    """

    id: UUID
    variant: Variant
    quantity: int
    unit_price: int
    is_available: bool
    regular_price: int
    agreed: HeldPrice | None = None
    discount: int = 0

    @property
    def total(self) -> int:
        """Minor units."""
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class PricedCart:
    """A cart's lines in the order they were added, and the discount that holds."""

    lines: tuple[PricedLine, ...] = ()
    discount: CartDiscount | None = None

    @property
    def total(self) -> int:
        """Minor units, of the lines that are for sale."""
        return sum(line.total for line in self.lines if _is_for_sale(line.variant))

    @property
    def percent_off(self) -> int | None:
        """The discount that holds, None for none."""
        return self.discount.percent if self.discount else None

    @property
    def held_by_floor(self) -> bool:
        """Whether a price came down less than the discount says: its bargaining floor lies above."""
        percent = self.discount.percent if self.discount else 0
        unit = self.discount.unit if self.discount else 1
        return any(
            line.discount + unit <= line.regular_price * percent // 100 and not line.agreed
            for line in self.lines
        )

    @property
    def taken_off(self) -> int:
        """What the discount comes to, in minor units, of the lines that are for sale."""
        return sum(line.discount * line.quantity for line in self.lines if _is_for_sale(line.variant))


async def open_cart(session: AsyncSession, contact_id: UUID) -> Cart | None:
    """The contact's open cart."""
    statement = select(Cart).where(Cart.contact_id == contact_id, Cart.state == CartState.OPEN)
    return await session.scalar(statement)


async def read(session: AsyncSession, cart: Cart | None, now: datetime) -> PricedCart:
    """The cart with today's prices and those agreed with its contact; an empty one for None."""
    if cart is None:
        return PricedCart()
    rows = await lines(session, cart)
    ids = [line.variant_id for line in rows]
    variants = await catalogue.find_variants(session, ids)
    held = await bargaining.held_prices(session, cart.contact_id, ids, now)
    priced = [_priced(line, variants[line.variant_id], held.get(line.variant_id), now) for line in rows]
    discount = await discount_of(session, cart, now)
    if discount is not None:
        terms = await bargaining.terms_of_products(session, {line.variant.product_id for line in priced})
        priced = [_discounted(line, discount, terms.get(line.variant.product_id)) for line in priced]
    return PricedCart(tuple(priced), discount)


async def lines(session: AsyncSession, cart: Cart) -> Sequence[CartLine]:
    """The cart's lines in the order they were added."""
    statement = (
        select(CartLine)
        .where(CartLine.cart_id == cart.id)
        .order_by(CartLine.position, CartLine.id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).all()


async def discount_of(session: AsyncSession, cart: Cart, now: datetime) -> CartDiscount | None:
    """What a member took off the cart, while that holds."""
    held = select(CartDiscount).where(CartDiscount.cart_id == cart.id, CartDiscount.until > now)
    return await session.scalar(held.execution_options(populate_existing=True))


async def offer_of(session: AsyncSession, cart: Cart) -> UpsellOffer | None:
    """What was offered beside the cart."""
    return await session.scalar(select(UpsellOffer).where(UpsellOffer.cart_id == cart.id))


def _priced(line: CartLine, variant: Variant, held: HeldPrice | None, now: datetime) -> PricedLine:
    regular = catalogue.price_at(variant, now)
    is_agreed = held is not None and line.quantity >= held.least_quantity and held.price < regular
    agreed = held if is_agreed else None
    return PricedLine(
        id=line.id,
        variant=variant,
        quantity=line.quantity,
        unit_price=agreed.price if agreed else regular,
        is_available=_is_for_sale(variant) and variant.stock >= line.quantity,
        regular_price=regular,
        agreed=agreed,
    )


def _discounted(line: PricedLine, discount: CartDiscount, terms: BargainTerms | None) -> PricedLine:
    """The line with the discount, where that is less than the price agreed with its shopper."""
    exact = -(-line.regular_price * (100 - discount.percent) // 100)
    price = max(-(-exact // discount.unit) * discount.unit, bargaining.floor_of(terms, line.regular_price))
    if price >= line.unit_price:
        return line
    return replace(line, unit_price=price, agreed=None, discount=line.regular_price - price)


def _is_for_sale(variant: Variant) -> bool:
    return variant.is_active and variant.product.is_active
