"""CSV files in and out of the catalogue."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import importing, queries
from commerce_api.catalogue.errors import CsvInvalid
from commerce_api.catalogue.models import Product, Variant
from commerce_api.catalogue.search import Scope
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.conftest import MakeTenant

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "commerce_api" / "demo" / "catalogues"
HEADER = "product_sku,name,category,variant_sku,variant,attributes,price,stock\n"


async def take_in(session: AsyncSession, tenant: Tenant, written: str | bytes) -> importing.Imported:
    content = written.encode() if isinstance(written, str) else written
    return await importing.import_csv(session, content, tenant=tenant)


async def faults_of(session: AsyncSession, tenant: Tenant, written: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(CsvInvalid) as caught:
        await take_in(session, tenant, written)
    faults: list[dict[str, Any]] = caught.value.facts["errors"]
    assert all(fault["fault"] for fault in faults)
    return [(fault["row"], fault["column"]) for fault in faults]


@pytest.mark.parametrize("slug", ["mama-ngozi", "duka-amina", "chez-awa"])
async def test_the_demo_catalogues_come_in_and_their_export_changes_nothing(
    entered: AsyncSession, tenant: Tenant, slug: str
) -> None:
    first = await take_in(entered, tenant, (DEMO / f"{slug}.csv").read_bytes())
    exported = await importing.export_csv(entered, tenant=tenant)
    second = await take_in(entered, tenant, exported)
    assert first.imported > 40
    assert (second.imported, second.updated) == (0, first.imported)
    assert await importing.export_csv(entered, tenant=tenant) == exported
