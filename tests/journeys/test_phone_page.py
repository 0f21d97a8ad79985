"""A person at the page of phones, in a real browser: from greeting to paid order, on two sizes of screen.

What the person saw is kept in ``.data/screenshots/``.
"""

import re
from collections.abc import Callable
from typing import Any

from playwright.async_api import expect

from tests.journeys.desk import Desk
from tests.journeys.people import LAPTOP, SMALL_PHONE, OpenPage, chromium, person

__all__ = ["chromium", "person"]

ADA, WANJIRU = "2348031234501", "254701234503"


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
