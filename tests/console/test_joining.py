"""Invitations at the desk: made on the team's page, taken up from the link, by the invited person alone."""

import html
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.tenants import queries, sessions
from commerce_api.tenants.account_models import Invitation
from commerce_api.tenants.models import Role
from tests.commerce_api.letterbox import Letterbox, open_letterbox, send_letters
from tests.conftest import MakeMember, Member
from tests.console.conftest import SMALL_PHONE, AtDesk, Served, Visit, Visiting

HANDED = re.compile(r'id="link"[^>]*value="([^"]+)"')
PASSWORD = "a long enough one"


pytestmark = pytest.mark.usefixtures("uncounted")


@pytest.fixture
async def owner(make_member: MakeMember) -> Member:
    return await make_member()


def an_address() -> str:
    return f"{uuid4().hex}@test.example"


def team(member: Member, rest: str = "") -> str:
    return f"/console/shops/{member.tenant.slug}/settings/team{rest}"


async def invited(desk: Visit, owner: Member, email: str, role: str = "agent") -> str:
    """The path of the link that the page shows."""
    page = await desk.post(team(owner, "/invitations"), {"email": email, "role": role})
    assert page.status_code == 200, page.text
    return handed(page.text)


def handed(page: str) -> str:
    found = HANDED.search(page)
    assert found
    parts = urlsplit(html.unescape(found[1]))
    return f"{parts.path}?{parts.query}"


async def follow(browser: Visit, link: str) -> str:
    """The page behind a link: the token goes into a cookie, and the address has it no more."""
    first = await browser.get(link)
    assert first.status_code == 303
    assert "token" not in first.headers["location"]
    page = await browser.get(first.headers["location"])
    assert page.status_code == 200, page.text
    return page.text


async def test_a_new_person_joins_by_the_link_and_is_signed_in(
    owner: Member, at_desk: AtDesk, visit: Visiting
) -> None:
    email, desk, tunde = an_address(), await at_desk(owner), visit()
    link = await invited(desk, owner, email)
    assert email in (await desk.get(team(owner))).text
    page = await follow(tunde, link)
    assert email in page
    assert owner.tenant.name in page
    joined = await tunde.post("/console/invitation/new", {"name": "Tunde", "password": PASSWORD})
    assert joined.headers["location"].startswith(f"/console/shops/{owner.tenant.slug}/inbox")
    assert (await tunde.get(joined.headers["location"])).status_code == 200
    assert "Joined a shop" in (await tunde.get("/console/account")).text
    listed = (await desk.get(team(owner))).text
    assert "Tunde" in listed
    assert "Invited" not in listed


async def test_who_has_an_account_signs_in_first_and_lands_on_the_invitation(
    owner: Member, at_desk: AtDesk, visit: Visiting, make_member: MakeMember, with_password: object
) -> None:
    known = await make_member(**await with_password())  # type: ignore[operator]
    link = await invited(await at_desk(owner), owner, known.user.email)
    browser = visit()
    page = await follow(browser, link)
    assert "Sign in to join" in page
    assert 'name="password"' not in page
    taken = await browser.post("/console/invitation/new", {"name": "Eve", "password": PASSWORD})
    assert taken.status_code == 409
    await browser.get("/console/sign-in?next=/console/invitation")
    data = {"email": known.user.email, "password": "correct horse battery", "next": "/console/invitation"}
    back = await browser.post("/console/sign-in", data)
    assert back.headers["location"] == "/console/invitation"
    assert "Join as Ada" in (await browser.get("/console/invitation")).text
    joined = await browser.post("/console/invitation/join")
    assert joined.headers["location"].startswith(f"/console/shops/{owner.tenant.slug}/inbox")
    shops = (await browser.get("/console/shops?choose")).text
    assert f"/console/shops/{owner.tenant.slug}/inbox" in shops
    assert f"/console/shops/{known.tenant.slug}/inbox" in shops


async def test_another_person_is_told_whom_the_link_is_for_and_cannot_use_it(
    owner: Member, at_desk: AtDesk, make_member: MakeMember, visit: Visiting
) -> None:
    email = an_address()
    link = await invited(await at_desk(owner), owner, email)
    other = await at_desk(await make_member())
    assert "for another person" in await follow(other, link)
    assert (await other.post("/console/invitation/join")).status_code == 403
    nobody = visit()
    await follow(nobody, link)
    unsigned = await nobody.post("/console/invitation/join")
    assert unsigned.headers["location"].startswith("/console/sign-in")
    await other.get("/console/invitation")
    out = await other.post("/console/invitation/sign-out")
    assert out.headers["location"] == "/console/sign-in?next=/console/invitation"
    assert (await other.get("/console/account")).status_code == 303


@pytest.mark.parametrize("over_by", ["use", "a newer link", "taking it back", "tampering", "nothing"])
async def test_a_link_that_is_over_says_so(
    owner: Member, at_desk: AtDesk, visit: Visiting, database: Database, over_by: str
) -> None:
    desk, browser = await at_desk(owner), visit()
    link = await invited(desk, owner, an_address())
    async with database.transaction() as session:
        await enter(session, owner.tenant.id)
        place = (await session.scalars(select(Invitation.id))).one()
    if over_by == "use":
        await follow(browser, link)
        await browser.post("/console/invitation/new", {"name": "Tunde", "password": PASSWORD})
    elif over_by == "a newer link":
        newer = await desk.post(team(owner, f"/invitations/{place}/renew"))
        assert handed(newer.text) != link
    elif over_by == "taking it back":
        await desk.post(team(owner, f"/invitations/{place}/revoke"))
    elif over_by == "tampering":
        link = link[:-4] + ("AAAA" if not link.endswith("AAAA") else "BBBB")
    else:
        link = "/console/invitation?token=x"
    late = visit()
    first = await late.get(link)
    page = await late.get(first.headers["location"])
    assert page.status_code == 410
    assert "This link is over" in page.text
    await late.get("/console/sign-in")
    posted = await late.post("/console/invitation/new", {"name": "Eve", "password": PASSWORD})
    assert posted.status_code == 410


