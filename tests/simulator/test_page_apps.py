"""The page in a real browser: Instagram, text messages on a simple phone, dialling; and the faults."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from simulator.settings import SELLERS, Shopper
from tests.simulator.conftest import ADA, SELLER, TOKEN, TWILIO_SID, TWILIO_TOKEN, StandIn

SIZES = [ViewportSize(width=1280, height=800), ViewportSize(width=360, height=640)]
INSTAGRAM = SELLERS[0].instagram_id
IGSID = Shopper("Ada", ADA).instagram_id(INSTAGRAM)


@pytest.fixture(params=SIZES, ids=["laptop", "small phone"])
async def page(request: Any, chromium: Browser, served: StandIn) -> AsyncIterator[Page]:
    """The page, live; it must log nothing to the console and never be wider than the screen."""
    context = await chromium.new_context(viewport=request.param)
    page = await context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    await page.goto(str(served.http.base_url))
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    yield page
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    await context.close()
    assert trouble == []


async def open_app(page: Page, app: str, channel: str) -> Locator:
    """Ada's phone with her chat with the first seller on ``channel``."""
    ada = page.get_by_test_id("phone-ada")
    await ada.get_by_test_id("back").click()
    await ada.get_by_test_id(f"app-{app}").click()
    await ada.get_by_test_id(f"chat-row-{channel}-{SELLER}").click()
    return ada


def forms(served: StandIn) -> list[dict[str, str]]:
    return [dict(httpx.QueryParams(request.content.decode())) for request in served.product.requests]


async def instagram(served: StandIn, message: dict[str, Any]) -> None:
    body = {"recipient": {"id": IGSID}, "message": message}
    answer = await served.http.post(f"/instagram/v23.0/{INSTAGRAM}/messages", json=body, headers=TOKEN)
    assert answer.status_code == 200, answer.text


async def sms(served: StandIn, words: str) -> None:
    form = {"To": f"+{ADA}", "From": SELLERS[0].sms_number, "Body": words}
    address = f"/twilio/2010-04-01/Accounts/{TWILIO_SID}/Messages.json"
    assert (await served.http.post(address, data=form, auth=(TWILIO_SID, TWILIO_TOKEN))).status_code == 201


def events(served: StandIn) -> list[dict[str, Any]]:
    bodies = [json.loads(request.content) for request in served.product.requests]
    found = [event for body in bodies for event in body["entry"][0]["messaging"]]
    return [event for event in found if event["sender"]["id"] == IGSID]


async def test_on_instagram_cards_and_quick_replies_are_tapped_and_stories_answered(
    served: StandIn, page: Page
) -> None:
    ada = await open_app(page, "instagram", "instagram")
    await expect(ada.get_by_test_id("chat-subtitle")).to_have_text("@mama.ngozi.lagos")
    button = {"type": "postback", "title": "Add blue", "payload": "m.0"}
    element = {"title": "Ankara", "subtitle": "2,500", "buttons": [button]}
    payload = {"template_type": "generic", "elements": [element, {**element, "title": "Kanga"}]}
    await instagram(served, {"attachment": {"type": "template", "payload": payload}})
    quick = {"content_type": "text", "title": "Browse", "payload": "m.2"}
    await instagram(served, {"text": "Or?", "quick_replies": [quick]})
    await expect(ada.get_by_test_id("card")).to_have_count(2)
    await ada.get_by_role("button", name="Browse").click()
    # Quick replies stand under the newest message alone.
    await expect(ada.get_by_role("button", name="Browse")).to_be_hidden()
    await ada.get_by_test_id("card-button").first.click()
    await ada.get_by_test_id("composer-text").fill("Is this still there?")
    await ada.get_by_test_id("attach").click()
    await ada.get_by_test_id("attach-story").click()
    await expect(ada.locator("[data-from=shopper][data-status=delivered]")).to_have_count(3)
    done = [event for event in events(served) if "read" not in event]
    assert done[0]["message"]["quick_reply"] == {"payload": "m.2"}
    assert done[1]["postback"]["payload"] == "m.0"
    assert done[2]["message"]["text"] == "Is this still there?"
    assert done[2]["message"]["reply_to"]["story"]["id"]


