"""Reading the catalogue; nothing here changes anything."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, cast, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload, selectinload, undefer

from commerce_api.catalogue import search, tree
from commerce_api.catalogue.models import Category, Photo, Product, UpsellPair, Variant
from commerce_api.catalogue.search import Hits, Scope
from commerce_api.catalogue.search_models import ProductSearch
from commerce_api.catalogue.tree import Tree
from commerce_api.core.errors import NotFound
from commerce_api.core.listing import ListParams, Page, page
from commerce_api.core.tenancy import enter

LOW_STOCK = 3
MOST_FOUND = 1000


@dataclass(frozen=True)
class Filters:
    """Which products a seller wants listed. ``low_stock``: a variant has ``LOW_STOCK`` or fewer left."""

    q: str | None = None
    category_id: UUID | None = None
    is_active: bool | None = None
    low_stock: bool | None = None


@dataclass(frozen=True)
class Upsell:
    """Something to offer: ``variant`` of ``product``, because of ``beside``."""

    product: Product
    variant: Variant
    beside: Product


async def product(session: AsyncSession, product_id: UUID) -> Product:
    """A product with its category, variants and photos. Raises NotFound."""
    found = await session.scalar(_whole(select(Product).where(Product.id == product_id)))
    if found is None:
        raise NotFound
    return found


async def product_for_sale(session: AsyncSession, product_id: UUID) -> Product:
    """The same, of those a shopper may see."""
    found = await product(session, product_id)
    if not found.is_active or not any(variant.is_active for variant in found.variants):
        raise NotFound
    return found


async def products(session: AsyncSession, product_ids: Sequence[UUID]) -> list[Product]:
    """These products, whole, in this order; those that aren't there are left out."""
    if not product_ids:
        return []
    rows = await session.scalars(_whole(select(Product).where(Product.id.in_(product_ids))))
    found = {row.id: row for row in rows}
    return [found[product_id] for product_id in product_ids if product_id in found]


async def find_variant(session: AsyncSession, variant_id: UUID) -> Variant:
    """A variant with its product, for sale or not. Raises NotFound."""
    statement = select(Variant).options(joinedload(Variant.product)).where(Variant.id == variant_id)
    found = await session.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def find_variants(session: AsyncSession, variant_ids: Collection[UUID]) -> dict[UUID, Variant]:
    """These variants with their products, for sale or not, by id."""
    if not variant_ids:
        return {}
    statement = select(Variant).options(joinedload(Variant.product)).where(Variant.id.in_(variant_ids))
    return {variant.id: variant for variant in await session.scalars(statement)}


async def shop_window(session: AsyncSession, q: str | None, scope: Scope) -> tuple[Hits, list[Product]]:
    """What a shopper finds: by words, in a category, or all there is for sale. Raises NotFound."""
    inside = None
    if scope.category_id is not None:
        whole = await tree.load(session)
        if scope.category_id not in whole.by_id:
            raise NotFound
        inside = whole.subtree(scope.category_id)
    if q and q.strip():
        hits = await search.find(session, q, scope)
    else:
        hits = await search.browse(session, scope, inside)
    return hits, await products(session, hits.product_ids)


async def list_products(session: AsyncSession, params: ListParams, filters: Filters) -> Page[Product]:
    """The seller's list, archived products included. With words and no ``sort``, the best find comes first.

    Words find 1000 products at most. Raises SortUnknown, and NotFound for a category that isn't there.
    """
    statement = _whole(await _filtered(session, filters))
    sortable: dict[str, Any] = {
        "name": Product.name,
        "sku": Product.sku,
        "created_at": Product.created_at,
        "position": Product.position,
    }
    if filters.q and filters.q.strip():
        hits = await search.find(session, filters.q, Scope(for_sale=False, limit=MOST_FOUND))
        statement = statement.where(Product.id.in_(hits.product_ids))
        if params.sort is None:
            sortable = {"best": _place(hits.product_ids, Product.id)}
    return await page(session, statement, params, sortable)


async def category(session: AsyncSession, category_id: UUID) -> Category:
    """A category. Raises NotFound."""
    found = await session.scalar(select(Category).where(Category.id == category_id))
    if found is None:
        raise NotFound
    return found


