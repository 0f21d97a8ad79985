"""Shops for the tests of payments."""

from typing import Any

import pytest

from commerce_api.core.database import Database
from tests.commerce_api.orders.shops import MakeShop, Shop, open_shop
from tests.conftest import MakeTenant


@pytest.fixture
def make_shop(database: Database, make_tenant: MakeTenant) -> MakeShop:
    """Makes and commits a shop: ``prices`` and ``stock`` go to ``open_shop``, the rest to the tenant."""

    async def make(**facts: Any) -> Shop:
        goods = {name: facts.pop(name) for name in ("prices", "stock") if name in facts}
        return await open_shop(database, await make_tenant(**facts), **goods)

    return make


@pytest.fixture
async def shop(make_shop: MakeShop) -> Shop:
    """A shop with two variants, ten of each."""
    return await make_shop()
