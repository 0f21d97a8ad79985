"""What to offer beside a cart: the seller's pairs first, then what others bought together with it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from commerce_api.carts.models import Cart, CartLine, CartState, OfferSource, UpsellOffer
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.models import Product, Variant
from commerce_api.catalogue.service import Upsell

LEAST = 3
"""So many carts must have been ordered with both: once is chance."""
TRIED = 5


async def find(
    session: AsyncSession, contact_id: UUID, product_ids: Sequence[UUID]
) -> tuple[Upsell, OfferSource] | None:
    """The best thing to offer beside these products, and why; None when there is nothing new to offer."""
    known = await _offered_before(session, contact_id)
    pair = await catalogue.upsell_beside(session, product_ids, known)
    if pair is not None:
        return pair, OfferSource.PAIR
    for offered_id, beside_id in await _bought_together(session, product_ids, [*product_ids, *known]):
        beside = await catalogue.product(session, beside_id)
        upsell = await catalogue.upsell_of(session, offered_id, beside)
        if upsell is not None:
            return upsell, OfferSource.TOGETHER
    return None


async def _offered_before(session: AsyncSession, contact_id: UUID) -> list[UUID]:
    """The products that were offered to the contact beside any cart."""
    found = (
        select(Variant.product_id)
        .join(
            UpsellOffer, (UpsellOffer.tenant_id == Variant.tenant_id) & (UpsellOffer.variant_id == Variant.id)
        )
        .join(Cart, (Cart.tenant_id == UpsellOffer.tenant_id) & (Cart.id == UpsellOffer.cart_id))
        .where(Cart.contact_id == contact_id)
    )
    return list((await session.scalars(found.distinct())).all())


async def _bought_together(
    session: AsyncSession, product_ids: Sequence[UUID], leaving_out: Sequence[UUID]
) -> Sequence[tuple[UUID, UUID]]:
    """Products ordered in the same carts, most often first, each with what it was bought beside."""
    here, there = aliased(CartLine), aliased(CartLine)
    mine, other = aliased(Variant), aliased(Variant)
    carts = func.count(distinct(Cart.id))
    found = (
        select(other.product_id, mine.product_id)
        .join(there, (there.tenant_id == other.tenant_id) & (there.variant_id == other.id))
        .join(here, (here.tenant_id == there.tenant_id) & (here.cart_id == there.cart_id))
        .join(mine, (mine.tenant_id == here.tenant_id) & (mine.id == here.variant_id))
        .join(Cart, (Cart.tenant_id == here.tenant_id) & (Cart.id == here.cart_id))
        .join(Product, (Product.tenant_id == other.tenant_id) & (Product.id == other.product_id))
        .where(Cart.state == CartState.ORDERED, mine.product_id.in_(product_ids))
        .where(other.product_id.not_in(leaving_out), Product.is_active, Product.in_stock)
        .group_by(other.product_id, mine.product_id)
        .having(carts >= LEAST)
        .order_by(carts.desc(), other.product_id)
        .limit(TRIED)
    )
    return [(row[0], row[1]) for row in await session.execute(found)]