async def test_no_log_holds_the_token_of_a_link(
    owner: Member, at_desk: AtDesk, visit: Visiting, capfd: pytest.CaptureFixture[str]
) -> None:
    link = await invited(await at_desk(owner), owner, an_address())
    browser = visit()
    await follow(browser, link)
    await browser.post("/console/invitation/new", {"name": "Tunde", "password": PASSWORD})
    said = "".join(capfd.readouterr())
    assert "/console/invitation/new" in said
    assert link.partition("token=")[2] not in said
    assert PASSWORD not in said


async def test_an_admin_sees_no_way_to_owners_invitations(
    owner: Member, at_desk: AtDesk, make_member: MakeMember
) -> None:
    email = an_address()
    await invited(await at_desk(owner), owner, email, "owner")
    admin = await at_desk(await make_member(owner.tenant, Role.ADMIN))
    page = (await admin.get(team(owner))).text
    assert email in page
    assert f"Another link for {email}" not in page
    assert "reset-link" not in page


@pytest.fixture
async def box(
    desk_app: FastAPI, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Letterbox]:
    """Where the desk's letters go."""
    async with open_letterbox(database) as box:
        monkeypatch.setitem(desk_app.state._state, "settings", box.settings(settings))
        yield box


async def test_where_mail_is_configured_the_invitation_is_mailed_as_well(
    owner: Member, at_desk: AtDesk, visit: Visiting, box: Letterbox, database: Database, settings: Settings
) -> None:
    email = an_address()
    shown = await invited(await at_desk(owner), owner, email)
    await send_letters(database, box.settings(settings))
    assert box.link_to(email).endswith(shown)
    assert email in await follow(visit(), box.link_to(email).removeprefix(settings.public_url))


async def test_a_forgotten_password_is_reset_by_letter(
    box: Letterbox, visit: Visiting, make_member: MakeMember, database: Database, settings: Settings
) -> None:
    member, browser = await make_member(), visit()
    assert "Send me a link" in (await browser.get("/console/forgot")).text
    said, emails = [], (member.user.email, an_address())
    for email in emails:
        await browser.get("/console/forgot")
        asked = await browser.post("/console/forgot", {"email": email})
        said.append((asked.status_code, asked.headers["location"]))
    assert set(said) == {(303, "/console/sign-in?notice=reset-asked")}
    assert "a letter with a link" in (await browser.get(said[0][1])).text
    await send_letters(database, box.settings(settings))
    assert [one["To"] for one in box.letters] == [member.user.email]
    link = box.link_to(member.user.email).removeprefix(settings.public_url)
    assert member.user.email in await follow(browser, link)
    short = await browser.post("/console/reset", {"password": "short"})
    assert short.status_code == 422
    done = await browser.post("/console/reset", {"password": PASSWORD})
    assert done.headers["location"] == "/console/sign-in?notice=reset"
    assert (await browser.sign_in(member.user.email, PASSWORD)).status_code == 303
    late = visit()
    await late.get(link)
    assert (await late.get("/console/reset")).status_code == 410


async def test_without_mail_an_owner_hands_a_member_the_way_to_a_new_password(
    owner: Member, at_desk: AtDesk, make_member: MakeMember, visit: Visiting, database: Database
) -> None:
    tunde = await make_member(owner.tenant, Role.AGENT)
    signed_in, desk, browser = await at_desk(tunde), await at_desk(owner), visit()
    assert "Ask an owner" in (await browser.get("/console/forgot")).text
    async with database.transaction() as session:
        await enter(session, owner.tenant.id)
        place = await queries.membership_of_user(session, tunde.user.id)
    assert place is not None
    page = await desk.post(team(owner, f"/{place.id}/reset-link"))
    assert "A new password for Ada" in page.text
    await follow(browser, handed(page.text))
    await browser.post("/console/reset", {"password": PASSWORD})
    assert (await signed_in.get("/console/account")).status_code == 303
    assert (await browser.sign_in(tunde.user.email, PASSWORD)).status_code == 303
    assert "An owner made a link to a new password" in (await browser.get("/console/account")).text


async def test_a_person_joins_on_a_small_phone_by_keyboard_alone(
    served: Served, owner: Member, at_desk: AtDesk
) -> None:
    link = await invited(await at_desk(owner), owner, an_address())
    context = await served.browser.new_context(viewport=SMALL_PHONE)
    page = await context.new_page()
    await page.goto(served.url + link)
    await page.keyboard.type("Tunde")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/console/shops/{owner.tenant.slug}/inbox**")
    assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"]
    await context.close()


async def test_the_pages_fit_a_small_phone(served: Served, owner: Member) -> None:
    page = await served.open(owner, "settings/team", viewport=SMALL_PHONE)
    await page.fill('input[name="email"]', an_address())
    await page.get_by_role("button", name="Invite").click()
    await page.wait_for_selector("#link")
    assert await page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"]
    await page.context.close()


async def test_a_session_ended_meanwhile_does_not_join(
    owner: Member, at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    known = await make_member()
    link = await invited(await at_desk(owner), owner, known.user.email)
    browser = await at_desk(known)
    await follow(browser, link)
    async with database.transaction() as session:
        await sessions.end_at_desk(session, known.user, now())
    answer = await browser.post("/console/invitation/join")
    assert answer.headers["location"].startswith("/console/sign-in")
