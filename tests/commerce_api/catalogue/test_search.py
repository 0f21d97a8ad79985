"""What shoppers write, and what they find."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import products, queries, search
from commerce_api.catalogue.models import Product
from commerce_api.catalogue.schemas import ProductPatch
from commerce_api.catalogue.search import Hits, Scope
from commerce_api.core.tenancy import enter
from tests.commerce_api.shelves import MakeProduct, stock_product
from tests.conftest import MakeTenant


@pytest.fixture
async def market(make_product: MakeProduct) -> None:
    """A shop of fabrics and foods, as there are many."""
    colours = [{"name": colour, "attributes": {"colour": colour}} for colour in ("Blue", "Red", "Green")]
    oils = {"category": "Food > Oils"}
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


async def found(session: AsyncSession, query: str, **scope: int) -> tuple[list[str], Hits]:
    hits, products = await queries.shop_window(session, query, Scope(**scope))
    return [product.name for product in products], hits


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
async def test_a_shopper_finds_what_they_mean(
    market: None, entered: AsyncSession, query: str, best: str
) -> None:
    names, _ = await found(entered, query)
    assert names[:1] == [best]
