"""Signing in and out: sessions that rotate and end, tokens on forms, and nothing told to who guesses."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.tenants import sessions
from commerce_api.tenants.models import Role
from commerce_api.tenants.session_models import UserSession
from tests.conftest import Bearer, MakeMember
from tests.console.conftest import PASSWORD, AtDesk, Visiting

Columns = Callable[[], Awaitable[dict[str, str]]]


async def test_who_signs_in_is_taken_to_the_page_they_asked_for(
    visit: Visiting, make_member: MakeMember, with_password: Columns
) -> None:
    member = await make_member(**await with_password())
    browser = visit()
    asked = await browser.get(f"/console/shops/{member.tenant.slug}/settings")
    form = await browser.get(asked.headers["location"])
    assert f'value="/console/shops/{member.tenant.slug}/settings"' in form.text
    data = {"email": member.user.email.upper(), "password": PASSWORD}
    done = await browser.post(
        "/console/sign-in", {**data, "next": f"/console/shops/{member.tenant.slug}/settings"}
    )
    assert done.headers["location"] == f"/console/shops/{member.tenant.slug}/settings"
    assert (await browser.get(done.headers["location"])).status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/console/",
        "/console/../api",
        "/\\evil.example",
        "javascript:1",
    ],
)
async def test_nobody_is_sent_to_another_site(
    elsewhere: str, visit: Visiting, make_member: MakeMember, with_password: Columns
) -> None:
    member = await make_member(**await with_password())
    browser = visit()
    await browser.get("/console/sign-in")
    data = {"email": member.user.email, "password": PASSWORD, "next": elsewhere}
    done = await browser.post("/console/sign-in", data)
    assert done.headers["location"].startswith("/console/")
    assert ".." not in done.headers["location"]


async def test_a_wrong_password_and_an_unknown_person_read_alike(
    visit: Visiting, make_member: MakeMember, with_password: Columns
) -> None:
    member = await make_member(**await with_password())
    wrong = await visit().sign_in(member.user.email, "not the password")
    unknown = await visit().sign_in("nobody@test.example", "not the password")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    said = "The e-mail address or the password is wrong."
    assert said in wrong.text
    assert said in unknown.text


async def test_guessing_is_stopped_for_the_account_and_then_the_right_password_is_too(
    visit: Visiting, make_member: MakeMember, with_password: Columns
) -> None:
    member = await make_member(**await with_password())
    browser = visit()
    for _ in range(10):
        await browser.sign_in(member.user.email, "a guess")
    stopped = await browser.sign_in(member.user.email)
    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) > 0


async def test_signing_in_gives_a_new_cookie_each_time_and_ends_the_one_before(
    visit: Visiting, make_member: MakeMember, with_password: Columns
) -> None:
    member = await make_member(**await with_password())
    browser = visit()
    await browser.sign_in(member.user.email)
    first = browser.client.cookies["session"]
    await browser.sign_in(member.user.email)
    assert browser.client.cookies["session"] != first
    other = visit()
    other.client.cookies.set("session", first)
    assert (await other.get("/console/account")).status_code == 303


async def test_the_session_cookie_is_kept_from_scripts_and_from_other_sites(
    visit: Visiting, make_member: MakeMember, with_password: Columns
) -> None:
    member = await make_member(**await with_password())
    done = await visit().sign_in(member.user.email)
    cookie = next(one for one in done.headers.get_list("set-cookie") if one.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


async def test_signing_out_ends_the_session(
    at_desk: AtDesk, visit: Visiting, make_member: MakeMember
) -> None:
    browser = await at_desk(await make_member())
    cookie = browser.client.cookies["session"]
    await browser.post("/console/sign-out")
    other = visit()
    other.client.cookies.set("session", cookie)
    assert (await other.get("/console/account")).status_code == 303


@pytest.mark.parametrize(
    "columns",
    [
        {"seen_at": now() - sessions.IDLE - timedelta(minutes=1)},
        {"expires_at": now() - timedelta(seconds=1)},
        {"ended_at": now()},
    ],
    ids=["idle", "old", "ended"],
)
async def test_a_session_ends_in_time(
    columns: dict[str, object], at_desk: AtDesk, make_member: MakeMember, database: Database
) -> None:
    member = await make_member()
    browser = await at_desk(member)
    async with database.transaction() as session:
        await session.execute(
            update(UserSession).where(UserSession.user_id == member.user.id).values(**columns)
        )
    assert (await browser.get("/console/account")).status_code == 303


async def test_a_new_password_ends_every_other_session_and_token(
    at_desk: AtDesk,
    make_member: MakeMember,
    with_password: Columns,
    bearer: Bearer,
) -> None:
    member = await make_member(**await with_password())
    here, elsewhere = await at_desk(member), await at_desk(member)
    headers = bearer(member)
    data = {"current": PASSWORD, "new": "quite another password"}
    done = await here.post("/console/account/password", data)
    assert done.headers["location"] == "/console/account?notice=password-changed"
    assert (await here.get("/console/account")).status_code == 200
    assert (await elsewhere.get("/console/account")).status_code == 303
    assert (await here.client.get("/api/v1/me", headers=headers)).status_code == 401


async def test_another_role_signs_its_member_out(
    at_desk: AtDesk, make_member: MakeMember, bearer: Bearer
) -> None:
    owner = await make_member()
    agent = await make_member(owner.tenant, Role.AGENT)
    browser = await at_desk(agent)
    base = f"/api/v1/tenants/{owner.tenant.id}/members"
    listed = (await browser.client.get(base, headers=bearer(owner))).json()["items"]
    place = next(one["id"] for one in listed if one["user_id"] == str(agent.user.id))
    done = await browser.client.patch(f"{base}/{place}", json={"role": "viewer"}, headers=bearer(owner))
    assert done.status_code == 200
    assert (await browser.get("/console/account")).status_code == 303


async def test_a_page_says_what_browsers_may_do_with_it(visit: Visiting) -> None:
    page = await visit().get("/console/sign-in")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "<script>" not in page.text
    assert "style=" not in page.text
    assert " on" + "click" not in page.text
