"""The inbox in a real browser: what happens is seen at once, and it can be worked without a mouse."""

import time
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from commerce_api.conversations.models import HandledBy
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from tests.commerce_api.shelves import stock_product
from tests.conftest import MakeMember
from tests.console import talks
from tests.console.conftest import LAPTOP, SMALL_PHONE, Served
from tests.console.test_inbox import held, said

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SOON = 1.0


async def live(page: Page) -> Page:
    await page.wait_for_selector("#live[data-state=on]", state="attached")
    return page


@pytest.mark.parametrize("viewport", [LAPTOP, SMALL_PHONE], ids=["laptop", "phone"])
async def test_a_shopper_who_asks_for_a_person_is_seen_within_a_second(
    viewport: ViewportSize, served: Served, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant, "Ada Eze")
    page = await live(await served.open(member, "inbox?view=waiting", viewport=viewport))
    await expect(page.locator(".row-item")).to_have_count(0)
    await talks.say(database, talk, "I want to talk to a person")
    began = time.monotonic()
    await talks.wait(database, talk)
    await page.wait_for_selector(f"#c-{talk.id}", timeout=SOON * 1000)
    assert time.monotonic() - began < SOON
    await expect(page).to_have_title("(1) Inbox · Corner Shop")
    await page.context.close()


async def test_an_open_thread_shows_new_words_and_ticks_and_typing_quiets_the_assistant(
    served: Served, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant, "Ada Eze")
    await talks.say(database, talk, "hello")
    page = await live(await served.open(member, f"inbox/{talk.id}"))
    await talks.say(database, talk, "are you there?")
    await expect(page.locator(".bubble", has_text="are you there?")).to_be_visible(timeout=1000)
    await page.keyboard.press("r")
    await page.keyboard.type("Yes, I am")
    await expect(page.locator("#state")).to_contain_text("You have this conversation")
    assert (await held(database, talk)).handled_by is HandledBy.SELLER
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".bubble.out", has_text="Yes, I am")).to_be_visible()
    await expect(page.locator("#text")).to_have_value("")
    assert [one.text for one in await said(database, talk)] == ["Yes, I am"]
    await page.keyboard.press("Escape")
    await page.keyboard.press("h")
    await expect(page.locator("#state")).to_contain_text("The assistant answers")
    await page.context.close()


async def test_two_who_have_the_same_thread_open_see_each_other(
    served: Served, make_member: MakeMember, database: Database
) -> None:
    first = await make_member(name="Ngozi")
    second = await make_member(first.tenant, name="Tunde")
    talk = await talks.start(database, first.tenant)
    one = await live(await served.open(first, f"inbox/{talk.id}"))
    two = await live(await served.open(second, f"inbox/{talk.id}"))
    await expect(one.locator("#presence")).to_contain_text("Tunde is here too")
    await two.locator("#text").fill("I'll")
    await expect(one.locator("#presence")).to_contain_text("Tunde is writing")
    await one.context.close()
    await two.context.close()


async def test_the_cart_is_filled_beside_the_thread(
    served: Served, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant)
    async with database.transaction() as session:
        await enter(session, member.tenant.id)
        await stock_product(session, "Ankara fabric", price=250000)
    page = await live(await served.open(member, f"inbox/{talk.id}"))
    await page.locator("#q").fill("ankara")
    await page.get_by_role("button", name="Add Ankara fabric").click()
    await expect(page.locator("#cart")).to_contain_text("₦2,500 each")
    await page.get_by_text("Make an order of it").click()
    await page.locator("[name=name]").fill("Ada")
    await page.get_by_role("button", name="Create the order").click()
    await expect(page.locator("#orders")).to_contain_text("not paid")
    await page.context.close()


async def test_without_scripts_a_thread_reads_and_replies(
    served: Served, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant)
    await talks.say(database, talk, "hello there")
    page = await served.open(member, f"inbox/{talk.id}", java_script_enabled=False)
    await expect(page.locator(".bubble")).to_contain_text("hello there")
    await page.locator("#text").fill("Good day")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".bubble.out")).to_contain_text("Good day")
    assert [one.text for one in await said(database, talk)] == ["Good day"]
    await page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [LAPTOP, SMALL_PHONE], ids=["laptop", "phone"])
async def test_nothing_seriously_keeps_anybody_out(
    scheme: str, viewport: ViewportSize, served: Served, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    talk = await talks.start(database, member.tenant, "Ada Eze", labels=["wholesale"])
    await talks.say(database, talk, "hello")
    await talks.say(database, talk, "Hi!", author=talks.BOT, choices=[{"title": "Browse", "intent": "x"}])
    await talks.wait(database, talk)
    pages = ("inbox", f"inbox/{talk.id}", "settings", "settings/audit")
    for path in pages:
        # axe is put in from outside the page, past the policy that the page itself is held to.
        page = await served.open(member, path, viewport=viewport, color_scheme=scheme, bypass_csp=True)
        await page.add_script_tag(path=AXE)
        found = await page.evaluate("axe.run({resultTypes: ['violations']})")
        serious = [
            (one["id"], [node["target"] for node in one["nodes"]][:3])
            for one in found["violations"]
            if one["impact"] in {"serious", "critical"}
        ]
        assert serious == [], path
        wide = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert wide, f"{path} scrolls sideways"
        await page.context.close()
