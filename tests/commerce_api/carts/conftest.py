"""A shopper before the shelves, and the bot side's client of their cart."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from commerce_api.core.database import Database
from commerce_api.tenants.models import Tenant
from commerce_client.client import CommerceClient
from tests.commerce_api.shelves import Shopper, meet_shopper
from tests.conftest import MakeTenant


@pytest.fixture
async def tenant(make_tenant: MakeTenant) -> Tenant:
    """A shop of this test's own."""
    return await make_tenant()


@pytest.fixture
async def shopper(database: Database, tenant: Tenant) -> Shopper:
    """A shopper of that shop."""
    return await meet_shopper(database, tenant)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[CommerceClient]:
    """The bot side's client."""
    client = CommerceClient("http://api.test", "demo-service-token", transport=httpx.ASGITransport(app))
    yield client
    await client.close()
