"""The catalogue as the bot side's own client reads it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused
from commerce_client.models import Money
from tests.commerce_api.shelves import Shopper, meet_shopper, stock_product
from tests.conftest import SERVICE


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[CommerceClient]:
    client = CommerceClient("http://api.test", "demo-service-token", transport=httpx.ASGITransport(app))
    yield client
    await client.close()


@pytest.fixture
async def shopper(database: Database, tenant: Tenant) -> Shopper:
    """A shopper of a shop with ankara in three colours, one of them cheaper now, and palm oil sold out."""
    async with database.transaction() as session:
        await enter(session, tenant.id)
        colours = [{"name": colour, "attributes": {"colour": colour}} for colour in ("Blue", "Red")]
        cheap = {"name": "Green", "attributes": {"colour": "Green"}, "regular_price": 2000, "sale_price": 900}
        await stock_product(
            session, "Ankara fabric", unit="yard", category="Fabrics > Ankara", variants=[*colours, cheap]
        )
        await stock_product(session, "Palm oil", category="Food", stock=0)
        await stock_product(session, "Old lace", category="Fabrics > Lace", is_active=False)
    return await meet_shopper(database, tenant)


async def test_categories_with_something_for_sale_are_counted_over_what_is_below(
    client: CommerceClient, shopper: Shopper
) -> None:
    found = await client.shop(str(shopper.conversation_id), "m", "a").categories()
    assert [(category.name, category.product_count) for category in found] == [
        ("Fabrics", 1),
        ("Ankara", 1),
        ("Food", 1),
    ]
    assert found[1].parent_id == found[0].id


async def test_a_search_answers_what_it_understood_and_the_variants_it_could_mean(
    client: CommerceClient, shopper: Shopper
) -> None:
    shop = client.shop(str(shopper.conversation_id), "m", "a")
    page = await shop.products("green ankra")
    [ankara] = page.items
    assert (page.total, page.corrected) == (1, "green ankara")
    assert (ankara.name, ankara.category, ankara.unit) == ("Ankara fabric", "Ankara", "yard")
    green = next(variant for variant in ankara.variants if variant.name == "Green")
    assert ankara.matched == (green.id,)
    assert (green.price, green.regular_price) == (Money(900, "NGN"), Money(2000, "NGN"))
    assert (await shop.product(ankara.id)).variants == ankara.variants


async def test_all_or_a_category_is_browsed_in_stock_first(client: CommerceClient, shopper: Shopper) -> None:
    shop = client.shop(str(shopper.conversation_id), "m", "a")
    page = await shop.products()
    assert [product.name for product in page.items] == ["Ankara fabric", "Palm oil"]
    assert (await shop.products(limit=1, skip=1)).items[0].name == "Palm oil"
    fabrics = next(category for category in await shop.categories() if category.name == "Fabrics")
    assert [p.name for p in (await shop.products(category_id=fabrics.id)).items] == ["Ankara fabric"]
    nothing = await shop.products("iphone")
    assert (nothing.items, nothing.total) == ((), 0)


async def test_what_is_not_for_sale_or_another_shops_is_not_found(
    client: CommerceClient, shopper: Shopper, database: Database, api: httpx.AsyncClient
) -> None:
    async with database.transaction() as session:
        await enter(session, shopper.tenant.id)
        hidden = await stock_product(session, "Hidden", is_active=False)
    shop = client.shop(str(shopper.conversation_id), "m", "a")
    for product_id in (str(hidden.id), str(shopper.contact_id)):
        with pytest.raises(ApiRefused) as caught:
            await shop.product(product_id)
        assert caught.value.code == "not_found"
    with pytest.raises(ApiRefused) as caught:
        await shop.products(category_id=str(hidden.id))
    assert caught.value.code == "not_found"
    assert (await api.get(f"{shopper.shop}/products")).status_code == 401


async def test_a_query_of_ten_kilobytes_is_cut_and_answered(shopper: Shopper, api: httpx.AsyncClient) -> None:
    for query in ("a" * 10_000, "%" * 10_000, "ankara " * 1_400):
        answer = await api.get(f"{shopper.shop}/products", params={"q": query}, headers=SERVICE)
        assert answer.status_code == 200
