"""A shop with shelves to search."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue.models import Product
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.commerce_api.shelves import MakeProduct, stock_product
from tests.conftest import MakeTenant


@pytest.fixture
async def tenant(make_tenant: MakeTenant) -> Tenant:
    """A shop of this test's own."""
    return await make_tenant()


@pytest.fixture
async def entered(session: AsyncSession, tenant: Tenant) -> AsyncSession:
    """A session in the shop; its work is rolled back after the test."""
    await enter(session, tenant.id)
    return session


@pytest.fixture
def make_product(entered: AsyncSession) -> MakeProduct:
    """Adds a product to the shop."""

    async def make(name: str, **facts: object) -> Product:
        return await stock_product(entered, name, **facts)  # type: ignore[arg-type]

    return make
