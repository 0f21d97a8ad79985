"""Stock under many hands."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import search, service
from commerce_api.catalogue.errors import OutOfStock, StockInvalid
from commerce_api.catalogue.models import MAX_STOCK, Product, Variant
from commerce_api.catalogue.search import Scope
from commerce_api.catalogue.search_models import ProductSearch
from commerce_api.core.database import Database
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.commerce_api.shelves import MakeProduct, stock_product
from tests.conftest import MakeTenant


async def shelve(database: Database, tenant: Tenant, *stocks: int) -> list[UUID]:
    """Commits a product with so much of each variant; the variants' ids."""
    async with database.transaction() as session:
        await enter(session, tenant.id)
        variants = [{"name": f"No {n}", "stock": stock} for n, stock in enumerate(stocks)]
        return [v.id for v in (await stock_product(session, "Kettle", variants=variants)).variants]


async def hold(database: Database, tenant: Tenant, lines: Sequence[tuple[UUID, int]]) -> bool:
    async with database.transaction() as session:
        await enter(session, tenant.id)
        try:
            await service.hold_stock(session, lines)
        except OutOfStock:
            return False
        return True


async def stocks(database: Database, tenant: Tenant) -> dict[UUID, int]:
    async with database.transaction() as session:
        await enter(session, tenant.id)
        return {variant.id: variant.stock for variant in await session.scalars(select(Variant))}


async def test_of_fifty_who_want_the_last_one_exactly_one_gets_it(database: Database, tenant: Tenant) -> None:
    [last] = await shelve(database, tenant, 1)
    got = await asyncio.gather(*(hold(database, tenant, [(last, 1)]) for _ in range(50)))
    assert got.count(True) == 1
    assert await stocks(database, tenant) == {last: 0}


async def test_carts_in_opposite_order_do_not_deadlock(database: Database, tenant: Tenant) -> None:
    one, two = await shelve(database, tenant, 20, 20)
    carts = [[(one, 1), (two, 1)], [(two, 1), (one, 1)]] * 10
    assert all(await asyncio.gather(*(hold(database, tenant, cart) for cart in carts)))
    assert set((await stocks(database, tenant)).values()) == {0}


async def test_lines_of_one_variant_are_added_up_before_they_are_held(
    database: Database, tenant: Tenant
) -> None:
    [only] = await shelve(database, tenant, 3)
    assert not await hold(database, tenant, [(only, 2), (only, 2)])
    assert await stocks(database, tenant) == {only: 3}


async def test_all_or_none_is_held_and_every_shortage_is_named(
    make_product: MakeProduct, entered: AsyncSession
) -> None:
    product = await make_product(
        "Kettle", variants=[{"name": "S", "stock": 5}, {"name": "M", "stock": 1}, {"name": "L", "stock": 0}]
    )
    small, medium, large = product.variants
    with pytest.raises(OutOfStock) as caught:
        await service.hold_stock(entered, [(small.id, 2), (medium.id, 2), (large.id, 1)])
    lines = caught.value.facts["lines"]
    assert {line["variant_id"]: line["available"] for line in lines} == {str(medium.id): 1, str(large.id): 0}
    assert (await service.find_variant(entered, small.id)).stock == 5


async def test_what_sells_out_and_comes_back_says_so_to_search(
    make_product: MakeProduct, entered: AsyncSession
) -> None:
    product = await make_product("Kettle", stock=2)
    line = [(product.variants[0].id, 2)]
    for move, is_in_stock in ((service.hold_stock, False), (service.release_stock, True)):
        await move(entered, line)
        assert await entered.scalar(select(Product.in_stock)) is is_in_stock
        assert await entered.scalar(select(ProductSearch.in_stock)) is is_in_stock
    assert (await search.find(entered, "kettle", Scope())).total == 1


async def test_an_archived_product_cannot_be_held(make_product: MakeProduct, entered: AsyncSession) -> None:
    product = await make_product("Kettle", is_active=False)
    with pytest.raises(OutOfStock) as caught:
        await service.hold_stock(entered, [(product.variants[0].id, 1)])
    assert caught.value.facts["available"] == 0


async def test_a_count_is_corrected_within_its_bounds(
    make_product: MakeProduct, entered: AsyncSession
) -> None:
    variant_id = (await make_product("Kettle", stock=3)).variants[0].id
    assert (await service.adjust_stock(entered, variant_id, by=-3)).stock == 0
    assert (await service.adjust_stock(entered, variant_id, to=7)).stock == 7
    for by in (-8, MAX_STOCK):
        with pytest.raises(StockInvalid) as caught:
            await service.adjust_stock(entered, variant_id, by=by)
        assert caught.value.facts["available"] == 7


async def test_another_shops_variant_is_unknown(
    session: AsyncSession, make_product: MakeProduct, make_tenant: MakeTenant
) -> None:
    theirs = (await make_product("Kettle")).variants[0].id
    await enter(session, (await make_tenant()).id)
    for attempt in (
        service.find_variant(session, theirs),
        service.hold_stock(session, [(theirs, 1)]),
        service.adjust_stock(session, theirs, by=1),
    ):
        with pytest.raises(NotFound):
            await attempt
