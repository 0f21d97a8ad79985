"""Making and changing products, their variants and what is offered beside them."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import indexing, photos, prices, queries, stock, tree, words
from commerce_api.catalogue.errors import CategoryUnknown, SkuTaken, UpsellInvalid, VariantNameMissing
from commerce_api.catalogue.models import Product, UpsellPair, Variant
from commerce_api.catalogue.schemas import ProductCreate, ProductPatch, UpsellPut, VariantCreate, VariantPatch
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import current

SKU_LETTERS = 8
SKU_CONSTRAINTS = ("uq_products_tenant_id_sku", "uq_variants_tenant_id_sku")


async def create_product(session: AsyncSession, facts: ProductCreate) -> Product:
    """A new product, whole. Raises SkuTaken, CategoryUnknown, PriceInvalid or VariantNameMissing."""
    await _check_category(session, facts.category_id)
    product = Product(id=uuid4(), **facts.model_dump(exclude={"variants"}))
    variants = [Variant(product_id=product.id, **given.model_dump()) for given in facts.variants]
    check_names(variants)
    for place, variant in enumerate(variants):
        prices.check_schedule(variant)
        variant.position = variant.position or place
    async with _own_sku(session, product.sku):
        session.add(product)
    for variant in variants:
        async with _own_sku(session, variant.sku):
            session.add(variant)
    return await _settle(session, product.id)


async def quick_add(
    session: AsyncSession, *, name: str, price: int, stock: int, photo: bytes | None
) -> Product:
    """A product of one variant from as little as a seller has at hand, its SKU made from its name.

    ``price`` is minor units. Raises PhotoUnreadable and PhotoTooLarge, having written nothing.
    """
    picture = await asyncio.to_thread(photos.encode, photo) if photo else None
    letters = re.sub(r"[^A-Z0-9]", "", words.fold(name).upper())[:SKU_LETTERS]
    sku = f"{letters or 'P'}-{uuid4().hex[:6].upper()}"
    variant = VariantCreate(sku=sku, regular_price=price, stock=stock)
    product = await create_product(session, ProductCreate(sku=sku, name=name, variants=[variant]))
    if picture:
        await photos.hang(session, product.id, picture)
    return await queries.product(session, product.id)


async def change_product(session: AsyncSession, product_id: UUID, facts: ProductPatch) -> Product:
    """The product, whole, with what was given changed. Raises as ``create_product``, and NotFound."""
    product = await queries.product(session, product_id)
    given = facts.model_dump(exclude_unset=True)
    await _check_category(session, given.get("category_id"))
    async with _own_sku(session, given.get("sku", product.sku)):
        for name, value in given.items():
            setattr(product, name, value)
    return await _settle(session, product_id)


async def archive_product(session: AsyncSession, product_id: UUID) -> Product:
    """Withdraws a product: shoppers no longer find it, orders keep it. Raises NotFound."""
    return await change_product(session, product_id, ProductPatch(is_active=False))


async def add_variant(session: AsyncSession, product_id: UUID, facts: VariantCreate) -> Product:
    """The product, whole, with one more variant. Raises as ``create_product``, and NotFound."""
    product = await queries.product(session, product_id)
    variant = Variant(product_id=product_id, **facts.model_dump())
    prices.check_schedule(variant)
    check_names([*product.variants, variant])
    async with _own_sku(session, variant.sku):
        session.add(variant)
    return await _settle(session, product_id)


async def change_variant(session: AsyncSession, variant_id: UUID, facts: VariantPatch) -> Product:
    """The variant's product, whole, after the change. Raises as ``create_product``, and NotFound."""
    variant = await queries.find_variant(session, variant_id)
    given = facts.model_dump(exclude_unset=True)
    async with _own_sku(session, given.get("sku", variant.sku)):
        for name, value in given.items():
            setattr(variant, name, value)
        prices.check_schedule(variant)
    product = await queries.product(session, variant.product_id)
    check_names(product.variants)
    return await _settle(session, product.id)


def check_names(variants: Sequence[Variant]) -> None:
    """Raises VariantNameMissing unless a shopper can tell the variants that are for sale apart."""
    names = [words.fold(v.name or "") for v in variants if v.is_active is not False]
    if len(names) > 1 and ("" in names or len(set(names)) < len(names)):
        raise VariantNameMissing("A product with several variants needs a name for each, no two alike.")


async def pair_upsell(session: AsyncSession, product_id: UUID, facts: UpsellPut) -> None:
    """Offers a product beside another, or changes how much. Raises UpsellInvalid and NotFound."""
    if product_id == facts.offered_id:
        raise UpsellInvalid("A product can't be offered beside itself.")
    for mentioned in (product_id, facts.offered_id):
        await _check_product(session, mentioned)
    pair = {"tenant_id": current(session), "product_id": product_id, "offered_id": facts.offered_id}
    await session.execute(
        insert(UpsellPair)
        .values(id=uuid4(), weight=facts.weight, **pair)
        .on_conflict_do_update(
            index_elements=["tenant_id", "product_id", "offered_id"], set_={"weight": facts.weight}
        )
    )


async def unpair_upsell(session: AsyncSession, product_id: UUID, offered_id: UUID) -> None:
    """No longer offers a product beside another. Raises NotFound."""
    gone = await session.scalar(
        delete(UpsellPair)
        .where(UpsellPair.product_id == product_id, UpsellPair.offered_id == offered_id)
        .returning(UpsellPair.id)
    )
    if gone is None:
        raise NotFound


@asynccontextmanager
async def _own_sku(session: AsyncSession, sku: str) -> AsyncIterator[None]:
    """Writes what its block did; raises SkuTaken when the SKU is another's, leaving the session good."""
    try:
        async with session.begin_nested():
            yield
            await session.flush()
    except IntegrityError as error:
        if any(constraint in str(error.orig) for constraint in SKU_CONSTRAINTS):
            raise SkuTaken(sku) from error
        raise


async def _check_category(session: AsyncSession, category_id: UUID | None) -> None:
    if category_id is None:
        return
    try:
        await queries.category(session, category_id)
    except NotFound as error:
        raise CategoryUnknown from error


async def _check_product(session: AsyncSession, product_id: UUID) -> None:
    if await session.scalar(select(Product.id).where(Product.id == product_id)) is None:
        raise NotFound


async def _settle(session: AsyncSession, product_id: UUID) -> Product:
    await stock.refresh_in_stock(session, {product_id})
    await indexing.index(session, [product_id], await tree.load(session))
    return await queries.product(session, product_id)
