"""Stock moves by conditional update alone, variants first and then products, each in the order of their ids.

That order is the same for every caller, so two carts with the same things in opposite order wait for each
other instead of deadlocking.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from commerce_api.catalogue.errors import OutOfStock, StockInvalid
from commerce_api.catalogue.indexing import IN_STOCK, prefix
from commerce_api.catalogue.models import MAX_STOCK, Product, Variant
from commerce_api.catalogue.queries import find_variant
from commerce_api.catalogue.search_models import ProductSearch
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import current

Held = Sequence[tuple[UUID, int]]


class Moved(NamedTuple):
    """A variant whose stock has moved, and to what."""

    id: UUID
    product_id: UUID
    stock: int


async def hold_stock(session: AsyncSession, lines: Held) -> None:
    """Takes (variant id, quantity) lines out of stock, all of them or none.

    Lines of one variant are added up first. Raises OutOfStock naming every variant that falls short; the
    session stays good.
    """
    taken: list[Moved] = []
    short: list[tuple[UUID, int]] = []
    async with session.begin_nested():
        for variant_id, quantity in _in_order(lines):
            moved = await _take(session, variant_id, quantity)
            if moved is None:
                short.append((variant_id, await _available(session, variant_id)))
            else:
                taken.append(moved)
        if short:
            raise OutOfStock(short)
        await refresh_in_stock(session, {moved.product_id for moved in taken if moved.stock == 0})
    _note(session, taken)


async def release_stock(session: AsyncSession, lines: Held) -> None:
    """Puts (variant id, quantity) lines back in stock."""
    filled: set[UUID] = set()
    for variant_id, quantity in _in_order(lines):
        stock = func.least(Variant.stock + quantity, MAX_STOCK)
        moved = await _move(session, stock, Variant.id == variant_id)
        if moved is not None:
            _note(session, [moved])
            filled |= {moved.product_id} if moved.stock == quantity else set()
    await refresh_in_stock(session, filled)


async def adjust_stock(
    session: AsyncSession, variant_id: UUID, *, by: int | None = None, to: int | None = None
) -> Variant:
    """Corrects a count, by a difference or to a number. Raises StockInvalid and NotFound."""
    stock = Variant.stock + by if by is not None else literal(to)
    moved = await _move(session, stock, Variant.id == variant_id, stock.between(0, MAX_STOCK))
    if moved is None:
        available = await _available(session, variant_id, of_archived=True)
        raise StockInvalid(f"The stock can be 0 to {MAX_STOCK}; it is {available}.", available=available)
    _note(session, [moved])
    await refresh_in_stock(session, {moved.product_id})
    return await find_variant(session, variant_id)


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
    statement = (
        update(Product)
        .where(Product.id.in_(ids), Product.in_stock != has_stock)
        .values(in_stock=~Product.in_stock)
        .returning(Product.id, Product.in_stock)
        .execution_options(synchronize_session=False)
    )
    changed = (await session.execute(statement)).all()
    for product_id, is_in_stock in changed:
        _set_if_loaded(session, Product, product_id, "in_stock", is_in_stock)
    for is_in_stock in (True, False):
        await _tell_search(session, [row.id for row in changed if row.in_stock is is_in_stock], is_in_stock)


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


async def _take(session: AsyncSession, variant_id: UUID, quantity: int) -> Moved | None:
    is_for_sale = exists().where(
        Product.tenant_id == Variant.tenant_id, Product.id == Variant.product_id, Product.is_active
    )
    conditions = (Variant.id == variant_id, Variant.is_active, is_for_sale, Variant.stock >= quantity)
    return await _move(session, Variant.stock - quantity, *conditions)


async def _move(session: AsyncSession, stock: Any, *conditions: Any) -> Moved | None:
    """Sets the stock of the one variant that meets the conditions; None when it doesn't."""
    statement = (
        update(Variant)
        .where(*conditions)
        .values(stock=stock)
        .returning(Variant.id, Variant.product_id, Variant.stock)
        .execution_options(synchronize_session=False)
    )
    row = (await session.execute(statement)).one_or_none()
    return Moved(row.id, row.product_id, row.stock) if row else None


def _note(session: AsyncSession, moved: Iterable[Moved]) -> None:
    """Tells the variants that the session has loaded of their new stock, and touches nothing else of them."""
    for variant in moved:
        _set_if_loaded(session, Variant, variant.id, "stock", variant.stock)


def _set_if_loaded(
    session: AsyncSession, entity: type[Product | Variant], row_id: UUID, name: str, value: Any
) -> None:
    loaded = session.identity_map.get(identity_key(entity, (current(session), row_id)))
    if loaded is not None:
        set_committed_value(loaded, name, value)


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
