"""Answering with more than words: photos, canned replies, reactions, a discount, an order and its link."""

import html
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select

from commerce_api.carts import service as carts
from commerce_api.conversations.desk_models import CannedReply
from commerce_api.conversations.models import Message, MessagePart
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.orders.models import Order
from commerce_api.tenants.models import Role, Tenant
from tests.commerce_api.shelves import stock_product
from tests.conftest import MakeMember, MakeTenant, Member
from tests.console import talks
from tests.console.conftest import AtDesk, Served
from tests.console.talks import Talk
from tests.console.test_inbox import inbox, open_talk, said


def photograph() -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    Image.new("RGB", (1600, 1200), "red").save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


async def fill_cart(database: Database, tenant: Tenant, talk: Talk, quantity: int = 2) -> None:
    async with database.transaction() as session:
        await enter(session, tenant.id)
        product = await stock_product(session, "Ankara fabric", price=250_000)
        await carts.add_line(session, talk.contact_id, product.variants[0].id, quantity)


@pytest.mark.parametrize("channel", ["whatsapp", "instagram", "sms_twilio"])
async def test_a_photo_is_made_anew_and_sent_or_told_by_its_address(
    channel: str, at_desk: AtDesk, make_member: MakeMember, database: Database, desk_app: FastAPI
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant, channel=channel)
    browser = await at_desk(member)
    form = {"text": "This one?", "key": await open_talk(browser, member, talk)}
    for _ in range(2):
        files = {"photo": ("../../x.jpg", photograph(), "image/jpeg")}
        answer = await browser.post(inbox(member, f"/{talk.id}/reply"), form, files=files)
        assert answer.status_code == 303
    [message] = await said(database, talk)
    told = message.body["image_url"] or message.text or ""
    assert (message.body["image_url"] is None) == (channel == "sms_twilio")
    found = re.search(r"/media/said/[\w-]+\.jpg", told)
    assert found
    picture = await browser.get(found[0])
    assert picture.headers["x-content-type-options"] == "nosniff"
    with Image.open(io.BytesIO(picture.content)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (1280, 960), {})
    missing = await browser.get("/media/said/nothing.jpg")
    assert missing.status_code == 404
    page = await browser.get(inbox(member, f"/{talk.id}"))
    assert ("bubble-image" in page.text) == (channel != "sms_twilio")


async def test_what_is_no_picture_is_refused_and_says_so(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant)
    browser = await at_desk(member)
    form = {"text": "look", "key": await open_talk(browser, member, talk)}
    files = {"photo": ("x.jpg", b"<svg onload=alert(1)>", "image/jpeg")}
    answer = await browser.post(inbox(member, f"/{talk.id}/reply"), form, files=files)
    assert answer.status_code == 415
    empty = await browser.post(inbox(member, f"/{talk.id}/reply"), {"text": " ", "key": "k"})
    assert (empty.status_code, await said(database, talk)) == (422, [])


