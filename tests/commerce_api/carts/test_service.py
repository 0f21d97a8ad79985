"""What can be done to a cart."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.carts import service
from commerce_api.carts.errors import CartFull, QuantityInvalid
from commerce_api.carts.models import MAX_LINES, Cart, CartLine
from commerce_api.catalogue import products
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.errors import OutOfStock
from commerce_api.catalogue.models import Variant
from commerce_api.catalogue.schemas import UpsellPut, VariantPatch
from commerce_api.core.database import Database
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.commerce_api.shelves import Shopper, meet_shopper, stock_product
from tests.conftest import NOON, MakeTenant


@pytest.fixture
async def entered(session: AsyncSession, tenant: Tenant, shopper: Shopper) -> AsyncSession:
    """A session in the shop; its work is rolled back after the test."""
    await enter(session, tenant.id)
    return session


async def shelve(session: AsyncSession, name: str = "Kettle", **facts: Any) -> Variant:
    """A product with one variant, ten in stock at 1000 unless told otherwise."""
    return (await stock_product(session, name, **facts)).variants[0]


async def quantities(session: AsyncSession, shopper: Shopper) -> list[int]:
    cart = await service.open_cart(session, shopper.contact_id)
    return [line.quantity for line in (await service.read(session, cart, NOON)).lines]


async def test_adding_the_same_variant_adds_up_on_one_line(entered: AsyncSession, shopper: Shopper) -> None:
    variant = await shelve(entered)
    for quantity in (2, 3):
        cart = await service.add_line(entered, shopper.contact_id, variant.id, quantity)
    [line] = (await service.read(entered, cart, NOON)).lines
    assert (line.quantity, line.unit_price, line.total, line.variant.product.name) == (
        5,
        1000,
        5000,
        "Kettle",
    )


async def test_stock_is_checked_for_the_sum_with_what_is_in_the_cart(
    entered: AsyncSession, shopper: Shopper
) -> None:
    variant = await shelve(entered, stock=4)
    cart = await service.add_line(entered, shopper.contact_id, variant.id, 3)
    [line] = (await service.read(entered, cart, NOON)).lines
    for attempt in (
        service.add_line(entered, shopper.contact_id, variant.id, 2),
        service.set_quantity(entered, shopper.contact_id, line.id, 5),
    ):
        with pytest.raises(OutOfStock) as caught:
            await attempt
        assert caught.value.facts["available"] == 4
    assert await quantities(entered, shopper) == [3]
    await service.set_quantity(entered, shopper.contact_id, line.id, 4)
    assert await quantities(entered, shopper) == [4]


@pytest.mark.parametrize("quantity", [0, -1, 1000, 10**9])
async def test_a_quantity_is_one_to_999(entered: AsyncSession, shopper: Shopper, quantity: int) -> None:
    variant = await shelve(entered, stock=5000)
    with pytest.raises(QuantityInvalid):
        await service.add_line(entered, shopper.contact_id, variant.id, quantity)
    await service.add_line(entered, shopper.contact_id, variant.id, 999)
    with pytest.raises(QuantityInvalid):
        await service.add_line(entered, shopper.contact_id, variant.id, 1)


async def test_zero_takes_a_line_out_and_clearing_takes_all(entered: AsyncSession, shopper: Shopper) -> None:
    variants = [await shelve(entered, f"Kettle {n}") for n in range(3)]
    for variant in variants:
        cart = await service.add_line(entered, shopper.contact_id, variant.id, 1)
    first = (await service.read(entered, cart, NOON)).lines[0]
    await service.set_quantity(entered, shopper.contact_id, first.id, 0)
    lines = (await service.read(entered, cart, NOON)).lines
    assert [line.variant.id for line in lines] == [variants[1].id, variants[2].id]
    with pytest.raises(NotFound):
        await service.set_quantity(entered, shopper.contact_id, first.id, 1)
    await service.clear(entered, shopper.contact_id)
    assert await quantities(entered, shopper) == []


async def test_prices_are_always_todays(entered: AsyncSession, shopper: Shopper) -> None:
    variant = await shelve(entered, price=1000)
    cart = await service.add_line(entered, shopper.contact_id, variant.id, 2)
    sale = VariantPatch(sale_price=700, sale_from=NOON, sale_until=NOON + timedelta(hours=1))
    await products.change_variant(entered, variant.id, sale)
    totals = [
        (await service.read(entered, cart, NOON + timedelta(hours=hours))).total for hours in (-1, 0, 1)
    ]
    assert totals == [2000, 1400, 2000]


async def test_a_withdrawn_product_is_flagged_and_not_counted(
    entered: AsyncSession, shopper: Shopper
) -> None:
    kettle, cup = await shelve(entered), await shelve(entered, "Cup")
    for variant in (kettle, cup):
        cart = await service.add_line(entered, shopper.contact_id, variant.id, 1)
    await products.archive_product(entered, kettle.product_id)
    read = await service.read(entered, cart, NOON)
    assert [line.is_available for line in read.lines] == [False, True]
    assert read.total == 1000
    with pytest.raises(OutOfStock) as caught:
        await service.add_line(entered, shopper.contact_id, kettle.id, 1)
    assert caught.value.facts["available"] == 0


async def test_a_line_that_has_sold_out_meanwhile_is_flagged(entered: AsyncSession, shopper: Shopper) -> None:
    variant = await shelve(entered, stock=2)
    cart = await service.add_line(entered, shopper.contact_id, variant.id, 2)
    await catalogue.hold_stock(entered, [(variant.id, 1)])
    assert [line.is_available for line in (await service.read(entered, cart, NOON)).lines] == [False]


async def test_a_full_cart_takes_no_more_lines(entered: AsyncSession, shopper: Shopper) -> None:
    names = [{"name": f"No {n}"} for n in range(MAX_LINES + 1)]
    product = await stock_product(entered, "Kettle", variants=names)
    for variant in product.variants[:MAX_LINES]:
        await service.add_line(entered, shopper.contact_id, variant.id, 1)
    with pytest.raises(CartFull):
        await service.add_line(entered, shopper.contact_id, product.variants[-1].id, 1)
    await service.add_line(entered, shopper.contact_id, product.variants[0].id, 1)


async def test_an_ordered_cart_makes_room_for_a_new_one(entered: AsyncSession, shopper: Shopper) -> None:
    variant = await shelve(entered)
    first = await service.add_line(entered, shopper.contact_id, variant.id, 1)
    await service.close_cart(entered, await service.lock(entered, first))
    assert await service.open_cart(entered, shopper.contact_id) is None
    assert (await service.read(entered, None, NOON)).lines == ()
    second = await service.add_line(entered, shopper.contact_id, variant.id, 2)
    assert second.id != first.id
    assert await quantities(entered, shopper) == [2]


async def test_an_unknown_variant_or_another_shops_is_not_found(
    entered: AsyncSession, shopper: Shopper, make_tenant: MakeTenant, database: Database
) -> None:
    variant = await shelve(entered)
    with pytest.raises(NotFound):
        await service.add_line(entered, shopper.contact_id, uuid4(), 1)
    other = await meet_shopper(database, await make_tenant())
    await enter(entered, other.tenant.id)
    with pytest.raises(NotFound):
        await service.add_line(entered, other.contact_id, variant.id, 1)


async def add_alone(database: Database, shopper: Shopper, variant_id: UUID, quantity: int) -> None:
    async with database.transaction() as session:
        await enter(session, shopper.tenant.id)
        await service.add_line(session, shopper.contact_id, variant_id, quantity)


async def test_twenty_adds_at_once_make_one_cart_with_one_line(database: Database, shopper: Shopper) -> None:
    async with database.transaction() as session:
        await enter(session, shopper.tenant.id)
        variant = await shelve(session, stock=100)
    await asyncio.gather(*(add_alone(database, shopper, variant.id, 2) for _ in range(20)))
    async with database.transaction() as session:
        await enter(session, shopper.tenant.id)
        assert await session.scalar(select(func.count()).select_from(Cart)) == 1
        assert list(await session.scalars(select(CartLine.quantity))) == [40]


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 2), st.integers(1, 6)),
        st.tuples(st.just("set"), st.integers(0, 2), st.integers(0, 12)),
        st.tuples(st.just("clear"), st.just(0), st.just(0)),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
async def test_any_moves_leave_the_cart_that_a_simple_count_would(
    database: Database, tenant: Tenant, moves: list[tuple[str, int, int]]
) -> None:
    shopper = await meet_shopper(database, tenant)
    async with database.sessions() as session:
        await enter(session, tenant.id)
        variants = [await shelve(session, f"Kettle {n}", stock=10) for n in range(3)]
        count = {variant.id: 0 for variant in variants}
        for move, place, quantity in moves:
            await _move(session, shopper, count, move, variants[place].id, quantity)
        cart = await service.open_cart(session, shopper.contact_id)
        lines = (await service.read(session, cart, NOON)).lines
        await session.rollback()
    assert {line.variant.id: line.quantity for line in lines} == {k: v for k, v in count.items() if v}


async def _move(
    session: AsyncSession,
    shopper: Shopper,
    count: dict[UUID, int],
    move: str,
    variant_id: UUID,
    quantity: int,
) -> None:
    """One move, on the cart and on the count."""
    if move == "clear":
        await service.clear(session, shopper.contact_id)
        count.update(dict.fromkeys(count, 0))
        return
    wanted = quantity + (count[variant_id] if move == "add" else 0)
    if move == "set" and not count[variant_id]:
        return
    try:
        if move == "add":
            await service.add_line(session, shopper.contact_id, variant_id, quantity)
        else:
            cart = await service.open_cart(session, shopper.contact_id)
            lines = (await service.read(session, cart, NOON)).lines
            line = next(line for line in lines if line.variant.id == variant_id)
            await service.set_quantity(session, shopper.contact_id, line.id, quantity)
    except OutOfStock:
        assert wanted > 10
    else:
        assert wanted <= 10
        count[variant_id] = wanted


@pytest.fixture
async def kettle_and_cup(entered: AsyncSession, shopper: Shopper) -> tuple[Variant, Variant]:
    """A kettle in the cart, and a cup that goes with it."""
    kettle, cup = await shelve(entered), await shelve(entered, "Cup", stock=1)
    await products.pair_upsell(entered, kettle.product_id, UpsellPut(offered_id=cup.product_id))
    await service.add_line(entered, shopper.contact_id, kettle.id, 1)
    return kettle, cup


async def test_an_upsell_is_offered_once_a_cart_and_accepting_adds_one(
    kettle_and_cup: tuple[Variant, Variant], entered: AsyncSession, shopper: Shopper
) -> None:
    kettle, cup = kettle_and_cup
    offered = await service.offer_upsell(entered, shopper.contact_id)
    assert offered is not None
    offer, upsell = offered
    assert (upsell.variant.id, upsell.product.name, upsell.beside.id) == (cup.id, "Cup", kettle.product_id)
    assert await service.offer_upsell(entered, shopper.contact_id) is None
    for _ in range(2):
        await service.answer_upsell(entered, shopper.contact_id, offer.id, is_accepted=True)
    assert await quantities(entered, shopper) == [1, 1]
    assert await service.offer_upsell(entered, shopper.contact_id) is None


async def test_a_declined_upsell_changes_nothing_and_is_not_offered_again(
    kettle_and_cup: tuple[Variant, Variant], entered: AsyncSession, shopper: Shopper
) -> None:
    offered = await service.offer_upsell(entered, shopper.contact_id)
    assert offered is not None
    await service.answer_upsell(entered, shopper.contact_id, offered[0].id, is_accepted=False)
    assert await quantities(entered, shopper) == [1]
    assert await service.offer_upsell(entered, shopper.contact_id) is None
    with pytest.raises(NotFound):
        await service.answer_upsell(entered, shopper.contact_id, uuid4(), is_accepted=True)


async def test_what_is_in_the_cart_sold_out_or_withdrawn_is_not_offered(
    kettle_and_cup: tuple[Variant, Variant], entered: AsyncSession, shopper: Shopper
) -> None:
    kettle, cup = kettle_and_cup
    await catalogue.hold_stock(entered, [(cup.id, 1)])
    assert await service.offer_upsell(entered, shopper.contact_id) is None
    await catalogue.release_stock(entered, [(cup.id, 1)])
    await service.add_line(entered, shopper.contact_id, cup.id, 1)
    assert await service.offer_upsell(entered, shopper.contact_id) is None
    tea = await shelve(entered, "Tea")
    await products.pair_upsell(entered, kettle.product_id, UpsellPut(offered_id=tea.product_id))
    await products.archive_product(entered, tea.product_id)
    assert await service.offer_upsell(entered, shopper.contact_id) is None


async def test_an_offer_that_sold_out_before_the_answer_stays_open(
    kettle_and_cup: tuple[Variant, Variant], entered: AsyncSession, shopper: Shopper
) -> None:
    offered = await service.offer_upsell(entered, shopper.contact_id)
    assert offered is not None
    await catalogue.hold_stock(entered, [(kettle_and_cup[1].id, 1)])
    with pytest.raises(OutOfStock):
        await service.answer_upsell(entered, shopper.contact_id, offered[0].id, is_accepted=True)
    await catalogue.release_stock(entered, [(kettle_and_cup[1].id, 1)])
    await service.answer_upsell(entered, shopper.contact_id, offered[0].id, is_accepted=True)
    assert await quantities(entered, shopper) == [1, 1]


async def test_an_empty_cart_is_offered_nothing(entered: AsyncSession, shopper: Shopper) -> None:
    assert await service.offer_upsell(entered, shopper.contact_id) is None
    await service.add_line(entered, shopper.contact_id, (await shelve(entered)).id, 1)
    await service.clear(entered, shopper.contact_id)
    assert await service.offer_upsell(entered, shopper.contact_id) is None
