"""A CSV file into the catalogue, and back: all of it or, when any row is at fault, nothing."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from commerce_api.catalogue import categories, cells, indexing, sheet, stock, tree, words
from commerce_api.catalogue.errors import CsvInvalid
from commerce_api.catalogue.models import Product, UpsellPair, Variant
from commerce_api.catalogue.sheet import Dialect, Fault, Row, Sheet
from commerce_api.catalogue.tree import Tree
from commerce_api.core.money import MINOR_DIGITS
from commerce_api.tenants.models import Tenant

# The sheet's columns, and what the tables call them.
PRODUCT_COLUMNS = {"name": "name", "description": "description", "unit": "unit"}
VARIANT_COLUMNS = {"variant": "name", "price": "regular_price"} | {
    column: column for column in ("sale_price", "sale_from", "sale_until")
}


@dataclass(frozen=True)
class Imported:
    """How many variants are new, and how many were there and are now as the file says."""

    imported: int
    updated: int


@dataclass
class _Shelf:
    """What the shop has of what the file names."""

    products: dict[str, Product]
    variants: dict[str, Variant]
    position: int
    new: list[Variant] = field(default_factory=list)


async def import_csv(session: AsyncSession, content: bytes, *, tenant: Tenant) -> Imported:
    """Makes and changes products as the file says. Columns it leaves out stay as they are.

    Raises CsvInvalid with every row at fault, having written nothing.
    """
    read = await asyncio.to_thread(sheet.read, content, dialect(tenant))
    whole = await tree.load_to_change(session)
    shelf = await _hold(session, read)
    faults = [*read.faults, *await _clashes(session, read, shelf)]
    if faults:
        raise CsvInvalid([asdict(fault) for fault in sorted(faults, key=lambda fault: fault.row)])
    try:
        async with session.begin_nested():
            whole = await _write(session, read, shelf, whole)
    except IntegrityError as error:
        fault = Fault(1, "product_sku", "one of the SKUs was taken meanwhile; send the file again")
        raise CsvInvalid([asdict(fault)]) from error
    product_ids = [product.id for product in shelf.products.values()]
    await stock.refresh_in_stock(session, product_ids)
    await indexing.index(session, product_ids, whole)
    return Imported(len(shelf.new), len(read.rows) - len(shelf.new))


async def export_csv(session: AsyncSession, *, tenant: Tenant) -> str:
    """Every product, archived ones included, one row a variant that was not withdrawn."""
    whole = await tree.load(session)
    statement = (
        select(Product)
        .options(selectinload(Product.variants))
        .order_by(Product.position, Product.name, Product.id)
        .execution_options(populate_existing=True)
    )
    products = (await session.scalars(statement)).all()
    upsells = await _upsells(session)
    return await asyncio.to_thread(
        lambda: sheet.write(
            row for product in products for row in _rows(product, whole, upsells, dialect(tenant))
        )
    )


def dialect(tenant: Tenant) -> Dialect:
    """How the shop writes prices and times."""
    return Dialect(MINOR_DIGITS.get(tenant.currency, 2), ZoneInfo(tenant.timezone))


async def _hold(session: AsyncSession, read: Sheet) -> _Shelf:
    """The products and variants the file names, held: variants first, as whoever moves stock holds them."""
    product_skus = {row.product_sku for row in read.rows}
    variant_skus = {row.variant_sku for row in read.rows}
    theirs = select(Product.id).where(Product.sku.in_(product_skus))
    variants = await session.scalars(
        select(Variant)
        .where(or_(Variant.sku.in_(variant_skus), Variant.product_id.in_(theirs)))
        .order_by(Variant.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    products = await session.scalars(
        select(Product)
        .where(Product.sku.in_(product_skus))
        .options(selectinload(Product.variants))
        .order_by(Product.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    last = await session.scalar(select(Product.position).order_by(Product.position.desc()).limit(1))
    return _Shelf(
        {product.sku: product for product in products},
        {variant.sku: variant for variant in variants},
        position=0 if last is None else last + 1,
    )


async def _clashes(session: AsyncSession, read: Sheet, shelf: _Shelf) -> list[Fault]:
    """What the file says against what the shop has."""
    named = {sku for row in read.rows for sku in row.values.get("upsells") or ()}
    rows = await session.scalars(select(Product.sku).where(Product.sku.in_(named))) if named else ()
    known = {*rows, *(row.product_sku for row in read.rows)}
    faults: list[Fault] = []
    for row in read.rows:
        faults += _price_clashes(row, shelf.variants.get(row.variant_sku))
        product, variant = shelf.products.get(row.product_sku), shelf.variants.get(row.variant_sku)
        if variant is not None and (product is None or variant.product_id != product.id):
            fault = "another product has a variant with this SKU; choose another"
            faults.append(Fault(row.number, "variant_sku", fault))
        faults += [
            Fault(row.number, "upsells", f"there is no product {sku}; add it or remove it here")
            for sku in row.values.get("upsells") or ()
            if sku not in known
        ]
    for sku, group in read.products().items():
        faults += _name_clashes(group, shelf.products.get(sku))
    return faults


def _price_clashes(row: Row, variant: Variant | None) -> Iterator[Fault]:
    """A price that the file lowers below a sale which it doesn't mention."""
    sale = variant.sale_price if variant and "sale_price" not in row.values else None
    if sale is not None and sale >= row.values["price"]:
        yield Fault(row.number, "price", "this is not above the sale price; add the column sale_price")


