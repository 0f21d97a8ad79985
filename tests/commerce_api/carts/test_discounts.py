"""What a member takes off a cart: within the shop's limit, never below the bargaining floor, in the order."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.bargaining import service as bargaining
from commerce_api.bargaining.service import TermsFacts
from commerce_api.carts import discounts, service
from commerce_api.carts.errors import DiscountTooLarge
from commerce_api.carts.queries import PricedCart
from commerce_api.conversations import queries as conversations
from commerce_api.core.tenancy import enter
from commerce_api.orders import service as orders
from commerce_api.tenants.models import Tenant
from tests.commerce_api.orders.shops import checkout
from tests.commerce_api.shelves import Shopper, stock_product
from tests.conftest import NOON, MakeMember, MakeTenant

LIMIT = 20


@pytest.fixture
async def tenant(make_tenant: MakeTenant) -> Tenant:
    return await make_tenant(discount_limit_percent=LIMIT)


@pytest.fixture
async def entered(session: AsyncSession, tenant: Tenant, shopper: Shopper) -> AsyncSession:
    """A session in the shop; its work is rolled back after the test."""
    await enter(session, tenant.id)
    return session


@pytest.fixture
async def member_id(tenant: Tenant, make_member: MakeMember) -> UUID:
    return (await make_member(tenant)).user.id


async def read(session: AsyncSession, shopper: Shopper, *, later: timedelta = timedelta(0)) -> PricedCart:
    cart = await service.open_cart(session, shopper.contact_id)
    return await service.read(session, cart, NOON + later)


async def test_a_discount_lowers_every_price_for_a_day_and_can_be_taken_back(
    entered: AsyncSession, tenant: Tenant, shopper: Shopper, member_id: UUID
) -> None:
    variant = (await stock_product(entered, "Kettle", price=250_000)).variants[0]
    await service.add_line(entered, shopper.contact_id, variant.id, 2)
    await discounts.give(entered, tenant, shopper.contact_id, percent=10, user_id=member_id, now=NOON)
    cart = await read(entered, shopper)
    assert (cart.total, cart.taken_off, cart.lines[0].unit_price) == (450_000, 50_000, 225_000)
    assert (await read(entered, shopper, later=timedelta(hours=25))).total == 500_000
    await discounts.give(entered, tenant, shopper.contact_id, percent=20, user_id=member_id, now=NOON)
    assert (await read(entered, shopper)).total == 400_000
    await discounts.take_back(entered, shopper.contact_id)
    assert (await read(entered, shopper)).total == 500_000


@pytest.mark.parametrize("percent", [0, LIMIT + 1, 100])
async def test_nobody_gives_more_than_the_shop_lets_them(
    entered: AsyncSession, tenant: Tenant, shopper: Shopper, member_id: UUID, percent: int
) -> None:
    with pytest.raises(DiscountTooLarge) as refused:
        await discounts.give(
            entered, tenant, shopper.contact_id, percent=percent, user_id=member_id, now=NOON
        )
    assert refused.value.facts["allowed"] == LIMIT


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    percent=st.integers(1, LIMIT),
    price=st.integers(1, 10**9),
    floor_percent=st.integers(1, 100),
    is_on=st.booleans(),
)
async def test_no_price_goes_below_its_bargaining_floor_or_above_itself(
    *,
    entered: AsyncSession,
    tenant: Tenant,
    shopper: Shopper,
    member_id: UUID,
    percent: int,
    price: int,
    floor_percent: int,
    is_on: bool,
) -> None:
    nested = await entered.begin_nested()
    product = await stock_product(entered, "Kettle", price=price)
    await bargaining.lay_down(entered, product.id, TermsFacts(is_on=is_on, floor_percent=floor_percent))
    await service.add_line(entered, shopper.contact_id, product.variants[0].id, 1)
    await discounts.give(entered, tenant, shopper.contact_id, percent=percent, user_id=member_id, now=NOON)
    [line] = (await read(entered, shopper)).lines
    await nested.rollback()
    least = price * (100 - percent) / 100
    floor = price * floor_percent / 100 if is_on else 0
    assert max(least, floor) <= line.unit_price <= price
    assert line.unit_price + line.discount == price


async def test_the_order_keeps_what_was_taken_off(
    entered: AsyncSession, tenant: Tenant, shopper: Shopper, member_id: UUID
) -> None:
    variant = (await stock_product(entered, "Kettle", price=250_000)).variants[0]
    await service.add_line(entered, shopper.contact_id, variant.id, 2)
    await discounts.give(entered, tenant, shopper.contact_id, percent=10, user_id=member_id, now=NOON)
    conversation = await conversations.enter_conversation(entered, shopper.conversation_id)
    order = await orders.place(entered, conversation, checkout(), NOON, user_id=member_id)
    assert (order.discount, order.discount_percent, order.total) == (50_000, 10, 450_000)
    assert [line.unit_price for line in order.lines] == [225_000]
    await service.add_line(entered, shopper.contact_id, variant.id, 1)
    assert (await read(entered, shopper)).total == 250_000
