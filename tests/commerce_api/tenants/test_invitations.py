"""Invitations: a link works once, for one address, for a week, and gives nobody another's account."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, text, update

from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants import queries
from commerce_api.tenants.account_models import Invitation
from commerce_api.tenants.models import Role, Tenant, TenantStatus
from tests.conftest import NOON, Bearer, MakeMember, Member

SEE = "/api/v1/auth/invitation"
ACCEPT = f"{SEE}/accept"
NEW = {"name": "Tunde", "password": "a long enough one"}


pytestmark = pytest.mark.usefixtures("uncounted")


@pytest.fixture
async def owner(make_member: MakeMember) -> Member:
    return await make_member()


def an_address() -> str:
    return f"{uuid4().hex}@test.example"


def path(member: Member, rest: str = "") -> str:
    return f"/api/v1/tenants/{member.tenant.id}/invitations{rest}"


async def invited(
    api: httpx.AsyncClient, headers: dict[str, str], owner: Member, email: str, role: str = "agent"
) -> dict[str, Any]:
    """The invitation as told to who made it, with the link's token."""
    answer = await api.post(path(owner), json={"email": email, "role": role}, headers=headers)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return {**told, "token": token_of(told["link"])}


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


async def test_an_invited_person_without_an_account_gets_one_and_is_a_member(
    api: httpx.AsyncClient, owner: Member, bearer: Bearer
) -> None:
    email = an_address()
    told = await invited(api, bearer(owner), owner, email.upper(), "trainer")
    seen = (await api.post(SEE, json={"token": told["token"]})).json()
    assert (seen["shop"], seen["email"], seen["role"], seen["is_known"]) == (
        owner.tenant.name,
        email,
        "trainer",
        False,
    )
    joined = await api.post(ACCEPT, json={"token": told["token"], **NEW})
    assert (joined.status_code, joined.json()["role"]) == (201, "trainer")
    form = {"username": email, "password": NEW["password"]}
    token = (await api.post("/api/v1/auth/token", data=form)).json()["access_token"]
    me = (await api.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert [one["slug"] for one in me["memberships"]] == [owner.tenant.slug]


async def test_who_has_an_account_joins_signed_in_and_keeps_the_password(
    api: httpx.AsyncClient, owner: Member, make_member: MakeMember, bearer: Bearer, database: Database
) -> None:
    known = await make_member(password_hash="untouched")
    told = await invited(api, bearer(owner), owner, known.user.email)
    assert (await api.post(SEE, json={"token": told["token"]})).json()["is_known"] is True
    taken = await api.post(ACCEPT, json={"token": told["token"], **NEW})
    assert (taken.status_code, taken.json()["code"]) == (409, "account_exists")
    joined = await api.post(ACCEPT, json={"token": told["token"]}, headers=bearer(known))
    assert joined.status_code == 201
    me = (await api.get("/api/v1/me", headers=bearer(known))).json()
    assert [one["role"] for one in me["memberships"]] == ["owner", "agent"]
    async with database.transaction() as session:
        user = await queries.user_by_email(session, known.user.email)
    assert user is not None
    assert user.password_hash == "untouched"


async def test_a_link_is_of_no_use_to_another_person(
    api: httpx.AsyncClient, owner: Member, make_member: MakeMember, bearer: Bearer
) -> None:
    told = await invited(api, bearer(owner), owner, an_address())
    other = await make_member()
    refused = await api.post(ACCEPT, json={"token": told["token"]}, headers=bearer(other))
    assert (refused.status_code, refused.json()["code"]) == (403, "invitation_for_another")
    nobody = await api.post(ACCEPT, json={"token": told["token"]})
    assert nobody.status_code == 401


async def test_a_link_works_once_however_many_use_it_at_once(
    api: httpx.AsyncClient, owner: Member, bearer: Bearer, make_member: MakeMember
) -> None:
    known = await make_member()
    told = await invited(api, bearer(owner), owner, known.user.email)
    asked = [api.post(ACCEPT, json={"token": told["token"]}, headers=bearer(known)) for _ in range(4)]
    answers = sorted(answer.status_code for answer in await asyncio.gather(*asked))
    assert answers == [201, 410, 410, 410]


async def test_a_link_is_over_when_used_renewed_revoked_too_old_or_tampered_with(
    api: httpx.AsyncClient, owner: Member, bearer: Bearer, database: Database
) -> None:
    headers = bearer(owner)
    used, renewed, revoked, old, again = [await invited(api, headers, owner, an_address()) for _ in range(5)]
    await api.post(ACCEPT, json={"token": used["token"], **NEW})
    newer = await api.post(path(owner, f"/{renewed['id']}/renew"), headers=headers)
    assert newer.status_code == 200
    assert (await api.delete(path(owner, f"/{revoked['id']}"), headers=headers)).status_code == 204
    async with database.transaction() as session:
        await enter(session, owner.tenant.id)
        past = update(Invitation).where(Invitation.email == old["email"])
        await session.execute(past.values(expires_at=NOON - timedelta(days=900)))
    once_more = await invited(api, headers, owner, again["email"], "viewer")
    assert once_more["id"] == again["id"]
    tampered = {"token": again["token"][:-1] + ("A" if again["token"][-1] != "A" else "B")}
    for over in (used, renewed, revoked, old, again, tampered, {"token": "x" * 64}):
        for address in (SEE, ACCEPT):
            answer = await api.post(address, json={"token": over["token"], **NEW})
            assert (answer.status_code, answer.json()["code"]) == (410, "link_unusable")
    for good in (token_of(newer.json()["link"]), once_more["token"]):
        assert (await api.post(SEE, json={"token": good})).status_code == 200


async def test_a_suspended_shops_link_is_over(
    api: httpx.AsyncClient, owner: Member, bearer: Bearer, database: Database
) -> None:
    told = await invited(api, bearer(owner), owner, an_address())
    async with database.transaction() as session:
        (await session.get_one(Tenant, owner.tenant.id)).status = TenantStatus.SUSPENDED
    assert (await api.post(SEE, json={"token": told["token"]})).status_code == 410


async def test_the_links_token_is_kept_nowhere(
    api: httpx.AsyncClient, owner: Member, bearer: Bearer, database: Database
) -> None:
    headers = {**bearer(owner), "Idempotency-Key": uuid4().hex}
    told = await invited(api, headers, owner, an_address())
    async with database.transaction() as session:
        await enter(session, owner.tenant.id)
        kept = (await session.scalars(select(Invitation))).one()
        assert told["token"].encode() not in kept.token_hash
        stored = await session.scalar(
            text("select count(*) from idempotency_keys where position(:token in body) > 0"),
            {"token": told["token"].encode()},
        )
    assert stored == 0


async def test_only_owners_invite_owners_and_agents_nobody(
    api: httpx.AsyncClient, owner: Member, bearer: Bearer, make_member: MakeMember
) -> None:
    admin, agent = await make_member(owner.tenant, Role.ADMIN), await make_member(owner.tenant, Role.AGENT)
    to_own = await invited(api, bearer(owner), owner, an_address(), "owner")
    for body in ({"email": an_address(), "role": "owner"}, {"email": to_own["email"], "role": "viewer"}):
        refused = await api.post(path(owner), json=body, headers=bearer(admin))
        assert refused.status_code == 403
    assert (await api.delete(path(owner, f"/{to_own['id']}"), headers=bearer(admin))).status_code == 403
    assert (await api.post(path(owner, f"/{to_own['id']}/renew"), headers=bearer(admin))).status_code == 403
    body = {"email": an_address(), "role": "viewer"}
    assert (await api.post(path(owner), json=body, headers=bearer(agent))).status_code == 403
    assert (await api.post(path(owner), json=body, headers=bearer(admin))).status_code == 201


@pytest.mark.parametrize("loses_by", ["removal", "another role"])
async def test_who_loses_their_right_does_not_come_back_by_a_link_they_made(
    api: httpx.AsyncClient, owner: Member, bearer: Bearer, make_member: MakeMember, loses_by: str
) -> None:
    admin = await make_member(owner.tenant, Role.ADMIN)
    told = await invited(api, bearer(admin), owner, an_address(), "admin")
    members = f"/api/v1/tenants/{owner.tenant.id}/members"
    listed = (await api.get(members, headers=bearer(owner))).json()["items"]
    place = next(one["id"] for one in listed if one["user_id"] == str(admin.user.id))
    if loses_by == "removal":
        await api.delete(f"{members}/{place}", headers=bearer(owner))
    else:
        await api.patch(f"{members}/{place}", json={"role": "viewer"}, headers=bearer(owner))
    assert (await api.post(ACCEPT, json={"token": told["token"], **NEW})).status_code == 410


async def test_a_member_is_not_invited_again(api: httpx.AsyncClient, owner: Member, bearer: Bearer) -> None:
    body = {"email": owner.user.email, "role": "agent"}
    refused = await api.post(path(owner), json=body, headers=bearer(owner))
    assert (refused.status_code, refused.json()["code"]) == (409, "already_member")


async def test_joining_is_in_the_shops_trail(api: httpx.AsyncClient, owner: Member, bearer: Bearer) -> None:
    told = await invited(api, bearer(owner), owner, an_address())
    await api.post(ACCEPT, json={"token": told["token"], **NEW})
    entries = (
        await api.get(f"/api/v1/tenants/{owner.tenant.id}/audit-entries", headers=bearer(owner))
    ).json()["items"]
    assert [(one["action"], one["user_name"]) for one in entries] == [("join", "Tunde"), ("invite", "Ada")]


async def test_links_are_not_tried_out_without_end(api: httpx.AsyncClient, app: Any) -> None:
    transport = httpx.ASGITransport(app=app, client=(f"2001:db8::{uuid4().hex[:4]}", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as guesser:
        answers = [(await guesser.post(SEE, json={"token": uuid4().hex})).status_code for _ in range(31)]
    assert answers == [410] * 30 + [429]