def _name_clashes(rows: Sequence[Row], product: Product | None) -> Iterator[Fault]:
    """Variants of the file that nobody could tell from those the product has besides."""
    in_file = {row.variant_sku for row in rows}
    others = [v for v in product.variants if v.is_active and v.sku not in in_file] if product else []
    taken = {words.fold(variant.name or "") for variant in others}
    for row in rows:
        name = words.fold(row.values.get("variant") or "")
        if others and (not name or "" in taken or name in taken):
            skus = ", ".join(variant.sku for variant in others[:3])
            yield Fault(
                row.number, "variant", f"the shop has {skus} of this product too; give each its own name"
            )


async def _write(session: AsyncSession, read: Sheet, shelf: _Shelf, whole: Tree) -> Tree:
    for sku, rows in read.products().items():
        facts = rows[0].values
        if "category" in facts:
            whole, category_id = await categories.ensure(session, whole, facts["category"] or ())
        else:
            known = shelf.products.get(sku)
            category_id = known.category_id if known else None
        product = _write_product(session, shelf, sku, facts, category_id)
        for place, row in enumerate(rows):
            _write_variant(session, shelf, product, row, place)
    await session.flush()
    await _write_upsells(session, read, shelf)
    return whole


def _write_product(
    session: AsyncSession, shelf: _Shelf, sku: str, facts: Mapping[str, Any], category_id: UUID | None
) -> Product:
    product = shelf.products.get(sku)
    if product is None:
        product = Product(id=uuid4(), sku=sku, is_active=True, position=shelf.position)
        session.add(product)
        shelf.position += 1
        shelf.products[sku] = product
    for column, name in PRODUCT_COLUMNS.items():
        if column in facts:
            setattr(product, name, facts[column])
    product.category_id = category_id
    if facts.get("is_active") is not None:
        product.is_active = facts["is_active"]
    return product


def _write_variant(session: AsyncSession, shelf: _Shelf, product: Product, row: Row, place: int) -> None:
    variant = shelf.variants.get(row.variant_sku)
    if variant is None:
        variant = Variant(
            id=uuid4(), product_id=product.id, sku=row.variant_sku, position=place, attributes={}
        )
        session.add(variant)
        shelf.new.append(variant)
    variant.is_active = True
    for column, name in VARIANT_COLUMNS.items():
        if column in row.values:
            setattr(variant, name, row.values[column])
    if "attributes" in row.values:
        variant.attributes = row.values["attributes"] or {}
    if row.values.get("stock") is not None:
        variant.stock = row.values["stock"]


async def _write_upsells(session: AsyncSession, read: Sheet, shelf: _Shelf) -> None:
    """The file's order is the order of preference; pairs that stand in it already keep their weights."""
    now_offered = await _upsells(session)
    wanted = {
        sku: rows[0].values["upsells"] or ()
        for sku, rows in read.products().items()
        if "upsells" in rows[0].values
    }
    changed = {
        sku: skus for sku, skus in wanted.items() if now_offered.get(shelf.products[sku].id, ()) != skus
    }
    named = {sku for skus in changed.values() for sku in skus}
    rows = await session.execute(select(Product.sku, Product.id).where(Product.sku.in_(named)))
    ids = dict(rows.all())
    of_changed = UpsellPair.product_id.in_([shelf.products[sku].id for sku in changed])
    for pair in await session.scalars(select(UpsellPair).where(of_changed)):
        await session.delete(pair)
    await session.flush()
    for sku, skus in changed.items():
        session.add_all(
            UpsellPair(product_id=shelf.products[sku].id, offered_id=ids[offered], weight=len(skus) - place)
            for place, offered in enumerate(skus)
        )
    await session.flush()


async def _upsells(session: AsyncSession) -> dict[UUID, tuple[str, ...]]:
    """What is offered beside each product: SKUs, the first choice first."""
    rows = await session.execute(
        select(UpsellPair.product_id, Product.sku)
        .join(Product, (Product.tenant_id == UpsellPair.tenant_id) & (Product.id == UpsellPair.offered_id))
        .order_by(UpsellPair.weight.desc(), Product.name, Product.id)
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for product_id, sku in rows:
        found[product_id] = (*found.get(product_id, ()), sku)
    return found


def _rows(
    product: Product, whole: Tree, upsells: Mapping[UUID, Sequence[str]], dialect: Dialect
) -> Iterator[dict[str, str]]:
    """A product's rows: of its variants, those that were not withdrawn."""
    for variant in product.variants:
        if variant.is_active:
            yield {
                "product_sku": product.sku,
                "name": product.name,
                "description": product.description or "",
                "category": whole.path(product.category_id),
                "unit": product.unit or "",
                "variant_sku": variant.sku,
                "variant": variant.name or "",
                "attributes": cells.attributes_cell(variant.attributes),
                "price": cells.price_cell(variant.regular_price, dialect.digits),
                "sale_price": cells.price_cell(variant.sale_price, dialect.digits),
                "sale_from": cells.moment_cell(variant.sale_from, dialect.zone),
                "sale_until": cells.moment_cell(variant.sale_until, dialect.zone),
                "stock": str(variant.stock),
                "is_active": "yes" if product.is_active else "no",
                "upsells": cells.skus_cell(upsells.get(product.id, ())),
            }
