"""Products at the desk: prices and stock changed in place, made from a phone, imported, shared."""

import io
from urllib.parse import unquote

import httpx
import pytest
from PIL import Image
from sqlalchemy import select, update

from commerce_api.catalogue.models import Variant
from commerce_api.conversations.models import ChannelAccount
from commerce_api.core.database import Database
from commerce_api.tenants.models import Role
from console.sharing import code
from tests.commerce_api.orders.shops import Shop, open_shop
from tests.conftest import NOON, Bearer, MakeMember, MakeTenant, Member
from tests.console.conftest import SMALL_PHONE, AtDesk, Served


@pytest.fixture
async def shop(database: Database, make_tenant: MakeTenant) -> Shop:
    return await open_shop(database, await make_tenant(), prices=(150_000, 250_050))


@pytest.fixture
async def owner(shop: Shop, make_member: MakeMember) -> Member:
    return await make_member(shop.tenant)


def at(shop: Shop, page: str) -> str:
    return f"/console/shops/{shop.tenant.slug}/{page}"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return out.getvalue()


async def variant(shop: Shop, place: int = 0) -> Variant:
    async with shop.session() as session:
        found = select(Variant).where(Variant.id == shop.variants[place].id)
        return (await session.scalars(found)).one()


def row(price: str, count: str, *, price_was: str = "1500", count_was: str = "10") -> dict[str, str]:
    return {"price": price, "count": count, "price_was": price_was, "count_was": count_was}


