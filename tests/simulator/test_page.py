"""The page of phones in a real browser: everything a shopper does, on a laptop and a small phone."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.simulator.conftest import ADA, GATEWAY_SECRET, SELLER, Product, StandIn, serving, value_of

LAPTOP = ViewportSize(width=1280, height=800)
SMALL_PHONE = ViewportSize(width=360, height=640)
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> *bold* _it_ ~no~ `code` 2*3*4 snake_case_name"


@pytest.fixture
async def page(chromium: Browser, served: StandIn) -> AsyncIterator[Page]:
    """The page, live, on a laptop; it must log nothing to the console and ask no other host for anything."""
    context = await chromium.new_context(viewport=LAPTOP)
    page = await context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    base = str(served.http.base_url)
    page.on("request", lambda sent: None if sent.url.startswith(base) else trouble.append(sent.url))
    await page.goto(base)
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    yield page
    await context.close()
    assert trouble == []


def incoming(served: StandIn, place: int) -> dict[str, Any]:
    """The message in the webhook at ``place`` among those that brought one."""
    values = [value_of(json.loads(request.content)) for request in served.product.requests]
    found: dict[str, Any] = [value["messages"][0] for value in values if "messages" in value][place]
    return found


async def test_a_typed_message_goes_to_the_webhook_and_its_ticks_follow(served: StandIn, page: Page) -> None:
    ada = page.get_by_test_id("phone-ada")
    await ada.get_by_test_id("composer-text").fill("Do you have ankara?\n2 yards")
    await ada.get_by_test_id("send").click()
    message = ada.get_by_test_id("message")
    await expect(message).to_have_attribute("data-status", "delivered")
    sent = incoming(served, 0)
    assert sent["text"]["body"] == "Do you have ankara?\n2 yards"
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": sent["id"]}
    await served.send(**body, typing_indicator={"type": "text"}, to=None)
    await expect(message).to_have_attribute("data-status", "read")
    await expect(ada.get_by_test_id("chat-subtitle")).to_have_text("typing…")
    await served.send_text("Yes, in blue")
    await expect(ada.get_by_test_id("message").last).to_contain_text("Yes, in blue")
    await expect(ada.get_by_test_id("chat-subtitle")).to_have_text("+2348030000001")


async def test_a_message_in_an_open_chat_is_read_and_in_a_closed_one_is_counted(
    served: StandIn, page: Page
) -> None:
    await served.send_text("seen")
    await served.product.until(lambda product: any(one["status"] == "read" for one in product.statuses))
    kofi = page.get_by_test_id("phone-kofi")
    await served.send_text("unseen", to="233201234502")
    await expect(kofi.get_by_test_id("unread")).to_have_text("1")
    await expect(page).to_have_title("(1) Phones · Conversational Commerce")
    await kofi.get_by_test_id(f"chat-row-{SELLER}").click()
    await expect(kofi.get_by_test_id("message")).to_contain_text("unseen")
    await served.product.until(lambda product: sum(one["status"] == "read" for one in product.statuses) == 2)
    await kofi.get_by_test_id("back").click()
    await expect(kofi.get_by_test_id("unread")).to_have_count(0)


async def test_buttons_list_rows_and_a_location_are_tapped_by_keyboard_and_mouse(
    served: StandIn, page: Page
) -> None:
    ada = page.get_by_test_id("phone-ada")
    reply = {"type": "reply", "reply": {"id": "m.0", "title": "Blue"}}
    await served.send(
        type="interactive",
        interactive={"type": "button", "body": {"text": "?"}, "action": {"buttons": [reply]}},
    )
    await ada.get_by_role("button", name="Blue").press("Enter")
    await expect(ada.get_by_test_id("message")).to_have_count(2)
    rows = [{"id": "n.0", "title": "Red", "description": "2 left"}, {"id": "n.1", "title": "Green"}]
    action = {"button": "See all", "sections": [{"rows": rows}]}
    await served.send(
        type="interactive", interactive={"type": "list", "body": {"text": "?"}, "action": action}
    )
    await ada.get_by_test_id("open-list").click()
    await page.keyboard.press("Escape")
    await expect(ada.get_by_test_id("sheet")).to_have_count(0)
    await expect(ada.get_by_test_id("open-list")).to_be_focused()
    await ada.get_by_test_id("open-list").click()
    await ada.get_by_test_id("list-row").filter(has_text="Red").click()
    request = {
        "type": "location_request_message",
        "body": {"text": "Where?"},
        "action": {"name": "send_location"},
    }
    await served.send(type="interactive", interactive=request)
    await ada.get_by_test_id("location-button").click()
    await ada.get_by_test_id("place-balogun-market").click()
    await expect(ada.locator("[data-from=shopper][data-status=delivered]")).to_have_count(3)
    assert incoming(served, 0)["interactive"]["button_reply"] == {"id": "m.0", "title": "Blue"}
    assert incoming(served, 1)["interactive"]["list_reply"] == rows[0]
    assert incoming(served, 2)["location"]["name"] == "Balogun Market"


async def test_a_photo_is_sent_and_a_picture_from_the_shop_is_shown(served: StandIn, page: Page) -> None:
    ada = page.get_by_test_id("phone-ada")
    await ada.get_by_test_id("attach").click()
    await ada.get_by_test_id("attach-photo").click()
    await ada.get_by_test_id("photo-my-gate").click()
    await served.send(type="image", image={"link": "http://shop.test/photo.jpg", "caption": "Here"})
    pictures = ada.locator("[data-testid=message] img")
    await expect(pictures).to_have_count(2)
    for place in (0, 1):
        await expect(pictures.nth(place)).to_have_js_property("complete", True)
        assert await pictures.nth(place).evaluate("picture => picture.naturalWidth") == 800
    assert incoming(served, 0)["image"]["mime_type"] == "image/jpeg"


async def test_text_is_only_ever_text_with_whatsapps_marks(served: StandIn, page: Page) -> None:
    await served.send_text(HOSTILE)
    words = page.get_by_test_id("phone-ada").get_by_test_id("message").locator(".words")
    await expect(words).to_have_text(
        "<img src=x onerror=\"document.title='owned'\"> bold it no code 2*3*4 snake_case_name"
    )
    await expect(words.locator("img")).to_have_count(0)
    for tag, marked in (("strong", "bold"), ("em", "it"), ("s", "no"), ("code", "code")):
        await expect(words.locator(tag)).to_have_text(marked)
    assert "owned" not in await page.title()


async def test_a_refused_webhook_is_shown_and_then_forgotten(served: StandIn, page: Page) -> None:
    served.product.answers = [503, 503]
    message = page.get_by_test_id("phone-ada").get_by_test_id("message")
    await page.get_by_test_id("phone-ada").get_by_test_id("opener").first.click()
    await expect(message).to_have_attribute("data-status", "delivered")
    await expect(message.locator(".trouble")).to_have_count(0)
    assert len(served.product.requests) == 3


@pytest.mark.parametrize("size", [LAPTOP, SMALL_PHONE], ids=["laptop", "small phone"])
async def test_a_payment_is_declined_then_approved_inside_the_phone(
    served: StandIn, page: Page, size: Any
) -> None:
    await page.set_viewport_size(size)
    ada = page.get_by_test_id("phone-ada")
    url = await _checkout(served)
    action = {"name": "cta_url", "parameters": {"display_text": "Pay now", "url": url}}
    await served.send(
        type="interactive", interactive={"type": "cta_url", "body": {"text": "Pay"}, "action": action}
    )
    await ada.get_by_test_id("link-button").click()
    inside = ada.frame_locator("[data-testid=browser]")
    await expect(inside.get_by_test_id("pay-amount")).to_have_text("₦12,500.00")
    await inside.get_by_test_id("pay-decline").click()
    await expect(inside.get_by_test_id("pay-result")).to_have_text("Payment declined")
    await inside.get_by_test_id("pay-again").click()
    await inside.get_by_test_id("pay-approve").click()
    await expect(inside.get_by_test_id("pay-result")).to_have_text("Payment approved")
    await inside.get_by_test_id("pay-back").click()
    await expect(ada.get_by_test_id("browser")).to_have_count(0)
    callbacks = [request for request in served.product.requests if request.url.path == "/callbacks/gateway"]
    assert [json.loads(request.content)["event"] for request in callbacks] == [
        "charge.failed",
        "charge.success",
    ]


async def _checkout(served: StandIn) -> str:
    order = {
        "reference": "MN-1",
        "amount": 1_250_000,
        "currency": "NGN",
        "description": "Mama Ngozi: order MN-1",
        "callback_url": "http://product.test/callbacks/gateway",
        "return_url": "http://product.test/",
    }
    body = json.dumps(order).encode()
    signature = hmac.new(GATEWAY_SECRET.encode(), body, hashlib.sha512).hexdigest()
    answer = await served.http.post(
        "/gateway/checkouts", content=body, headers={"X-Gateway-Signature": signature}
    )
    url: str = answer.json()["url"]
    return url


async def test_a_small_screen_shows_one_phone_and_tabs_for_the_others(served: StandIn, page: Page) -> None:
    await page.set_viewport_size(SMALL_PHONE)
    for place in range(30):
        await served.send_text(f"message {place}")
    await expect(page.locator(".phone:visible")).to_have_count(1)
    await page.get_by_test_id("tab-wanjiru").click()
    await expect(page.get_by_test_id("phone-wanjiru")).to_be_visible()
    await expect(page.get_by_test_id("phone-ada")).to_be_hidden()
    await page.get_by_test_id("tab-wanjiru").press("ArrowRight")
    await expect(page.get_by_test_id("tab-ada")).to_be_focused()
    await expect(page.get_by_test_id("phone-ada").get_by_test_id("message").last).to_be_in_viewport()
    overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


async def test_a_reload_keeps_the_chat_and_a_second_page_sees_the_same(
    served: StandIn, page: Page, chromium: Browser
) -> None:
    ada = page.get_by_test_id("phone-ada")
    await ada.get_by_test_id("back").click()
    await ada.get_by_test_id("chat-row-100000000000002").click()
    await ada.get_by_test_id("opener").first.click()
    await page.reload()
    await expect(ada.get_by_test_id("chat-title")).to_have_text("Duka la Amina")
    await expect(ada.get_by_test_id("message")).to_have_count(1)
    context = await chromium.new_context(viewport=LAPTOP)
    other = await context.new_page()
    await other.goto(str(served.http.base_url))
    await other.get_by_test_id("phone-ada").get_by_test_id("back").click()
    await expect(
        other.get_by_test_id("phone-ada").get_by_test_id("chat-row-100000000000002")
    ).to_contain_text("Habari")
    await context.close()


async def test_control_reset_empties_the_page_without_a_reload(served: StandIn, page: Page) -> None:
    await served.write(type="text", text="Hi")
    message = page.get_by_test_id("phone-ada").get_by_test_id("message")
    await expect(message).to_have_count(1)
    await served.http.post("/control/reset")
    await expect(message).to_have_count(0)
    assert (await served.http.get(f"/control/phones/{ADA}/received")).json()["items"] == []


async def test_a_page_that_is_closed_reads_nothing_any_more(served: StandIn, page: Page) -> None:
    await expect(page.get_by_test_id("phone-ada").get_by_test_id("chat-title")).to_be_visible()
    chat = served.app.state.phones.chat(ADA, served.app.state.phones.line("whatsapp", SELLER))
    await page.goto("about:blank")
    async with asyncio.timeout(10):
        while chat.viewers:  # noqa: ASYNC110  a page that goes says nothing to wait for
            await asyncio.sleep(0.02)
    await served.send_text("to nobody")
    await served.product.received(2)
    assert [one["status"] for one in served.product.statuses] == ["sent", "delivered"]


async def test_a_page_outlives_a_restart_of_the_stand_in(chromium: Browser) -> None:
    context = await chromium.new_context(viewport=LAPTOP)
    page = await context.new_page()
    product = Product()
    connection, message = (
        page.get_by_test_id("connection"),
        page.get_by_test_id("phone-ada").get_by_test_id("message"),
    )
    async with serving(product) as first:
        await page.goto(str(first.http.base_url))
        await expect(connection).to_have_attribute("data-state", "live")
        await first.send_text("before")
        await expect(message).to_contain_text("before")
    await expect(connection).to_have_attribute("data-state", "lost")
    await page.get_by_test_id("phone-ada").get_by_test_id("composer-text").fill("too early")
    await page.get_by_test_id("phone-ada").get_by_test_id("send").click()
    await expect(page.get_by_role("alert")).to_contain_text("not running")
    await expect(page.get_by_test_id("phone-ada").get_by_test_id("composer-text")).to_have_value("too early")
    async with serving(product, first.http.base_url.port or 0) as second:
        await expect(connection).to_have_attribute("data-state", "live")
        await second.send_text("after")
        await expect(message).to_have_count(1)
        await expect(message).to_contain_text("after")
        await context.close()