async def categories(session: AsyncSession) -> tuple[Tree, dict[UUID, int]]:
    """The tree, and how many products for sale are in each category and below it."""
    whole = await tree.load(session)
    rows = await session.execute(
        select(Product.category_id, func.count())
        .join(ProductSearch, ProductSearch.id == Product.id)
        .where(ProductSearch.is_for_sale, Product.category_id.is_not(None))
        .group_by(Product.category_id)
    )
    own = {category_id: count for category_id, count in rows if category_id is not None}
    counts = {i: sum(own.get(below, 0) for below in whole.subtree(i)) for i in whole.by_id}
    return whole, counts


async def upsells(session: AsyncSession, product_id: UUID) -> list[tuple[UpsellPair, Product]]:
    """What is offered beside a product, the heaviest first."""
    rows = await session.execute(
        select(UpsellPair, Product)
        .join(Product, (Product.tenant_id == UpsellPair.tenant_id) & (Product.id == UpsellPair.offered_id))
        .where(UpsellPair.product_id == product_id)
        .order_by(UpsellPair.weight.desc(), Product.name, Product.id)
    )
    return list(rows)


async def upsell_beside(
    session: AsyncSession, product_ids: Sequence[UUID], leaving_out: Collection[UUID] = ()
) -> Upsell | None:
    """What goes best with these products by the seller's pairs: in stock, none of them or of ``leaving_out``.

    Of equals, that of the first.
    """
    beside, offered = aliased(Product), aliased(Product)
    pair = UpsellPair
    statement = (
        select(pair.offered_id, beside)
        .join(beside, (beside.tenant_id == pair.tenant_id) & (beside.id == pair.product_id))
        .join(offered, (offered.tenant_id == pair.tenant_id) & (offered.id == pair.offered_id))
        .where(pair.product_id.in_(product_ids), pair.offered_id.not_in([*product_ids, *leaving_out]))
        .where(offered.is_active, offered.in_stock)
        .order_by(pair.weight.desc(), _place(product_ids, pair.product_id), offered.name, offered.id)
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    return await upsell_of(session, *row)


async def upsell_of(session: AsyncSession, offered_id: UUID, beside: Product) -> Upsell | None:
    """A product as something to offer: its first variant in stock, or None. Raises NotFound."""
    offered = await product(session, offered_id)
    variants = (v for v in offered.variants if v.is_active and v.stock > 0)
    variant = next(variants, None)
    return Upsell(offered, variant, beside) if variant and offered.is_active else None


async def photo_by_key(session: AsyncSession, key: str) -> Photo:
    """A photo of any tenant, with its content; enters the tenant. Raises NotFound."""
    row = (await session.execute(text("select * from lookup.photo(:key)"), {"key": key})).one_or_none()
    if row is None:
        raise NotFound
    await enter(session, row.tenant_id)
    statement = select(Photo).where(Photo.id == row.id).options(undefer(Photo.content))
    found = await session.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def _filtered(session: AsyncSession, filters: Filters) -> Select[Product]:
    statement = select(Product)
    if filters.category_id is not None:
        whole = await tree.load(session)
        if filters.category_id not in whole.by_id:
            raise NotFound
        statement = statement.where(Product.category_id.in_(whole.subtree(filters.category_id)))
    if filters.is_active is not None:
        statement = statement.where(Product.is_active == filters.is_active)
    if filters.low_stock is not None:
        is_low = exists().where(
            Variant.tenant_id == Product.tenant_id,
            Variant.product_id == Product.id,
            Variant.is_active,
            Variant.stock <= LOW_STOCK,
        )
        statement = statement.where(is_low if filters.low_stock else ~is_low)
    return statement


def _whole(statement: Select[Product]) -> Select[Product]:
    return statement.options(
        joinedload(Product.category), selectinload(Product.variants), selectinload(Product.photos)
    ).execution_options(populate_existing=True)


def _place(ids: Sequence[UUID], column: Any) -> Any:
    return func.array_position(cast(list(ids), ARRAY(Uuid)), column)
