"""The dashboard tells a seller how the shop does, and hands its events over as a sheet."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from commerce_api.conversations.models import Author
from commerce_api.conversations.service import StepKind
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from tests.commerce_api.analytics.past import Past, furnish_long_ago
from tests.commerce_api.stalls import Stall
from tests.console.conftest import SMALL_PHONE, AtDesk, Served


@pytest.fixture
async def stall(database: Database, desk_app: FastAPI) -> Stall:
    return await furnish_long_ago(database, desk_app.state.vault)


async def busy(database: Database, stall: Stall) -> None:
    """A shopper wrote, a person was asked for and answered, an order was placed and paid."""
    past, asked = Past(database, stall), now() - timedelta(days=2)
    await past.says(Author.SHOPPER, asked)
    await past.says(Author.ASSISTANT, asked + timedelta(seconds=1))
    await past.steps((StepKind.HANDED_OFF, asked), reason="complaint")
    await past.says(Author.SELLER, asked + timedelta(minutes=3))
    await past.steps((StepKind.HANDED_BACK, asked + timedelta(minutes=9)))
    await past.order(asked + timedelta(minutes=10), is_paid=True)


async def test_the_figures_of_the_period_stand_on_the_page(
    stall: Stall, database: Database, at_desk: AtDesk
) -> None:
    await busy(database, stall)
    visit = await at_desk(stall.owner)
    page = await visit.get(f"/console/shops/{stall.owner.tenant.slug}/dashboard?days=7")
    assert page.status_code == 200
    words = " ".join(page.text.split())
    for fact in ("₦15", "1 order<", "0 of 1 conversation<", "3 min", "Complained", "WhatsApp"):
        assert fact in words, fact


async def test_a_shop_without_a_past_reads_as_such(stall: Stall, at_desk: AtDesk) -> None:
    visit = await at_desk(stall.owner)
    page = await visit.get(f"/console/shops/{stall.owner.tenant.slug}/dashboard")
    assert "Nobody wrote in these days." in page.text
    assert "None" not in page.text


async def test_the_sheet_is_a_download(stall: Stall, database: Database, at_desk: AtDesk) -> None:
    await busy(database, stall)
    visit = await at_desk(stall.owner)
    sheet = await visit.get(f"/console/shops/{stall.owner.tenant.slug}/dashboard/events.csv?days=7")
    assert sheet.headers["content-disposition"].startswith("attachment")
    assert "order_placed" in sheet.text


async def test_on_a_small_phone_nothing_runs_out_of_the_page(
    stall: Stall, database: Database, served: Served
) -> None:
    await busy(database, stall)
    page = await served.open(stall.owner, "dashboard", viewport=SMALL_PHONE)
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert await page.locator(".chart-bar").count() > 30
    await page.context.close()
