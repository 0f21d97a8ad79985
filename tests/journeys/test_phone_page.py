"""A person at the page of phones, in a real browser: from greeting to paid order, on two sizes of screen.

What the person saw is kept in ``.data/screenshots/``.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Locator, Page, ViewportSize, expect

from stack.beside import RunningSystem
from stack.settings import ROOT
from tests.browser import chromium
from tests.journeys.desk import Desk

__all__ = ["chromium"]

PICTURES = ROOT / ".data" / "screenshots"
LAPTOP = ViewportSize(width=1280, height=800)
SMALL_PHONE = ViewportSize(width=360, height=640)
PATIENCE = 30_000
# What slides in has arrived and pictures in sight are loaded; those out of sight are never fetched.
SETTLED = """() => Promise.race([
  Promise.allSettled([
    ...document.getAnimations().map((one) => one.finished),
    ...[...document.images].map((one) => one.decode()),
  ]),
  new Promise((done) => setTimeout(done, 1000)),
])"""
ADA, WANJIRU = "2348031234501", "254701234503"


@dataclass
class Person:
    """Somebody with one of the phones. Every act waits for the shop's answer to it."""

    page: Page
    phone: Locator
    folder: Path
    pictures: int = 0

    @property
    def answers(self) -> Locator:
        """Everything the shop has said."""
        return self.phone.locator("[data-testid=message][data-from=shop]")

    async def says(self, words: str, answer: str) -> None:
        """Types ``words``; the shop's last word then has ``answer`` (a pattern) in it."""
        before = await self.answers.count()
        await self.phone.get_by_test_id("composer-text").fill(words)
        await self.phone.get_by_test_id("composer-text").press("Enter")
        await self.hears(answer, before)

    async def taps(self, title: str, answer: str) -> None:
        """Taps a reply button under the shop's last word."""
        before = await self.answers.count()
        await self.answers.last.get_by_role("button", name=title, exact=True).click()
        await self.hears(answer, before)

    async def picks(self, title: str, answer: str) -> None:
        """Opens the list under the shop's last word and taps a row."""
        before = await self.answers.count()
        await self.answers.last.get_by_test_id("open-list").click()
        await self.takes_picture(f"list {title}")
        await self.phone.get_by_test_id("list-row").filter(has_text=title).first.click()
        await self.hears(answer, before)

    async def sends_location(self, place: str, answer: str) -> None:
        """Shares a place from the attachments."""
        before = await self.answers.count()
        await self.phone.get_by_test_id("attach").click()
        await self.phone.get_by_test_id("attach-location").click()
        await self.phone.get_by_test_id(f"place-{place}").click()
        await self.hears(answer, before)

    async def hears(self, words: str, before: int) -> None:
        """Waits for an answer beyond the first ``before`` ones, the last of which has ``words`` in it."""
        await expect(self.answers.nth(before)).to_be_visible(timeout=PATIENCE)
        await expect(self.answers.last).to_have_text(re.compile(words, re.DOTALL), timeout=PATIENCE)

    async def opens_pay_page(self) -> FrameLocator:
        """Follows the link under the shop's last word; the page inside the phone."""
        await self.answers.last.get_by_test_id("link-button").click()
        inside = self.phone.frame_locator("[data-testid=browser]")
        await expect(inside.get_by_test_id("pay-amount")).to_be_visible()
        return inside

    async def takes_picture(self, name: str) -> None:
        """Keeps what the screen shows, numbered in order."""
        self.pictures += 1
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        await self.page.evaluate(SETTLED)
        await self.page.screenshot(path=self.folder / f"{self.pictures:02}-{slug}.png")


type OpenPage = Callable[[str, ViewportSize], Awaitable[Person]]