async def test_price_and_stock_are_changed_where_they_stand(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    page = (await desk.get(at(shop, "products"))).text
    assert 'value="2500.50"' in page
    path = at(shop, f"products/variants/{shop.variants[0].id}")
    assert (await desk.post(path, row("₦1,750.50", "3"))).status_code == 303
    now = await variant(shop)
    assert (now.regular_price, now.stock) == (175_050, 3)
    part = await desk.post(path, row("1800", "3", count_was="3"), headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert part.text.lstrip().startswith("<li")
    assert 'value="1800"' in part.text


async def test_a_fault_stands_beside_its_field_and_the_rest_is_kept(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    path = at(shop, f"products/variants/{shop.variants[0].id}")
    for headers, status in (({"HX-Request": "true"}, 200), ({}, 422)):
        answer = await desk.post(path, row("cheap", "-1"), headers=headers)
        assert answer.status_code == status
        assert "Price: This is no price" in answer.text
        assert "Stock: This is no count" in answer.text
        assert 'value="cheap"' in answer.text
    now = await variant(shop)
    assert (now.regular_price, now.stock) == (150_000, 10)


async def test_a_stock_the_seller_did_not_touch_keeps_what_was_sold_meanwhile(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    await shop.place([4])
    await desk.post(at(shop, f"products/variants/{shop.variants[0].id}"), row("1600", "10"))
    now = await variant(shop)
    assert (now.regular_price, now.stock) == (160_000, 6)


async def test_low_stock_and_hidden_products_have_lists_of_their_own(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    product_id = shop.variants[0].product_id
    assert "Palm oil" not in (await desk.get(at(shop, "products?low=yes"))).text
    await desk.post(at(shop, f"products/variants/{shop.variants[0].id}"), row("1500", "3"))
    assert "Palm oil" in (await desk.get(at(shop, "products?low=yes"))).text
    await desk.post(at(shop, f"products/{product_id}/active"), {"active": "no"})
    assert "Palm oil" not in (await desk.get(at(shop, "products"))).text
    assert "Palm oil" in (await desk.get(at(shop, "products?hidden=yes"))).text


async def test_who_may_not_edit_reads_prices_without_fields(
    shop: Shop, make_member: MakeMember, at_desk: AtDesk
) -> None:
    desk = await at_desk(await make_member(shop.tenant, role=Role.VIEWER))
    page = (await desk.get(at(shop, "products"))).text
    assert "₦1,500" in page
    assert 'name="price"' not in page


async def test_a_product_is_made_from_a_photo_a_name_and_a_price(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    facts = {"name": " Ankara  bag ", "price": "4,500", "count": "2"}
    made = await desk.post(at(shop, "products/new"), facts, files={"photo": ("p.jpg", picture())})
    assert made.status_code == 303, made.text
    page = (await desk.get(made.headers["location"])).text
    assert "Share Ankara bag" in page
    listed = (await desk.get(at(shop, "products?q=ankara"))).text
    assert 'src="/media/' in listed
    assert 'value="4500"' in listed


async def test_a_photo_that_cannot_be_read_makes_no_product(
    shop: Shop, owner: Member, at_desk: AtDesk
) -> None:
    desk = await at_desk(owner)
    facts = {"name": "Ankara bag", "price": "4500"}
    answer = await desk.post(at(shop, "products/new"), facts, files={"photo": ("p.jpg", b"no")})
    assert answer.status_code == 422
    assert 'value="Ankara bag"' in answer.text
    assert "that can be read" in answer.text
    assert "Ankara" not in (await desk.get(at(shop, "products"))).text


async def test_the_api_makes_the_same_product_and_names_the_same_links(
    shop: Shop, owner: Member, at_desk: AtDesk, bearer: Bearer
) -> None:
    browser = (await at_desk(owner)).client
    form = {"name": "Ankara bag", "price": "450000", "stock": "2"}
    made = await browser.post(
        f"{shop.url}/products/quick", data=form, files={"file": ("p.jpg", picture())}, headers=bearer(owner)
    )
    assert made.status_code == 201, made.text
    assert made.json()["photos"]
    assert made.json()["sku"].startswith("ANKARABA-")
    links = await browser.get(f"{shop.url}/products/{made.json()['id']}/share-links", headers=bearer(owner))
    assert [link["url"] for link in links.json()["items"]] == [None]


async def test_each_channel_has_its_link_and_its_code(shop: Shop, owner: Member, at_desk: AtDesk) -> None:
    async with shop.session() as session:
        await session.execute(update(ChannelAccount).values(display_number="+234 803 123 4567"))
        for channel, shown in (("instagram", "@mama.ngozi"), ("sms_twilio", "+1 415 555 0100")):
            session.add(
                ChannelAccount(
                    channel=channel, address=channel, name=channel, display_number=shown, created_at=NOON
                )
            )
    desk = await at_desk(owner)
    page = (await desk.get(at(shop, f"products/{shop.variants[0].product_id}/share"))).text
    for url in (
        "https://wa.me/2348031234567?text=Palm%20oil",
        "https://ig.me/m/mama.ngozi?ref=sku-UC0x",
        "sms:+14155550100?body=Palm%20oil",
    ):
        assert url in page, unquote(url)
        assert str(code(url)) in page
    assert page.count("<svg viewBox") == 3


async def test_a_sheet_is_taken_whole_or_told_row_by_row(shop: Shop, owner: Member, at_desk: AtDesk) -> None:
    desk = await at_desk(owner)

    async def sent(sheet: str) -> httpx.Response:
        return await desk.post(at(shop, "products/import"), files={"file": ("s.csv", sheet.encode())})

    wrong = await sent("product_sku,name,price\nA,Kettle,12\nB,<b>Pot</b>,cheap\nC,,5\n")
    assert wrong.status_code == 422
    assert '<td class="number">3</td><td>price</td>' in wrong.text
    assert '<td class="number">4</td><td>name</td>' in wrong.text
    right = await sent("product_sku,name,price\nA,Kettle,12\n")
    assert "1 new, 0 changed" in (await desk.get(right.headers["location"])).text
    sheet = await desk.get(at(shop, "products/export.csv"))
    assert "Kettle" in sheet.text
    assert sheet.headers["content-disposition"].startswith("attachment")


async def test_on_a_small_phone_a_price_is_changed_without_leaving_the_page(
    shop: Shop, owner: Member, served: Served
) -> None:
    page = await served.open(owner, "products", viewport=SMALL_PHONE)
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    field = page.get_by_label("Price of Palm oil, 1 L")
    await field.fill("1999")
    async with page.expect_response(lambda answer: "/variants/" in answer.url):
        await page.get_by_role("button", name="Save Palm oil, 1 L").click()
    await page.locator('input[name="price_was"][value="1999"]').wait_for(state="attached")
    assert (await variant(shop)).regular_price == 199_900
    await page.context.close()
