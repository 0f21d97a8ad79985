"""What to offer beside a cart: the seller's pairs first, then what others bought together with it."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from commerce_api.carts.models import Cart, CartLine, CartState, OfferSource, UpsellOffer
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.service import Upsell

LEAST = 3
"""So many carts must have been ordered with both: once is chance."""
COUNTED, TRIED = 200, 5


async def find(
    session: AsyncSession, contact_id: UUID, variant_ids: Sequence[UUID]
) -> tuple[Upsell, OfferSource] | None:
    """The best thing to offer beside these variants, and why; None when there is nothing new to offer.

    Of equals, what goes with the first.
    """
    here = await catalogue.find_variants(session, variant_ids)
    product_ids = [here[variant_id].product_id for variant_id in variant_ids]
    known = await _offered_before(session, contact_id)
    pair = await catalogue.upsell_beside(session, product_ids, known)
    if pair is not None:
        return pair, OfferSource.PAIR
    for offered_id, beside_id in await _bought_together(session, variant_ids, {*product_ids, *known}):
        beside = await catalogue.product(session, beside_id)
        upsell = await catalogue.upsell_of(session, offered_id, beside)
        if upsell is not None:
            return upsell, OfferSource.TOGETHER
    return None


async def _offered_before(session: AsyncSession, contact_id: UUID) -> set[UUID]:
    """The products that were offered to the contact beside any cart."""
    found = (
        select(UpsellOffer.variant_id)
        .join(Cart, (Cart.tenant_id == UpsellOffer.tenant_id) & (Cart.id == UpsellOffer.cart_id))
        .where(Cart.contact_id == contact_id)
    )
    offered = (await session.scalars(found.distinct())).all()
    variants = await catalogue.find_variants(session, offered)
    return {variant.product_id for variant in variants.values()}


async def _bought_together(
    session: AsyncSession, variant_ids: Sequence[UUID], leaving_out: set[UUID]
) -> list[tuple[UUID, UUID]]:
    """Products ordered in the same carts, most often first, each with what it was bought beside."""
    here, there = aliased(CartLine), aliased(CartLine)
    carts = func.count(distinct(Cart.id))
    found = await session.execute(
        select(there.variant_id, here.variant_id, carts)
        .join(here, (here.tenant_id == there.tenant_id) & (here.cart_id == there.cart_id))
        .join(Cart, (Cart.tenant_id == here.tenant_id) & (Cart.id == here.cart_id))
        .where(Cart.state == CartState.ORDERED, here.variant_id.in_(variant_ids))
        .where(there.variant_id.not_in(variant_ids))
        .group_by(there.variant_id, here.variant_id)
        .order_by(carts.desc(), there.variant_id)
        .limit(COUNTED)
    )
    rows = [(row[0], row[1], row[2]) for row in found]
    known = await catalogue.find_variants(session, {one for row in rows for one in row[:2]})
    counted: Counter[tuple[UUID, UUID]] = Counter()
    for other, mine, count in rows:
        counted[known[other].product_id, known[mine].product_id] += count
    often = [pair for pair, count in counted.most_common() if count >= LEAST and pair[0] not in leaving_out]
    return often[:TRIED]
