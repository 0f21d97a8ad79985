"""Settings at the desk: hours, zones, bargaining, team and channels, by the same rules as the API's."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from channels.registry import PROVIDERS
from commerce_api.bargaining.models import BargainTerms
from commerce_api.conversations.models import ChannelAccount
from commerce_api.core.database import Database
from commerce_api.orders.models import DeliveryZone
from commerce_api.tenants.models import Membership, Role, Tenant
from console.channels import NAMES
from tests.commerce_api.orders.shops import Shop, open_shop
from tests.conftest import MakeMember, MakeTenant, Member
from tests.console.conftest import SMALL_PHONE, AtDesk, Served

PAGES = ("settings", "settings/hours", "settings/zones", "settings/bargaining", "settings/team")
CHANNELS = ("settings/channels", "settings/channels/new?channel=whatsapp_twilio")


@pytest.fixture
async def shop(database: Database, make_tenant: MakeTenant) -> Shop:
    return await open_shop(database, await make_tenant())


@pytest.fixture
async def owner(shop: Shop, make_member: MakeMember) -> Member:
    return await make_member(shop.tenant)


def at(shop: Shop, page: str) -> str:
    return f"/console/shops/{shop.tenant.slug}/{page}"


async def tenant_of(shop: Shop) -> Tenant:
    async with shop.session() as session:
        return (await session.scalars(select(Tenant).where(Tenant.id == shop.tenant.id))).one()


async def test_hours_are_kept_by_the_day_and_a_day_without_a_time_is_closed(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    hours = {
        "mode": "days",
        "hours": "Mondays",
        "mon_from": ["08:00", "14:00"],
        "mon_until": ["12:00", "18:00"],
    }
    assert (await desk.post(at(shop, "settings/hours"), hours)).status_code == 303
    kept = await tenant_of(shop)
    assert kept.opening == {"mon": [["08:00", "12:00"], ["14:00", "18:00"]]}
    assert kept.hours == "Mondays"
    await desk.post(at(shop, "settings/hours"), {"mode": "always"})
    assert (await tenant_of(shop)).opening == {}


@pytest.mark.parametrize(
    "hours", [{}, {"mon_from": "8", "mon_until": "18:00"}, {"mon_from": "08:00", "mon_until": ""}]
)
async def test_hours_that_say_nothing_or_half_of_it_are_not_kept(
    shop: Shop, owner: Member, at_desk: AtDesk, hours: dict[str, str]
) -> None:
    desk = await at_desk(owner)
    answer = await desk.post(at(shop, "settings/hours"), {"mode": "days", **hours})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert (await tenant_of(shop)).opening == {}


async def test_zones_are_added_changed_and_removed(shop: Shop, owner: Member, at_desk: AtDesk) -> None:
    desk = await at_desk(owner)
    zone = {"name": "Lekki", "fee": "1,500.50", "eta": "2 days", "aliases": "Lekki 1, Ajah", "active": "yes"}
    assert (await desk.post(at(shop, "settings/zones"), zone)).status_code == 303
    async with shop.session() as session:
        made = (await session.scalars(select(DeliveryZone).where(DeliveryZone.name == "Lekki"))).one()
    assert (made.fee, made.aliases, made.is_active) == (150_050, ["Lekki 1", "Ajah"], True)
    twice = await desk.post(at(shop, "settings/zones"), zone)
    assert twice.status_code == 422
    assert "named Lekki already" in twice.text
    wrong = await desk.post(at(shop, f"settings/zones/{made.id}"), {"name": "Lekki", "fee": "free"})
    assert wrong.status_code == 422
    assert "This is no price" in wrong.text
    await desk.post(at(shop, f"settings/zones/{made.id}/remove"))
    assert "Lekki" not in (await desk.get(at(shop, "settings/zones"))).text


async def test_bargaining_has_terms_for_the_shop_and_for_one_product(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    path, product_id = at(shop, "settings/bargaining"), shop.variants[0].product_id
    await desk.post(path, {"is_on": "yes", "floor_percent": "70"})
    await desk.post(path, {"product_id": str(product_id), "floor_price": "12.50", "is_on": "yes"})
    async with shop.session() as session:
        kept = {one.product_id: one for one in await session.scalars(select(BargainTerms))}
    assert (kept[None].floor_percent, kept[None].is_on) == (70, True)
    assert kept[product_id].floor_price == 1250
    wrong = await desk.post(path, {"floor_percent": "0"})
    assert wrong.status_code == 422
    assert "Floor percent" in wrong.text
    await desk.post(f"{path}/{kept[product_id].id}/remove")
    page = (await desk.get(path)).text
    assert "down to 12.50" not in page


async def test_members_change_and_go_but_never_the_last_owner(
    shop: Shop, owner: Member, at_desk: AtDesk, make_member: MakeMember
) -> None:
    desk = await at_desk(owner)
    path = at(shop, "settings/team")
    tunde = await make_member(shop.tenant, Role.AGENT, email=f"tunde-{uuid4().hex}@shop.example")
    async with shop.session() as session:
        members = {one.role: one.id for one in await session.scalars(select(Membership))}
    assert tunde.user.email in (await desk.get(path)).text
    await desk.post(f"{path}/{members[Role.AGENT]}", {"role": "viewer"})
    assert (await desk.post(f"{path}/{members[Role.OWNER]}/remove")).status_code == 409
    await desk.post(f"{path}/{members[Role.AGENT]}/remove")
    assert tunde.user.email not in (await desk.get(path)).text


def test_every_provider_has_a_name_at_the_desk() -> None:
    assert set(NAMES) == set(PROVIDERS)


async def test_a_channels_secrets_are_written_and_never_shown(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    new = at(shop, "settings/channels/new")
    line = {"channel": "instagram", "name": "Page", "address": "1789", "display_number": "@ngozi"}
    refused = await desk.post(new, line)
    assert refused.status_code == 422
    assert "access_token" in refused.text
    made = await desk.post(new, {**line, "secret_access_token": "TOP-SECRET"})
    page = await desk.get(made.headers["location"])
    assert "TOP-SECRET" not in page.text
    async with shop.session() as session:
        kept = select(ChannelAccount.credentials).where(ChannelAccount.address == "1789")
        sealed = (await session.scalars(kept)).one()
    address = made.headers["location"].partition("?")[0]
    await desk.post(address, {"name": "Our page", "display_number": "@ngozi2"})
    async with shop.session() as session:
        account = (
            await session.scalars(select(ChannelAccount).where(ChannelAccount.address == "1789"))
        ).one()
        assert (account.name, account.display_number, account.is_active) == ("Our page", "@ngozi2", False)
        assert (await session.scalars(kept)).one() == sealed


async def test_on_a_small_phone_no_page_of_settings_runs_out_of_the_screen(
    shop: Shop, owner: Member, served: Served
) -> None:
    page = await served.open(owner, "settings", viewport=SMALL_PHONE)
    for path in (*PAGES, *CHANNELS):
        await page.goto(f"{served.url}{at(shop, path)}")
        wide = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, path
    await page.context.close()
