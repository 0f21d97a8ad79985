"""A shopper, a seller and a payment: both in real browsers, on a whole system."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from stack.beside import RunningSystem
from tests.journeys.conftest import PASSWORD
from tests.journeys.desk import Desk
from tests.journeys.people import LAPTOP, PATIENCE, PICTURES, SETTLED, OpenPage, chromium, person

__all__ = ["chromium", "person"]

SHOP = "mama-ngozi"
SHOPPER = "233201234502"


class Seller:
    """A seller at the desk, in a browser: signed in by the form, the inbox open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.state = page.locator("#state")
        self.side = page.locator("#side")
        self.pictures = 0

    async def sees_said(self, words: str, *, side: str = "in") -> None:
        """A bubble with these words comes up, without anything being loaded again."""
        bubble = self.page.locator(f".bubble.{side}", has_text=words)
        await expect(bubble.last).to_be_visible(timeout=PATIENCE)

    async def replies(self, words: str) -> None:
        """Types and sends."""
        await self.page.locator("#text").fill(words)
        await self.page.get_by_role("button", name="Send", exact=True).click()
        await self.sees_said(words, side="out")

    async def presses(self, name: str, place: Locator | None = None) -> None:
        """Presses a button."""
        await (place or self.page).get_by_role("button", name=name, exact=True).click()

    async def takes_picture(self, name: str) -> None:
        """Keeps what the screen shows, numbered in order."""
        self.pictures += 1
        await self.page.evaluate(SETTLED)
        await self.page.screenshot(path=PICTURES / f"desk-{self.pictures:02}-{name}.png")


@pytest.fixture
async def seller(system: RunningSystem, chromium: Browser) -> AsyncIterator[Callable[..., Awaitable[Seller]]]:
    """Signs a demo seller in at the desk, by its form; pages must have no script trouble."""
    expect.set_options(timeout=PATIENCE)
    contexts = []
    trouble: list[str] = []

    async def sign_in(email: str, size: ViewportSize) -> Seller:
        contexts.append(await chromium.new_context(viewport=size))
        page = await contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        await page.goto(f"{system.api}/console/sign-in")
        await page.locator("[name=email]").fill(email)
        await page.locator("[name=password]").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.goto(f"{system.api}/console/shops/{SHOP}/inbox?view=waiting")
        await expect(page.locator("#live")).to_have_attribute("data-state", "on")
        return Seller(page)

    yield sign_in
    for context in contexts:
        await context.close()
    assert trouble == []


async def test_a_seller_takes_over_sells_and_hands_back_while_the_shopper_sees_it_all(
    person: OpenPage, seller: Callable[..., Awaitable[Seller]], desk: Callable[[str], Desk]
) -> None:
    kofi = await person("kofi", LAPTOP)
    await kofi.phone.get_by_text("Mama Ngozi Fabrics & Foods").first.click()
    await kofi.says("hello", "Mama Ngozi")
    await kofi.says("do you have ankara fabric?", r"[Aa]nkara.*Plain Ankara")
    await kofi.says("the second one", r"Plain Ankara.*₦1,800 per yard")
    await kofi.says("add 2 yards of orange", r"2 × Plain Ankara \(Orange\).*₦3,600")
    await kofi.taps("No, thanks", r"\?")

    ngozi = await seller("ngozi@demo.example", LAPTOP)
    await kofi.says("I want to talk to a person", r".")
    row = ngozi.page.locator(".row-item", has_text="Kofi")
    await expect(row).to_be_visible(timeout=PATIENCE)
    await expect(row).to_contain_text("waiting")
    await expect(row).to_contain_text("Asked for a person")
    await ngozi.takes_picture("waiting")
    await row.locator("a").click()
    await expect(ngozi.state).to_contain_text("Asked for a person")
    await expect(ngozi.side).to_contain_text("2 × Plain Ankara (Orange)")
    await ngozi.sees_said("I want to talk to a person")
    await ngozi.takes_picture("thread")

    await ngozi.presses("Take over")
    await expect(ngozi.state).to_contain_text("You have this conversation")
    before = await kofi.answers.count()
    await ngozi.replies("Good day, I am Ngozi. Shall we make it three yards?")
    await kofi.hears("Shall we make it three yards", before)
    await kofi.types("yes please, and is there something off?")
    await ngozi.sees_said("is there something off?")
    await ngozi.side.get_by_label("How many Plain Ankara").fill("3")
    await ngozi.side.get_by_label("How many Plain Ankara").press("Enter")
    await expect(ngozi.side.locator("#cart")).to_contain_text("₦5,400")
    await ngozi.side.get_by_label("Take off, %").fill("10")
    await ngozi.presses("Give", ngozi.side)
    await expect(ngozi.side.locator("#cart")).to_contain_text("₦4,860")
    await ngozi.presses("Hand back")
    await expect(ngozi.state).to_contain_text("The assistant answers")
    await kofi.says("cart", r"3 × Plain Ankara \(Orange\).*₦4,860")
    await ngozi.sees_said("3 × Plain Ankara (Orange)", side="out")
    await ngozi.takes_picture("handed-back")

    await ngozi.presses("Take over")
    await expect(ngozi.state).to_contain_text("You have this conversation")
    await ngozi.side.get_by_text("Make an order of it").click()
    zone = ngozi.side.get_by_role("option").filter(has_text="Yaba & Surulere")
    await ngozi.side.locator("[name=delivery]").select_option(await zone.get_attribute("value"))
    await ngozi.side.get_by_label("Address").fill("3 College Road, Yaba")
    await ngozi.side.locator("[name=payment_method]").select_option("pay_link")
    await ngozi.takes_picture("order-form")
    before = await kofi.answers.count()
    await ngozi.presses("Create it and send its pay link")
    order = ngozi.side.locator(".order").first
    await expect(order).to_contain_text("not paid")
    await kofi.hears("page to pay", before)

    before = await kofi.answers.count()
    inside = await kofi.opens_pay_page()
    await expect(inside.get_by_test_id("pay-amount")).to_have_text("₦6,360.00")
    await inside.get_by_test_id("pay-approve").click()
    await expect(inside.get_by_test_id("pay-result")).to_have_text("Payment approved")
    await inside.get_by_test_id("pay-back").click()
    await expect(order.locator(".badge.good")).to_have_text("paid")
    await ngozi.takes_picture("paid")
    await kofi.hears("₦6,360", before)

    await ngozi.presses("Hand back")
    await expect(ngozi.state).to_contain_text("The assistant answers")
    await kofi.says("where is my order?", r"Total: ₦6,360, paid")
    # What was looked at last is still what "it" is.
    await kofi.says("add 1 yard of orange", r"1 × Plain Ankara \(Orange\).*₦1,800")

    ngozi_api = desk("ngozi@demo.example")
    talk = ngozi_api.conversation_of(SHOPPER)
    [placed] = [
        one for one in ngozi_api.get("/orders", limit=200)["items"] if one["conversation_id"] == talk["id"]
    ]
    assert (placed["is_paid"], placed["total"]["amount"]) == (True, 636_000)
    assert (placed["discount"]["amount"], placed["discount_percent"]) == (54_000, 10)
    assert (placed["zone"], placed["address"]) == ("Yaba & Surulere", "3 College Road, Yaba")