async def test_a_text_message_is_answered_by_its_number_on_the_keys(served: StandIn, page: Page) -> None:
    ada = await open_app(page, "sms", "sms_twilio")
    await sms(served, "Which?\n1. Ankara\n2. Palm oil\nReply: 1-2")
    await expect(ada.get_by_test_id("message")).to_contain_text("2. Palm oil")
    await expect(ada.get_by_test_id("message").get_by_test_id("parts")).to_have_text("1 SMS")
    await ada.get_by_test_id("key-7").click()
    await ada.get_by_test_id("key-clear").click()
    await ada.get_by_test_id("key-2").click()
    await ada.get_by_test_id("key-ok").click()
    await expect(ada.locator("[data-from=shopper]")).to_have_attribute("data-status", "delivered")
    [form] = [form for form in forms(served) if "NumMedia" in form]
    assert (form["Body"], form["From"], form["To"]) == ("2", f"+{ADA}", "+2348030000011")


async def test_the_counter_tells_how_much_of_which_part_is_left(page: Page) -> None:
    ada = await open_app(page, "sms", "sms_africastalking")
    counter, text = ada.get_by_test_id("counter"), ada.get_by_test_id("composer-text")
    for words, left in (
        ("", "160/1"),
        ("a€", "157/1"),
        ("a" * 161, "145/2"),
        ("ẹ", "69/1"),
        ("ẹ" * 71, "63/2"),
    ):
        await text.fill(words)
        await expect(counter).to_have_text(left)


async def test_a_link_in_a_text_opens_inside_the_phone(served: StandIn, page: Page) -> None:
    ada = await open_app(page, "sms", "sms_twilio")
    await sms(served, f"See {served.http.base_url}/healthz.")
    await ada.get_by_test_id("message").get_by_role("link").click()
    await expect(ada.get_by_test_id("browser")).to_be_visible()
    await ada.get_by_test_id("browser-close").click()
    await expect(ada.get_by_test_id("browser")).to_have_count(0)


async def test_a_code_is_dialled_answered_by_key_and_ended(served: StandIn, page: Page) -> None:
    ada = await open_app(page, "ussd", "ussd_africastalking")
    served.product.words = ("text/plain", "CON Mama Ngozi\n1. Browse\n2. Cart")
    await ada.get_by_test_id("ussd-send").click()
    await expect(ada.get_by_test_id("ussd-screen")).to_contain_text("1. Browse")
    await expect(ada.get_by_test_id("ussd-note")).to_have_text("28/182")
    served.product.words = ("text/plain", "END Thank you")
    await ada.get_by_test_id("key-1").click()
    await ada.get_by_test_id("key-ok").click()
    await expect(ada.get_by_test_id("ussd-screen")).to_have_text("Thank you")
    await expect(ada.get_by_test_id("ussd-send")).to_have_text("Dial again")
    assert [form["text"] for form in forms(served)] == ["", "1"]
    assert {form["serviceCode"] for form in forms(served)} == {"*384*1001#"}


async def test_unread_messages_are_counted_at_their_app(served: StandIn, page: Page) -> None:
    await sms(served, "Hello")
    ada = page.get_by_test_id("phone-ada")
    await ada.get_by_test_id("back").click()
    await expect(ada.get_by_test_id("app-sms")).to_contain_text("1")
    await ada.get_by_test_id("app-sms").click()
    await expect(ada.get_by_test_id("unread")).to_have_text("1")
    await ada.get_by_test_id(f"chat-row-sms_twilio-{SELLER}").click()
    await ada.get_by_test_id("back").click()
    await expect(ada.get_by_test_id("unread")).to_have_count(0)


async def test_a_fault_ordered_at_the_panel_strikes_and_is_dropped(served: StandIn, page: Page) -> None:
    await page.get_by_test_id("faults-open").click()
    await page.get_by_test_id("fault-channel").select_option("whatsapp")
    await page.get_by_test_id("fault-times").select_option("")
    await page.get_by_test_id("fault-duplicate").click()
    order = page.get_by_test_id("fault-order")
    await expect(order).to_contain_text("WhatsApp · until dropped · struck 0×")
    await page.get_by_test_id("fault-rates").select_option("exact")
    await page.get_by_test_id("faults-close").click()
    await page.get_by_test_id("phone-ada").get_by_test_id("opener").first.click()
    await served.product.until(lambda product: len(product.requests) == 2)
    assert served.product.requests[0].content == served.product.requests[1].content
    await page.get_by_test_id("faults-open").click()
    await expect(order).to_contain_text("struck 1×")
    await expect(page.get_by_test_id("fault-rates")).to_have_value("exact")
    await page.get_by_test_id("faults-clear").click()
    await expect(order).to_have_count(0)
    assert (await served.http.get("/control/faults")).json()["items"] == []
