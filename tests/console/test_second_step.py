"""The second step at the desk: set up by QR code, asked for between password and session."""

import re
from collections.abc import Awaitable, Callable

import pyotp
import pytest
from itsdangerous import URLSafeTimedSerializer

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import derive
from commerce_api.core.settings import Settings
from commerce_api.tenants import sessions
from tests.conftest import MakeMember, Member
from tests.console.conftest import PASSWORD, SMALL_PHONE, AtDesk, Served, Visit, Visiting

pytestmark = pytest.mark.usefixtures("uncounted")

Columns = Callable[[], Awaitable[dict[str, str]]]
HERE = "/console/account/second-step"
SECRET = re.compile(r'readonly value="([A-Z2-7]{32})"')
CODE = re.compile(r"<code>([a-z2-7-]+)</code>")


@pytest.fixture
async def ada(make_member: MakeMember, with_password: Columns) -> Member:
    return await make_member(**await with_password())


async def set_up(desk: Visit) -> tuple[pyotp.TOTP, list[str]]:
    """The app that has scanned the page, and the recovery codes shown."""
    await desk.get(HERE)
    begun = await desk.post(f"{HERE}/begin", {"password": PASSWORD})
    assert begun.headers["location"] == HERE
    found = SECRET.search((await desk.get(HERE)).text)
    assert found
    app = pyotp.TOTP(found[1])
    done = await desk.post(f"{HERE}/confirm", {"code": app.at(now())})
    codes = CODE.findall(done.text)
    assert len(codes) == 10
    return app, codes


async def test_signing_in_takes_the_code_and_lands_on_the_wanted_page(
    ada: Member, at_desk: AtDesk, visit: Visiting
) -> None:
    _, codes = await set_up(await at_desk(ada))
    browser, wanted = visit(), f"/console/shops/{ada.tenant.slug}/orders"
    await browser.get("/console/sign-in")
    form = {"email": ada.user.email, "password": PASSWORD, "next": wanted}
    first = await browser.post("/console/sign-in", form)
    assert first.headers["location"] == "/console/sign-in/code"
    assert "session" not in browser.client.cookies
    assert (await browser.get("/console/account")).status_code == 303
    await browser.get("/console/sign-in/code")
    wrong = await browser.post("/console/sign-in/code", {"code": "nonsense"})
    assert wrong.status_code == 403
    assert "This code is wrong" in wrong.text
    done = await browser.post("/console/sign-in/code", {"code": codes[0]})
    assert done.headers["location"] == wanted
    assert (await browser.get(wanted)).status_code == 200
    again = visit()
    await again.sign_in(ada.user.email)
    await again.get("/console/sign-in/code")
    assert (await again.post("/console/sign-in/code", {"code": codes[0]})).status_code == 403


async def test_the_code_page_is_for_who_gave_the_password_alone(
    ada: Member, at_desk: AtDesk, visit: Visiting, database: Database, settings: Settings
) -> None:
    _, codes = await set_up(await at_desk(ada))
    stranger = visit()
    assert (await stranger.get("/console/sign-in/code")).status_code == 303
    forged = URLSafeTimedSerializer(b"another key", salt="halfway").dumps([str(ada.user.id), ""])
    elsewhere = derive(settings.master_key, "second step v1")
    salted = URLSafeTimedSerializer(elsewhere, salt="other").dumps([str(ada.user.id), ""])
    await stranger.get("/console/sign-in")
    for value in (forged, salted, "x"):
        stranger.client.cookies.set("halfway", value)
        answer = await stranger.post("/console/sign-in/code", {"code": codes[0]})
        assert answer.headers["location"] == "/console/sign-in"
    halfway = visit()
    await halfway.sign_in(ada.user.email)
    async with database.transaction() as session:
        user = await session.merge(ada.user)
        await sessions.end_all(session, user, now())
    await halfway.get("/console/sign-in")
    late = await halfway.post("/console/sign-in/code", {"code": codes[0]})
    assert late.headers["location"] == "/console/sign-in"


async def test_it_is_turned_off_by_password_and_code(ada: Member, at_desk: AtDesk, visit: Visiting) -> None:
    desk = await at_desk(ada)
    _, codes = await set_up(desk)
    assert "10 of 10 are left" in (await desk.get(HERE)).text
    wrong = await desk.post(f"{HERE}/off", {"password": "wrong", "code": codes[0]})
    assert "That password is wrong" in wrong.text
    assert HERE in wrong.text
    await desk.get(HERE)
    done = await desk.post(f"{HERE}/off", {"password": PASSWORD, "code": codes[0]})
    assert done.headers["location"] == "/console/account?notice=second-step-off"
    browser = visit()
    assert (await browser.sign_in(ada.user.email)).headers["location"] == "/console/shops"


async def test_it_is_set_up_and_used_on_a_small_phone(served: Served, ada: Member) -> None:
    page = await served.open(ada, "settings", viewport=SMALL_PHONE)
    await page.goto(served.url + HERE)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Set up the app").click()
    secret = await page.locator("input[readonly]").input_value()
    assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"]
    await page.locator("input[name=code]").fill(pyotp.TOTP(secret).at(now()))
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="I have kept them").wait_for()
    codes = await page.locator(".recovery-codes code").all_text_contents()
    assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"]
    await page.context.clear_cookies()
    await page.goto(f"{served.url}/console/sign-in")
    await page.get_by_label("E-mail address").fill(ada.user.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sign-in/code")
    await page.keyboard.type(codes[3])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/inbox**")
    await page.context.close()
