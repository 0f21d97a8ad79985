"""Stock moves by conditional update alone, variants first and then products, each in the order of their ids.

That order is the same for every caller, so two carts with the same things in opposite order wait for each
other instead of deadlocking.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue.errors import OutOfStock, StockInvalid
from commerce_api.catalogue.indexing import IN_STOCK, prefix
from commerce_api.catalogue.models import MAX_STOCK, Product, Variant
from commerce_api.catalogue.search_models import ProductSearch
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import current

Held = Sequence[tuple[UUID, int]]


async def hold_stock(session: AsyncSession, lines: Held) -> None:
    """Takes (variant id, quantity) lines out of stock, all of them or none.

    Lines of one variant are added up first. Raises OutOfStock naming every variant that falls short; the
    session stays good.
    """
    emptied: set[UUID] = set()
    short: list[tuple[UUID, int]] = []
    async with session.begin_nested():
        for variant_id, quantity in _in_order(lines):
            taken = await _take(session, variant_id, quantity)
            if taken is None:
                short.append((variant_id, await _available(session, variant_id)))
            elif taken.stock == 0:
                emptied.add(taken.product_id)
        if short:
            raise OutOfStock(short)
        await refresh_in_stock(session, emptied)


async def release_stock(session: AsyncSession, lines: Held) -> None:
    """Puts (variant id, quantity) lines back in stock."""
    filled: set[UUID] = set()
    for variant_id, quantity in _in_order(lines):
        statement = (
            update(Variant)
            .where(Variant.id == variant_id)
            .values(stock=func.least(Variant.stock + quantity, MAX_STOCK))
            .returning(Variant)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        variant = await session.scalar(statement)
        if variant is not None and variant.stock == quantity:
            filled.add(variant.product_id)
    await refresh_in_stock(session, filled)


async def adjust_stock(
    session: AsyncSession, variant_id: UUID, *, by: int | None = None, to: int | None = None
) -> Variant:
    """Corrects a count, by a difference or to a number. Raises StockInvalid and NotFound."""
    stock = Variant.stock + by if by is not None else literal(to)
    statement = (
        update(Variant)
        .where(Variant.id == variant_id, stock.between(0, MAX_STOCK))
        .values(stock=stock)
        .returning(Variant)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    variant = await session.scalar(statement)
    if variant is None:
        available = await _available(session, variant_id, of_archived=True)
        raise StockInvalid(f"The stock can be 0 to {MAX_STOCK}; it is {available}.", available=available)
    await refresh_in_stock(session, {variant.product_id})
    return variant


async def refresh_in_stock(session: AsyncSession, product_ids: Collection[UUID]) -> None:
    """Makes products say anew whether they are in stock; for after their variants changed."""
    if not product_ids:
        return
    ids = sorted(product_ids)
    await session.flush()
    held = select(Product.id).where(Product.id.in_(ids)).order_by(Product.id).with_for_update(key_share=True)
    await session.execute(held)
    has_stock = exists().where(
        Variant.tenant_id == Product.tenant_id,
        Variant.product_id == Product.id,
        Variant.is_active,
        Variant.stock > 0,
    )
    updated = await session.scalars(
        update(Product)
        .where(Product.id.in_(ids), Product.in_stock != has_stock)
        .values(in_stock=~Product.in_stock)
        .returning(Product)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    changed = updated.all()
    for is_in_stock in (True, False):
        await _tell_search(session, [p.id for p in changed if p.in_stock is is_in_stock], is_in_stock)


async def _tell_search(session: AsyncSession, product_ids: list[UUID], is_in_stock: bool) -> None:
    if not product_ids:
        return
    token = f"{prefix(current(session))}{IN_STOCK}"
    without = func.array_remove(ProductSearch.tokens, token)
    await session.execute(
        update(ProductSearch)
        .where(ProductSearch.id.in_(product_ids))
        .values(in_stock=is_in_stock, tokens=func.array_append(without, token) if is_in_stock else without)
        .execution_options(synchronize_session=False)
    )


def _in_order(lines: Iterable[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    wanted: Counter[UUID] = Counter()
    for variant_id, quantity in lines:
        if quantity < 1:
            raise ValueError(f"{quantity} is no quantity to move")
        wanted[variant_id] += quantity
    return sorted(wanted.items())


async def _take(session: AsyncSession, variant_id: UUID, quantity: int) -> Variant | None:
    is_for_sale = exists().where(
        Product.tenant_id == Variant.tenant_id, Product.id == Variant.product_id, Product.is_active
    )
    statement = (
        update(Variant)
        .where(Variant.id == variant_id, Variant.is_active, is_for_sale, Variant.stock >= quantity)
        .values(stock=Variant.stock - quantity)
        .returning(Variant)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return await session.scalar(statement)


async def _available(session: AsyncSession, variant_id: UUID, *, of_archived: bool = False) -> int:
    """What can be had of a variant: nothing of one that was withdrawn. Raises NotFound."""
    row = (
        await session.execute(
            select(Variant.stock, Variant.is_active & Product.is_active)
            .join(Variant.product)
            .where(Variant.id == variant_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    stock, is_for_sale = row
    return stock if is_for_sale or of_archived else 0