@pytest.fixture
async def person(system: RunningSystem, chromium: Browser) -> AsyncIterator[OpenPage]:
    """Opens the page at a size, with one of the phones; the page must log no trouble to its console."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    async def open_page(name: str, size: ViewportSize) -> Person:
        folder = PICTURES / f"{name}-{size['width']}x{size['height']}"
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()
        contexts.append(await chromium.new_context(viewport=size))
        page = await contexts[-1].new_page()
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        await page.goto(system.simulator)
        await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
        return Person(page, page.get_by_test_id(f"phone-{name}"), folder)

    yield open_page
    for context in contexts:
        await context.close()
    assert trouble == []


async def test_a_person_gets_from_greeting_to_a_paid_order(
    person: OpenPage, desk: Callable[[str], Desk]
) -> None:
    ada = await person("ada", LAPTOP)
    await ada.says("hello", "Mama Ngozi")
    await ada.says("do you have ankra fabric?", r"ankara fabric.*Plain Ankara")
    await ada.takes_picture("search with a typo")
    await ada.says("the second one", r"Plain Ankara.*₦1,800 per yard")
    await expect(ada.answers.last.locator("img")).to_be_visible()
    await ada.takes_picture("details with photo")
    await ada.says("add 2 yards of orange", r"2 × Plain Ankara \(Orange\).*₦3,600")
    await ada.taps("No, thanks", r"\?")
    await ada.says("make it 3", r"3 × Plain Ankara \(Orange\).*₦5,400")
    await ada.taps("Checkout", "deliver")
    await ada.taps("Delivery", "Yaba & Surulere")
    await ada.picks("Yaba & Surulere", "address")
    await ada.sends_location("yaba-college-road", "pay")
    await ada.says("how much is palm oil 1 L?", "pay")
    await ada.taps("Pay online", r"Plain Ankara \(Orange\): ₦5,400.*Total: ₦6,900")
    await ada.takes_picture("summary")
    await ada.taps("Confirm order", r"₦6,900")
    await ada.takes_picture("pay link")

    before = await ada.answers.count()
    inside = await ada.opens_pay_page()
    await expect(inside.get_by_test_id("pay-amount")).to_have_text("₦6,900.00")
    await ada.takes_picture("pay page")
    await inside.get_by_test_id("pay-approve").click()
    await expect(inside.get_by_test_id("pay-result")).to_have_text("Payment approved")
    await ada.takes_picture("payment approved")
    await inside.get_by_test_id("pay-back").click()
    await ada.hears("₦6,900.*order|order.*₦6,900", before)
    await ada.says("where is my order?", r"Total: ₦6,900, paid")
    await ada.takes_picture("order paid")

    await expect(ada.phone.locator("[data-from=shopper]").last).to_have_attribute(
        "data-status", re.compile("delivered|read")
    )
    [order] = orders_of(desk("ngozi@demo.example"), ADA)
    assert (order["is_paid"], order["total"]) == (True, {"amount": 690_000, "currency": "NGN"})
    assert [(line["product"]["name"], line["quantity"]) for line in order["lines"]] == [("Plain Ankara", 3)]


async def test_a_person_with_a_small_phone_shops_by_tapping_alone(
    person: OpenPage, desk: Callable[[str], Desk]
) -> None:
    wanjiru = await person("wanjiru", SMALL_PHONE)
    await wanjiru.page.get_by_test_id("tab-wanjiru").click()
    before = await wanjiru.answers.count()
    await wanjiru.phone.get_by_test_id("opener").first.click()
    await wanjiru.hears("Duka la Amina", before)
    # Her greeting is Swahili, and so is all that follows.
    await wanjiru.picks("Ona bidhaa", "Vitambaa")
    await wanjiru.picks("Vitambaa", "Kanga")
    await wanjiru.picks("Kanga", "Doti moja")
    await wanjiru.takes_picture("details with photo")
    await wanjiru.taps("Red", r"1 × Kanga \(Red\).*KSh 850")
    await wanjiru.taps("Lipa", r"\?")
    await wanjiru.taps("Nitachukua", "lipa")
    await wanjiru.taps("Lipa mtandaoni", "Jumla: KSh 850")
    await wanjiru.takes_picture("summary")
    await wanjiru.taps("Thibitisha oda", "KSh 850")

    before = await wanjiru.answers.count()
    inside = await wanjiru.opens_pay_page()
    await wanjiru.takes_picture("pay page")
    await inside.get_by_test_id("pay-decline").click()
    await expect(inside.get_by_test_id("pay-result")).to_have_text("Payment declined")
    await wanjiru.takes_picture("payment declined")
    await inside.get_by_test_id("pay-back").click()
    await wanjiru.hears("tena", before)

    before = await wanjiru.answers.count()
    inside = await wanjiru.opens_pay_page()
    if await inside.get_by_test_id("pay-again").count():
        await inside.get_by_test_id("pay-again").click()
    await inside.get_by_test_id("pay-approve").click()
    await inside.get_by_test_id("pay-back").click()
    await wanjiru.hears("KSh 850", before)
    await wanjiru.takes_picture("paid")

    [order] = orders_of(desk("amina@demo.example"), WANJIRU)
    assert (order["is_paid"], order["total"]) == (True, {"amount": 85_000, "currency": "KES"})


def orders_of(seller: Desk, number: str) -> list[dict[str, Any]]:
    """The orders placed in the conversation with a shopper's number."""
    conversation = seller.conversation_of(number)
    return [
        order
        for order in seller.get("/orders", limit=200)["items"]
        if order["conversation_id"] == conversation["id"]
    ]
