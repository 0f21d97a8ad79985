"""What is offered beside a cart: pairs, then what others bought together, nothing twice, some held out."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.carts import service
from commerce_api.carts.models import OfferSource, OfferState, UpsellOffer
from commerce_api.catalogue import products
from commerce_api.catalogue.models import Variant
from commerce_api.catalogue.schemas import UpsellPut
from commerce_api.conversations.models import Contact
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.commerce_api.shelves import stock_product
from tests.conftest import NOON


@pytest.fixture
async def entered(session: AsyncSession, tenant: Tenant) -> AsyncSession:
    """A session in the shop; its work is rolled back after the test."""
    await enter(session, tenant.id)
    return session


async def shelve(session: AsyncSession, name: str) -> Variant:
    return (await stock_product(session, name)).variants[0]


async def meet(session: AsyncSession, contact_id: UUID | None = None) -> UUID:
    contact = Contact(id=contact_id or uuid4(), created_at=NOON)
    session.add(contact)
    await session.flush()
    return contact.id


async def order(session: AsyncSession, contact_id: UUID, *variants: Variant) -> None:
    """Fills a cart and orders it."""
    for variant in variants:
        cart = await service.add_line(session, contact_id, variant.id, 1)
    await service.close_cart(session, cart)


async def test_what_others_bought_together_is_offered(entered: AsyncSession) -> None:
    tea, milk, soap = [await shelve(entered, name) for name in ("Tea", "Milk", "Soap")]
    for _ in range(3):
        await order(entered, await meet(entered), tea, milk)
    await order(entered, await meet(entered), tea, soap)
    shopper = await meet(entered)
    await service.add_line(entered, shopper, tea.id, 1)
    offered = await service.offer_upsell(entered, shopper)
    assert offered is not None
    assert (offered[0].source, offered[1].product.name) == (OfferSource.TOGETHER, "Milk")


async def test_what_was_bought_together_twice_is_chance(entered: AsyncSession) -> None:
    tea, milk = [await shelve(entered, name) for name in ("Tea", "Milk")]
    for _ in range(2):
        await order(entered, await meet(entered), tea, milk)
    shopper = await meet(entered)
    await service.add_line(entered, shopper, tea.id, 1)
    assert await service.offer_upsell(entered, shopper) is None


async def test_nothing_is_offered_twice_to_a_shopper(entered: AsyncSession) -> None:
    tea, milk = [await shelve(entered, name) for name in ("Tea", "Milk")]
    await products.pair_upsell(entered, tea.product_id, UpsellPut(offered_id=milk.product_id))
    shopper = await meet(entered)
    await service.add_line(entered, shopper, tea.id, 1)
    assert await service.offer_upsell(entered, shopper) is not None
    await order(entered, shopper, tea)
    await service.add_line(entered, shopper, tea.id, 1)
    assert await service.offer_upsell(entered, shopper) is None


async def test_held_out_shoppers_are_offered_nothing_and_it_is_recorded(entered: AsyncSession) -> None:
    tea, milk = [await shelve(entered, name) for name in ("Tea", "Milk")]
    await products.pair_upsell(entered, tea.product_id, UpsellPut(offered_id=milk.product_id))
    met = {}
    for rest in (9, 10):
        shopper = await meet(entered, UUID(int=uuid4().int // 100 * 100 + rest))
        await service.add_line(entered, shopper, tea.id, 1)
        met[rest] = await service.offer_upsell(entered, shopper, held_out_percent=10)
    assert (met[9], met[10] is not None) == (None, True)
    states = (await entered.scalars(select(UpsellOffer.state))).all()
    assert sorted(states) == [OfferState.HELD_OUT, OfferState.OFFERED]


async def test_an_offer_that_was_held_out_can_not_be_accepted(entered: AsyncSession) -> None:
    tea, milk = [await shelve(entered, name) for name in ("Tea", "Milk")]
    await products.pair_upsell(entered, tea.product_id, UpsellPut(offered_id=milk.product_id))
    shopper = await meet(entered)
    await service.add_line(entered, shopper, tea.id, 1)
    await service.offer_upsell(entered, shopper, held_out_percent=100)
    (held_out,) = (await entered.scalars(select(UpsellOffer.id))).all()
    with pytest.raises(NotFound):
        await service.answer_upsell(entered, shopper, held_out, is_accepted=True)
