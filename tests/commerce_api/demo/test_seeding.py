"""The demo sellers are what the design promises, however often they are seeded."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from channels.registry import PROVIDERS
from commerce_api.catalogue.models import Photo, Product, Variant
from commerce_api.conversations.models import ChannelAccount
from commerce_api.core import tenancy
from commerce_api.core.database import Database
from commerce_api.core.secrets import Vault
from commerce_api.demo import seeding
from commerce_api.demo.seeding import seed
from commerce_api.demo.sellers import SELLERS
from commerce_api.tenants.models import Tenant

SLUGS = [seller.slug for seller in SELLERS]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def test_every_demo_seller_has_a_shop_worth_visiting_is_seeded_once_and_gets_channels_that_came_since(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(bytes(32))
    monkeypatch.setattr(seeding, "PROVIDERS", {})
    first = await seed(database, vault, NOON)
    assert (first, await _connected(database)) == (SLUGS, {slug: set() for slug in SLUGS})
    monkeypatch.setattr(seeding, "PROVIDERS", PROVIDERS)
    for _ in range(2):
        assert await seed(database, vault, NOON) == []
        assert await _connected(database) == {slug: set(PROVIDERS) for slug in SLUGS}
    prices = {}
    for slug in first:
        async with database.transaction() as session:
            tenant = (await session.scalars(select(Tenant).where(Tenant.slug == slug))).one()
            await tenancy.enter(session, tenant.id)
            products = (await session.scalars(select(Product))).all()
            photographed = await session.scalar(select(func.count(Photo.product_id.distinct())))
            variants = (await session.scalars(select(Variant))).all()
            assert len(products) >= 40
            assert photographed == len(products)
            assert any(len([v for v in variants if v.product_id == p.id]) > 1 for p in products)
            names = {product.name: product.id for product in products}
            prices[slug] = {
                name: next(v.regular_price for v in variants if v.product_id == names[name])
                for name in ("Palm oil 1 L", "Ankara fabric")
                if name in names
            }
    assert prices["mama-ngozi"].keys() == prices["duka-amina"].keys() == {"Palm oil 1 L", "Ankara fabric"}
    assert prices["mama-ngozi"] != prices["duka-amina"]


async def _connected(database: Database) -> dict[str, set[str]]:
    """The channels of each demo seller's accounts."""
    connected: dict[str, set[str]] = {}
    for slug in SLUGS:
        async with database.transaction() as session:
            tenant = (await session.scalars(select(Tenant).where(Tenant.slug == slug))).one()
            await tenancy.enter(session, tenant.id)
            connected[slug] = set(await session.scalars(select(ChannelAccount.channel)))
    return connected
