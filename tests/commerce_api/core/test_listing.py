"""Lists: parts, order, totals."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.listing import ListParams, SortUnknown, page
from commerce_api.tenants.models import Tenant
from tests.conftest import MakeTenant

SORTABLE = {"-name": Tenant.name, "slug": Tenant.slug}


@pytest.fixture
async def three(make_tenant: MakeTenant) -> list[UUID]:
    """Three tenants named b, a, a."""
    return [(await make_tenant(name=name)).id for name in ("b", "a", "a")]


async def test_a_page_counts_everything_and_holds_the_part_asked_for(
    session: AsyncSession, three: list[UUID]
) -> None:
    statement = select(Tenant).where(Tenant.id.in_(three))
    parts = [await page(session, statement, ListParams(limit=1, skip=skip), SORTABLE) for skip in range(4)]
    assert [part.total for part in parts] == [3] * 4
    assert [len(part.items) for part in parts] == [1, 1, 1, 0]
    assert {tenant.id for part in parts for tenant in part.items} == set(three)


@pytest.mark.parametrize(
    ("sort", "names"), [(None, ["b", "a", "a"]), ("name", ["a", "a", "b"]), ("-name", ["b", "a", "a"])]
)
async def test_a_list_comes_in_the_order_asked_for(
    session: AsyncSession, three: list[UUID], sort: str | None, names: list[str]
) -> None:
    statement = select(Tenant).where(Tenant.id.in_(three))
    found = await page(session, statement, ListParams(sort=sort), SORTABLE)
    assert [tenant.name for tenant in found.items] == names


async def test_an_order_the_list_does_not_have_is_refused(session: AsyncSession) -> None:
    with pytest.raises(SortUnknown):
        await page(session, select(Tenant), ListParams(sort="currency"), SORTABLE)
