"""Shops that bargain."""

from typing import Any

import pytest

from commerce_api.bargaining import service
from commerce_api.bargaining.terms import TermsFacts
from commerce_api.core.database import Database
from tests.commerce_api.orders.shops import MakeShop, Shop, open_shop
from tests.conftest import MakeTenant


@pytest.fixture
def make_shop(database: Database, make_tenant: MakeTenant) -> MakeShop:
    """A shop whose prices may come down by the terms given as ``terms``; the rest goes to ``open_shop``."""

    async def make(terms: dict[str, Any] | None = None, **goods: Any) -> Shop:
        opened = await open_shop(database, await make_tenant(), **goods)
        async with opened.session() as session:
            await service.lay_down(session, None, TermsFacts(**(terms or {})))
        return opened

    return make


@pytest.fixture
async def shop(make_shop: MakeShop) -> Shop:
    """A shop with two variants at 450,000 and 100,000 kobo, never below 80 %."""
    return await make_shop(terms={"floor_percent": 80}, prices=(450_000, 100_000))
