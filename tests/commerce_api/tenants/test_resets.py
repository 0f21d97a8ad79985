"""A forgotten password: links that work once, for an hour, and tell nobody who has an account."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.settings import Settings
from commerce_api.tenants import passwords, resets, sessions
from commerce_api.tenants.account_models import AccountEvent, PasswordLink
from commerce_api.tenants.errors import LinkUnusable
from commerce_api.tenants.models import Role, User
from tests.commerce_api.letterbox import Letterbox, open_letterbox, send_letters
from tests.commerce_api.tenants.test_invitations import token_of
from tests.conftest import Bearer, MakeMember, Member

ASK = "/api/v1/auth/password-reset"
FINISH = f"{ASK}/finish"
OLD, NEW = "correct horse battery", "another long password"


pytestmark = pytest.mark.usefixtures("uncounted")


@pytest.fixture
async def ada(make_member: MakeMember) -> Member:
    """An owner who can sign in."""
    return await make_member(password_hash=await passwords.make_hash(OLD))


@pytest.fixture
async def box(
    app: FastAPI, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Letterbox]:
    """Where the API's letters go."""
    async with open_letterbox(database) as box:
        monkeypatch.setitem(app.state._state, "settings", box.settings(settings))
        yield box


@pytest.fixture
async def anew(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client from a network address of its own: how often letters are asked for is counted by it."""
    transport = httpx.ASGITransport(app=app, client=(f"2001:db8::{uuid4().hex}", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        yield client


async def sign_in(api: httpx.AsyncClient, member: Member, password: str) -> int:
    form = {"username": member.user.email, "password": password}
    return (await api.post("/api/v1/auth/token", data=form)).status_code


async def made(api: httpx.AsyncClient, bearer: Bearer, owner: Member, member: Member) -> httpx.Response:
    """An owner's link for a member."""
    members = f"/api/v1/tenants/{owner.tenant.id}/members"
    listed = (await api.get(members, headers=bearer(owner))).json()["items"]
    place = next(one["id"] for one in listed if one["user_id"] == str(member.user.id))
    return await api.post(f"{members}/{place}/reset-link", headers=bearer(owner))


async def test_a_mailed_link_gives_a_new_password_and_ends_everything_before_it(
    anew: httpx.AsyncClient, box: Letterbox, ada: Member, bearer: Bearer, database: Database, app: FastAPI
) -> None:
    headers = bearer(ada)
    async with database.transaction() as session:
        desk = await sessions.start(session, ada.user, source=None, agent=None, now=now())
    asked = await anew.post(ASK, json={"email": f" {ada.user.email.upper()} "})
    assert asked.status_code == 202
    await send_letters(database, app.state.settings)
    token = token_of(box.link_to(ada.user.email))
    done = await anew.post(FINISH, json={"token": token, "password": NEW})
    assert done.status_code == 204
    assert (await sign_in(anew, ada, OLD), await sign_in(anew, ada, NEW)) == (401, 200)
    assert (await anew.get("/api/v1/me", headers=headers)).status_code == 401
    async with database.transaction() as session:
        assert await sessions.find(session, desk, now()) is None
        assert (await session.get_one(User, ada.user.id)).email_proven_at is not None
        befell = select(AccountEvent.action).where(AccountEvent.user_id == ada.user.id)
        assert set(await session.scalars(befell)) >= {"reset_link_mailed", "reset"}
    again = await anew.post(FINISH, json={"token": token, "password": NEW})
    assert (again.status_code, again.json()["code"]) == (410, "link_unusable")


async def test_an_unknown_address_is_answered_alike_and_gets_no_letter(
    anew: httpx.AsyncClient,
    box: Letterbox,
    ada: Member,
    make_member: MakeMember,
    database: Database,
    app: FastAPI,
) -> None:
    gone = await make_member(is_active=False)
    emails = (ada.user.email, f"{uuid4().hex}@test.example", gone.user.email, "no address at all")
    answers = [await anew.post(ASK, json={"email": email}) for email in emails]
    assert {(one.status_code, one.content) for one in answers} == {(202, b"null")}
    queued = text("select count(*) from procrastinate_jobs where task_name = 'mail_reset'")
    async with database.transaction() as session:
        assert await session.scalar(queued) == len(emails)
    await send_letters(database, app.state.settings)
    assert [one["To"] for one in box.letters] == [ada.user.email]


async def test_what_is_queued_holds_neither_address_nor_token(
    anew: httpx.AsyncClient, box: Letterbox, ada: Member, database: Database, app: FastAPI
) -> None:
    await anew.post(ASK, json={"email": ada.user.email})
    async with database.transaction() as session:
        queued = await session.scalars(text("select args::text from procrastinate_jobs"))
        assert not any(ada.user.email in one for one in queued)
    await send_letters(database, app.state.settings)
    async with database.transaction() as session:
        link = (await session.scalars(select(PasswordLink).where(PasswordLink.user_id == ada.user.id))).one()
        assert token_of(box.link_to(ada.user.email)).encode() not in link.token_hash


async def test_letters_are_not_sent_without_end(
    app: FastAPI, anew: httpx.AsyncClient, box: Letterbox, ada: Member
) -> None:
    answers = [(await anew.post(ASK, json={"email": ada.user.email})).status_code for _ in range(4)]
    assert answers == [202, 202, 202, 429]
    others = [
        (await anew.post(ASK, json={"email": f"{uuid4().hex}@x.example"})).status_code for _ in range(18)
    ]
    assert others == [202] * 17 + [429]


async def test_where_no_mail_is_sent_nobody_is_promised_any(anew: httpx.AsyncClient, ada: Member) -> None:
    answer = await anew.post(ASK, json={"email": ada.user.email})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_mail")


async def test_an_owner_makes_a_link_for_a_member(
    api: httpx.AsyncClient, ada: Member, make_member: MakeMember, bearer: Bearer
) -> None:
    tunde = await make_member(ada.tenant, Role.AGENT, password_hash=await passwords.make_hash(OLD))
    told = await made(api, bearer, ada, tunde)
    assert told.status_code == 201
    token = token_of(told.json()["link"])
    asked = [api.post(FINISH, json={"token": token, "password": NEW}) for _ in range(3)]
    assert sorted(one.status_code for one in await asyncio.gather(*asked)) == [204, 410, 410]
    assert await sign_in(api, tunde, NEW) == 200


async def test_nobody_resets_a_person_who_is_not_their_shops_alone(
    api: httpx.AsyncClient, ada: Member, make_member: MakeMember, bearer: Bearer, database: Database
) -> None:
    shared = await make_member(ada.tenant, Role.AGENT)
    token = token_of((await made(api, bearer, ada, shared)).json()["link"])
    await make_member(user=shared.user, role=Role.OWNER)
    since = await api.post(FINISH, json={"token": token, "password": NEW})
    assert since.status_code == 410
    refused = await made(api, bearer, ada, shared)
    assert (refused.status_code, refused.json()["code"]) == (403, "reset_not_yours")
    platform = await make_member(ada.tenant, Role.AGENT, is_platform_admin=True)
    assert (await made(api, bearer, ada, platform)).status_code == 403
    own = await made(api, bearer, ada, ada)
    assert (own.status_code, own.json()["code"]) == (409, "reset_own")


async def test_an_admin_makes_no_links_to_passwords(
    api: httpx.AsyncClient, ada: Member, make_member: MakeMember, bearer: Bearer
) -> None:
    admin = await make_member(ada.tenant, Role.ADMIN)
    members = f"/api/v1/tenants/{ada.tenant.id}/members"
    listed = (await api.get(members, headers=bearer(admin))).json()["items"]
    answer = await api.post(f"{members}/{listed[0]['id']}/reset-link", headers=bearer(admin))
    assert answer.status_code == 403


@pytest.mark.parametrize("over_by", ["time", "a newer link", "a changed password", "leaving"])
async def test_a_link_is_over(
    api: httpx.AsyncClient,
    ada: Member,
    make_member: MakeMember,
    bearer: Bearer,
    database: Database,
    over_by: str,
) -> None:
    tunde = await make_member(ada.tenant, Role.AGENT, password_hash=await passwords.make_hash(OLD))
    token = token_of((await made(api, bearer, ada, tunde)).json()["link"])
    if over_by == "time":
        async with database.transaction() as session:
            with pytest.raises(LinkUnusable):
                await resets.find(session, token, now() + resets.LIFETIME)
        return
    if over_by == "a newer link":
        await made(api, bearer, ada, tunde)
    elif over_by == "a changed password":
        body = {"current": OLD, "new": NEW}
        assert (await api.post("/api/v1/me/password", json=body, headers=bearer(tunde))).status_code == 204
    else:
        members = f"/api/v1/tenants/{ada.tenant.id}/members"
        listed = (await api.get(members, headers=bearer(ada))).json()["items"]
        place = next(one["id"] for one in listed if one["user_id"] == str(tunde.user.id))
        await api.delete(f"{members}/{place}", headers=bearer(ada))
    answer: Any = await api.post(FINISH, json={"token": token, "password": "x" * 12})
    assert answer.status_code == 410


async def test_a_token_given_in_the_very_second_of_a_change_ends_with_it(
    api: httpx.AsyncClient, ada: Member, bearer: Bearer
) -> None:
    headers = bearer(ada)
    body = {"current": OLD, "new": NEW}
    assert (await api.post("/api/v1/me/password", json=body, headers=headers)).status_code == 204
    assert (await api.get("/api/v1/me", headers=headers)).status_code == 401
    form = {"username": ada.user.email, "password": NEW}
    token = (await api.post("/api/v1/auth/token", data=form)).json()["access_token"]
    assert (await api.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200
