"""The seller's rules, and the ladder they make of a price."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.bargaining.errors import FloorNeedsProduct
from commerce_api.bargaining.ladder import Ladder, Patience
from commerce_api.bargaining.models import BargainTerms
from commerce_api.catalogue import service as catalogue
from commerce_api.core.errors import NotFound
from commerce_api.core.listing import ListParams, Page, page
from commerce_api.core.money import MINOR_DIGITS
from commerce_api.core.tenancy import current


@dataclass(frozen=True)
class TermsFacts:
    """Everything a seller says about bargaining; see ``BargainTerms``."""

    is_on: bool = True
    floor_percent: int = 85
    floor_price: int | None = None
    steps: int = 3
    patience: int = 4
    limit_per_contact: int = 3
    held_minutes: int = 20
    pair_quantity: int = 2


async def lay_down(session: AsyncSession, product_id: UUID | None, facts: TermsFacts) -> BargainTerms:
    """Makes these the terms of a product, or with None of the shop. Raises NotFound and FloorNeedsProduct."""
    if product_id is not None:
        await catalogue.product(session, product_id)
    elif facts.floor_price is not None:
        raise FloorNeedsProduct
    values = asdict(facts)
    statement = (
        insert(BargainTerms)
        .values(tenant_id=current(session), id=uuid4(), product_id=product_id, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "product_id"], set_=values)
        .returning(BargainTerms)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one()


async def forget(session: AsyncSession, terms_id: UUID) -> None:
    """Takes terms away: what they were for is bargained by the shop's, or not at all. Raises NotFound."""
    gone = delete(BargainTerms).where(BargainTerms.id == terms_id).returning(BargainTerms.id)
    if await session.scalar(gone) is None:
        raise NotFound


async def terms_page(session: AsyncSession, params: ListParams) -> Page[BargainTerms]:
    """All terms, the shop's among them."""
    return await page(session, select(BargainTerms), params, {"product_id": BargainTerms.product_id})


async def terms_of(session: AsyncSession, product_id: UUID) -> BargainTerms | None:
    """The terms a product is bargained by: its own, else the shop's; None when it isn't."""
    found = await session.scalars(
        select(BargainTerms)
        .where((BargainTerms.product_id == product_id) | BargainTerms.product_id.is_(None))
        .order_by(BargainTerms.product_id.is_(None))
        .limit(1)
    )
    terms = found.one_or_none()
    return terms if terms is not None and terms.is_on else None


async def terms_of_products(session: AsyncSession, product_ids: Collection[UUID]) -> dict[UUID, BargainTerms]:
    """The terms each of the products is bargained by; a product that isn't has none."""
    found = await session.scalars(
        select(BargainTerms).where(
            BargainTerms.product_id.in_(product_ids) | BargainTerms.product_id.is_(None)
        )
    )
    by_product = {terms.product_id: terms for terms in found}
    usual = by_product.get(None)
    each = ((product_id, by_product.get(product_id, usual)) for product_id in product_ids)
    return {product_id: terms for product_id, terms in each if terms is not None and terms.is_on}


def floor_of(terms: BargainTerms | None, price: int) -> int:
    """The least a piece may cost by these terms when its price is this, in minor units; never below 1."""
    if terms is None:
        return 1
    least = terms.floor_price if terms.floor_price is not None else -(-price * terms.floor_percent // 100)
    return min(price, max(least, 1))


def ladder(terms: BargainTerms, price: int, currency: str) -> Ladder:
    """From today's price down to the floor."""
    return Ladder(price, floor_of(terms, price), terms.steps, 10 ** MINOR_DIGITS[currency])


def patience(terms: BargainTerms) -> Patience:
    """The part of the terms that a single answer needs."""
    return Patience(terms.patience, terms.pair_quantity)