async def test_a_canned_reply_is_kept_changed_and_filled_in(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member(name="Ngozi")
    talk = await talks.start(database, member.tenant, "Ada Eze")
    await fill_cart(database, member.tenant, talk)
    browser = await at_desk(member)
    page = f"/console/shops/{member.tenant.slug}/settings/replies"
    await browser.get(page)
    words = "Hi {name}, {me} of {shop}: your cart is {cart}. Order {order}."
    assert (await browser.post(page, {"name": "cart", "text": words})).status_code == 303
    again = await browser.post(page, {"name": "cart", "text": "other"})
    assert (again.status_code, "There is a canned reply called cart" in again.text) == (409, True)
    thread = html.unescape((await browser.get(inbox(member, f"/{talk.id}"))).text)
    assert "Hi Ada Eze, Ngozi of Corner Shop: your cart is ₦5,000. Order." in thread
    [kept] = await canned(database, member)
    await browser.get(page)
    await browser.post(f"{page}/{kept.id}", {"name": "basket", "text": "Hello {name}"})
    assert [(one.name, one.text) for one in await canned(database, member)] == [("basket", "Hello {name}")]
    await browser.post(f"{page}/{kept.id}/remove")
    assert await canned(database, member) == []


async def canned(database: Database, member: Member) -> list[CannedReply]:
    async with database.transaction() as session:
        await enter(session, member.tenant.id)
        return list(await session.scalars(select(CannedReply)))


async def test_a_code_typed_after_a_stroke_brings_the_reply(
    served: Served, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant, "Ada Eze")
    async with database.transaction() as session:
        await enter(session, member.tenant.id)
        for name, text in (("hours", "We open at 8"), ("home", "We come to you, {name}")):
            session.add(CannedReply(name=name, text=text, created_at=now()))
    page = await served.open(member, f"inbox/{talk.id}")
    await page.locator("#text").press_sequentially("/ho")
    await page.locator("#suggested li").nth(1).wait_for()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert await page.locator("#text").input_value() == "We open at 8"
    await page.locator("#text").fill("/nobody")
    await page.locator("#suggested").wait_for(state="hidden")
    await page.context.close()


async def react(database: Database, talk: Talk, about: str, emoji: str | None) -> None:
    facts: dict[str, Any] = {"quoted_message_id": about, "emoji": emoji}
    await talks.say(database, talk, "", kind="reaction", **facts)


async def test_a_reaction_stands_on_the_message_it_is_to(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant)
    answer = await talks.say(database, talk, "It is ₦2,500", author=talks.BOT)
    async with database.transaction() as session:
        await enter(session, member.tenant.id)
        message = (await session.scalars(select(Message).where(Message.id == answer))).one()
        account = message.channel_account_id
        part = {"message_id": answer, "channel_account_id": account, "part": 0}
        session.add(MessagePart(**part, provider_message_id="wamid.1"))
    await react(database, talk, "wamid.1", "👍")
    await react(database, talk, "wamid.1", "❤️")
    await react(database, talk, "wamid.elsewhere", "😮")
    browser = await at_desk(member)
    page = (await browser.get(inbox(member, f"/{talk.id}"))).text
    assert re.findall(r'aria-label="Reaction (.+?)"', page) == ["❤️"]
    assert re.findall(r'bubble-text">(reacted.+?)<', page) == ["reacted with 😮"]
    await react(database, talk, "wamid.1", None)
    assert "Reaction" not in (await browser.get(inbox(member, f"/{talk.id}"))).text


async def test_a_discount_is_given_within_the_limit_and_stands_in_the_order(
    at_desk: AtDesk, make_tenant: MakeTenant, make_member: MakeMember, database: Database
) -> None:
    tenant = await make_tenant(discount_limit_percent=10)
    member = await make_member(tenant, role=Role.AGENT, name="Tunde")
    talk = await talks.start(database, tenant)
    await fill_cart(database, tenant, talk)
    browser = await at_desk(member)
    await open_talk(browser, member, talk)
    refused = await browser.post(inbox(member, f"/{talk.id}/cart/discount"), {"percent": "11"})
    assert (refused.status_code, "10 % can be taken off at most" in refused.text) == (409, True)
    await open_talk(browser, member, talk)
    await browser.post(inbox(member, f"/{talk.id}/cart/discount"), {"percent": "10"})
    page = (await browser.get(inbox(member, f"/{talk.id}"))).text
    assert "Discount, 10 % by Tunde" in page
    assert "₦4,500" in page
    order = {"name": "Ada", "delivery": "pickup", "payment_method": "cash_on_delivery", "key": "k"}
    for _ in range(2):
        placed = await browser.post(inbox(member, f"/{talk.id}/orders"), order)
        assert placed.status_code == 303
    async with database.transaction() as session:
        await enter(session, tenant.id)
        [made] = (await session.scalars(select(Order))).all()
    assert (made.total, made.discount, made.discount_percent) == (450_000, 50_000, 10)
    shown = await browser.get(f"/console/shops/{tenant.slug}/orders/{made.number}")
    assert "Discount of 10 %" in shown.text


@pytest.fixture
async def gateway_away(desk_app: FastAPI) -> AsyncIterator[None]:
    """The payment provider answers nothing but 503."""
    usual = desk_app.state.http
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503))) as away:
        desk_app.state.http = away
        yield
    desk_app.state.http = usual


@pytest.mark.usefixtures("gateway_away")
async def test_an_order_whose_pay_link_can_not_be_had_stands(
    at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant)
    await fill_cart(database, member.tenant, talk)
    browser = await at_desk(member)
    await open_talk(browser, member, talk)
    order = {"name": "Ada", "delivery": "pickup", "payment_method": "pay_link", "key": "k"}
    answer = await browser.post(
        inbox(member, f"/{talk.id}/orders"), {**order, "then": "pay_link", "text": "Pay here"}
    )
    assert answer.status_code in {502, 503}
    page = await browser.get(inbox(member, f"/{talk.id}"))
    assert "Send the pay link" in page.text
    assert await said(database, talk) == []
