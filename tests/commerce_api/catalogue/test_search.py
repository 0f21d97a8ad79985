"""What shoppers write, and what they find."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import categories, products, queries, search, tree
from commerce_api.catalogue.schemas import CategoryPatch, ProductPatch
from commerce_api.catalogue.search import Hits, Scope
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.commerce_api.shelves import MakeProduct, stock_product
from tests.conftest import MakeTenant


@pytest.fixture(scope="module")
async def market_shop(database: Database) -> Tenant:
    """A shop of fabrics and foods, as there are many; the tests that share it change nothing."""
    shop = Tenant(
        slug="search-market",
        name="Market",
        currency="NGN",
        country="NG",
        languages=["en"],
        timezone="Africa/Lagos",
        payment_methods=[],
    )
    async with database.transaction() as session:
        session.add(shop)
        await session.flush()
        await enter(session, shop.id)
        await fill_market(session)
    return shop


async def fill_market(session: AsyncSession) -> None:
    make_product = partial(stock_product, session)
    colours = [{"name": colour, "attributes": {"colour": colour}} for colour in ("Blue", "Red", "Green")]
    oils: dict[str, Any] = {"category": "Food > Oils"}
    await make_product("Ankara fabric", category="Fabrics > Ankara", unit="yard", variants=colours)
    await make_product("Hollandais wax print", category="Fabrics > Ankara", variants=colours[:2])
    await make_product("Àdìrẹ tie and dye", category="Fabrics > Adire", description="Indigo, dyed by hand.")
    await make_product("French lace", category="Fabrics > Lace", variants=colours[1:])
    await make_product("Palm oil 1 L", unit="bottle", **oils)
    await make_product("Palm oil 5 L", unit="keg", **oils)
    await make_product("Palm oil soap", category="Home")
    sizes = [{"name": size, "attributes": {"size": size}} for size in ("1 L", "3 L")]
    await make_product("Groundnut oil", variants=sizes, **oils)
    await make_product("Coconut oil", stock=0, **oils)
    await make_product("Garri Ijebu", category="Food > Swallow", description="Well fried. Goes with beans.")
    await make_product("Ofada rice", category="Food > Rice", unit="derica")
    await make_product("Basmati rice", category="Food > Rice", unit="5 kg bag")
    await make_product("Brown beans", category="Food > Beans", unit="derica")
    await make_product("Fresh tomatoes", category="Food > Fresh", unit="basket")
    await make_product("T-shirt", category="Clothes", description="Soft cotton.")
    await make_product("Crème de beauté", category="Beauté", description="À l'huile d'argan.")


@pytest.fixture
async def market(session: AsyncSession, market_shop: Tenant) -> AsyncSession:
    """A session in the market."""
    await enter(session, market_shop.id)
    return session


async def found(
    session: AsyncSession, query: str, *, limit: int = 10, skip: int = 0
) -> tuple[list[str], Hits]:
    hits, rows = await queries.shop_window(session, query, Scope(limit=limit, skip=skip))
    return [product.name for product in rows], hits


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("ankara", "Ankara fabric"),
        ("ANKARA FABRICS", "Ankara fabric"),
        ("ankra", "Ankara fabric"),
        ("anakra", "Ankara fabric"),
        ("akara fabrik", "Ankara fabric"),
        ("fabric ankara", "Ankara fabric"),
        ("blue ankara", "Ankara fabric"),
        ("two yards of blue ankara pls", "Ankara fabric"),
        ("I want some ankara fabric abeg", "Ankara fabric"),
        ("do you have the ankara?", "Ankara fabric"),
        ("Ànkárá", "Ankara fabric"),
        ("hollandaise wax", "Hollandais wax print"),
        ("holandis", "Hollandais wax print"),
        ("adire", "Àdìrẹ tie and dye"),
        ("palm oil 5l", "Palm oil 5 L"),
        ("5 litres palm oil", "Palm oil 5 L"),
        ("palmoil 1l", "Palm oil 1 L"),
        ("palm oil 100cl", "Palm oil 1 L"),
        ("plam oil soap", "Palm oil soap"),
        ("ground nut oil", "Groundnut oil"),
        ("groundnutoil", "Groundnut oil"),
        ("garri", "Garri Ijebu"),
        ("gary ijebu", "Garri Ijebu"),
        ("ijebugarri", "Garri Ijebu"),
        ("offada", "Ofada rice"),
        ("basmati", "Basmati rice"),
        ("basmaty rise", "Basmati rice"),
        ("tomatoe", "Fresh tomatoes"),
        ("tomato", "Fresh tomatoes"),
        ("tomatos fresh", "Fresh tomatoes"),
        ("bean", "Brown beans"),
        ("tshirt", "T-shirt"),
        ("t shirts", "T-shirt"),
        ("creme de beaute", "Crème de beauté"),
        ("crème", "Crème de beauté"),
        ("huile argan", "Crème de beauté"),
        ("l'huile", "Crème de beauté"),
        ("cotton", "T-shirt"),
        ("choc basmati", "Basmati rice"),
        ("basm", "Basmati rice"),
    ],
)
async def test_a_shopper_finds_what_they_mean(market: AsyncSession, query: str, best: str) -> None:
    names, _ = await found(market, query)
    assert names[:1] == [best]


@pytest.mark.parametrize(
    "query",
    ["iphone", "iphone 15 pro", "red iphone", "laptop bag", "xyzzy", "zz", "?!", "the", "", "   ", "42"],
)
async def test_what_the_shop_has_nothing_like_finds_nothing(market: AsyncSession, query: str) -> None:
    hits = await search.find(market, query, Scope())
    assert (hits.product_ids, hits.total) == ((), 0)


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ("ankra", "ankara"),
        ("plam oil", "palm oil"),
        ("palmoil", "palm oil"),
        ("ground nut", "groundnut"),
        ("ankara unobtainium", "ankara"),
        ("blue rice", "rice"),
        ("ANKARAS", None),
        ("adire", None),
        ("the ankara please", None),
        ("palm oil 1litre", None),
    ],
)
async def test_corrected_is_what_was_understood_when_that_is_not_what_was_written(
    market: AsyncSession, query: str, corrected: str | None
) -> None:
    _, hits = await found(market, query)
    assert hits.total
    assert hits.corrected == corrected


async def test_name_beats_category_beats_description(
    make_product: MakeProduct, entered: AsyncSession
) -> None:
    await make_product("Spoon", description="Made of bamboo.")
    await make_product("Mat", category="Bamboo")
    await make_product("Bamboo chair for the garden")
    names, hits = await found(entered, "bamboo")
    assert names == ["Bamboo chair for the garden", "Mat", "Spoon"]
    assert hits.total == 3


async def test_among_equals_what_is_in_stock_comes_first_and_the_very_name_before_both(
    make_product: MakeProduct, entered: AsyncSession
) -> None:
    await make_product("Kettle small", stock=0)
    await make_product("Kettle large", stock=4)
    await make_product("Kettle", stock=0)
    names, _ = await found(entered, "kettle")
    assert names == ["Kettle", "Kettle large", "Kettle small"]


async def test_pages_neither_repeat_nor_miss_a_product(market: AsyncSession) -> None:
    whole, hits = await found(market, "oil", limit=50)
    paged = [
        name for skip in range(hits.total) for name in (await found(market, "oil", limit=1, skip=skip))[0]
    ]
    assert paged == whole
    assert len(set(paged)) == hits.total == 5
    assert (await found(market, "oil", skip=99)) == ([], Hits((), 5, None, ("oil",)))


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("ankara fabric", {"Blue", "Red", "Green"}),
        ("red ankara", {"Red"}),
        ("ankara rd blu", {"Blue"}),
        ("reds ankara", {"Red"}),
        ("ankara yard", {"Blue", "Red", "Green"}),
    ],
)
async def test_words_that_name_a_variant_narrow_to_it(
    market: AsyncSession, query: str, meant: set[str]
) -> None:
    hits, rows = await queries.shop_window(market, query, Scope(limit=1))
    ids = search.matched(rows[0], rows[0].variants, hits.terms)
    assert {variant.name for variant in rows[0].variants if variant.id in ids} == meant


async def test_a_category_is_browsed_with_all_below_it(market: AsyncSession) -> None:
    tree, counts = await queries.categories(market)
    food = next(category for category in tree.in_order() if category.name == "Food")
    hits, rows = await queries.shop_window(market, None, Scope(category_id=food.id, limit=50))
    assert hits.total == len(rows) == counts[food.id] == 9
    assert rows[-1].name == "Coconut oil"
    inside, _ = await queries.shop_window(market, "red", Scope(category_id=food.id))
    assert inside.total == 0


async def test_what_is_archived_or_gone_is_no_longer_found_nor_offered_as_a_correction(
    make_product: MakeProduct, entered: AsyncSession
) -> None:
    kettle = await make_product("Kettle")
    await products.archive_product(entered, kettle.id)
    for query in ("kettle", "ketle", "kettl"):
        assert (await search.find(entered, query, Scope())).total == 0
    assert (await search.find(entered, "ketle", Scope(for_sale=False))).total == 1
    await products.change_product(entered, kettle.id, ProductPatch(is_active=True, name="Teapot"))
    assert (await search.find(entered, "ketle", Scope())).total == 0
    assert (await search.find(entered, "tea pot", Scope())).total == 1


async def test_a_sku_finds_its_product(make_product: MakeProduct, entered: AsyncSession) -> None:
    wanted = await make_product("Kettle", sku="KT-0042")
    await make_product("Kettle too", sku="KT-0043")
    for query in ("KT-0042", "kt-0042-0"):
        assert (await search.find(entered, query, Scope())).product_ids == (wanted.id,)


@pytest.mark.parametrize(
    "query",
    [
        "%",
        "_",
        "'",
        "''; drop table products; --",
        "ankara:*",
        "!ankara & |",
        "\\",
        "{}",
        "a" * 10_000,
        "oil " * 3_000,
        "😀",
        "\u0301",
        "l'",
        "1" * 300,
        "\u202eoil",
        "{ankara}",
        '"',
        "x" * 199 + " oil",
    ],
)
async def test_whatever_is_written_is_only_words(market: AsyncSession, query: str) -> None:
    await queries.shop_window(market, query, Scope())
    assert (await found(market, "oil"))[1].total == 5


async def test_another_shops_words_and_products_are_never_found_nor_used_to_correct(
    session: AsyncSession, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant(), await make_tenant()
    await enter(session, theirs.id)
    await stock_product(
        session, "Velvet cushion", category="Cushions", variants=[{"attributes": {"colour": "Mauve"}}]
    )
    await enter(session, ours.id)
    mine = await stock_product(session, "Velvet ribbon")
    assert (await search.find(session, "velvet", Scope())).product_ids == (mine.id,)
    for query in ("cushion", "cushon", "velvetcushion", "cush", "mauve"):
        hits = await search.find(session, query, Scope())
        assert "cushion" not in (hits.corrected or "")
        assert set(hits.product_ids) <= {mine.id}
    assert (await search.find(session, "cushion velvet", Scope())).corrected == "velvet"
    assert (await queries.shop_window(session, None, Scope()))[0].total == 1


async def test_the_database_itself_hides_other_shops_from_search(
    session: AsyncSession, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant(), await make_tenant()
    await enter(session, theirs.id)
    await stock_product(session, "Velvet cushion")
    await enter(session, ours.id)
    their_token = f"{str(theirs.id)[:8]}!cushion"
    asked = text("select count(*) from product_search where tokens @> array[:token]")
    assert await session.scalar(asked, {"token": their_token}) == 0
    assert await session.scalar(text("select count(*) from product_words")) == 0
    assert await session.scalar(text("select count(*) from word_keys")) == 0
    spelled_out = text("select total_found from lookup.best_products(cast(:tiers as jsonb), true, 10, 0, 10)")
    assert await session.scalar(spelled_out, {"tiers": '[{"needed": ["!cushion"]}]'}) == 0


async def test_a_renamed_category_is_found_by_its_new_name(
    make_product: MakeProduct, entered: AsyncSession
) -> None:
    await make_product("Ladle", category="Kitchen > Tools")
    whole = await tree.load(entered)
    kitchen = next(category for category in whole.in_order() if category.name == "Kitchen")
    await categories.change(entered, kitchen.id, CategoryPatch(name="Cookware"))
    assert (await search.find(entered, "cookware", Scope())).total == 1
    assert (await search.find(entered, "kitchen", Scope())).total == 0
