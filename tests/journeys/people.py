"""People at the page of phones, in a real browser. What they saw is kept in ``.data/screenshots/``."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Locator, Page, ViewportSize, expect

from stack.beside import RunningSystem
from stack.settings import ROOT
from tests.browser import chromium

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
        await self.types(words)
        await self.hears(answer, before)

    async def types(self, words: str) -> None:
        """Types ``words`` and sends them; nobody need answer."""
        await self.phone.get_by_test_id("composer-text").fill(words)
        await self.phone.get_by_test_id("composer-text").press("Enter")

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
