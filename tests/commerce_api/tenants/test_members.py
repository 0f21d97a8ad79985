"""Members: who may add, change and remove whom."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from commerce_api.core.database import Database
from commerce_api.tenants import queries
from commerce_api.tenants.models import Role
from tests.conftest import Bearer, MakeMember, Member


def _new(role: Role = Role.AGENT, **fields: str) -> dict[str, str]:
    email = f"{uuid4().hex}@test.example"
    return {"email": email, "name": "Tunde", "password": "a long enough one", "role": role, **fields}


@pytest.fixture
async def owner(make_member: MakeMember) -> Member:
    """The only owner of a tenant."""
    return await make_member()


def _path(member: Member, membership_id: str = "") -> str:
    return f"/api/v1/tenants/{member.tenant.id}/members{membership_id and '/'}{membership_id}"


async def _id_of(api: httpx.AsyncClient, who: Member, headers: dict[str, str]) -> str:
    items = (await api.get(_path(who), headers=headers)).json()["items"]
    return next(str(item["id"]) for item in items if item["user_id"] == str(who.user.id))


async def test_a_new_member_can_sign_in_and_see_the_tenant(
    api: httpx.AsyncClient, owner: Member, bearer: Bearer
) -> None:
    body = _new()
    added = await api.post(_path(owner), json=body, headers=bearer(owner))
    assert added.status_code == 201
    assert (added.json()["email"], added.json()["role"]) == (body["email"], "agent")
    form = {"username": body["email"], "password": body["password"]}
    token = (await api.post("/api/v1/auth/token", data=form)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await api.get(f"/api/v1/tenants/{owner.tenant.id}", headers=headers)).status_code == 200


async def test_a_known_user_keeps_name_and_password(
    api: httpx.AsyncClient, owner: Member, make_member: MakeMember, bearer: Bearer, database: Database
) -> None:
    known = await make_member(password_hash="untouched")
    added = await api.post(_path(owner), json=_new(email=known.user.email), headers=bearer(owner))
    assert (added.status_code, added.json()["name"]) == (201, "Ada")
    async with database.transaction() as session:
        user = await queries.user_by_email(session, known.user.email)
    assert user is not None
    assert user.password_hash == "untouched"
    again = await api.post(_path(owner), json=_new(email=known.user.email), headers=bearer(owner))
    assert (again.status_code, again.json()["code"]) == (409, "already_member")


async def test_members_come_in_pages(
    api: httpx.AsyncClient, owner: Member, make_member: MakeMember, bearer: Bearer
) -> None:
    for role in (Role.VIEWER, Role.AGENT):
        await make_member(owner.tenant, role)
    await make_member()
    answer = await api.get(_path(owner), params={"limit": 2, "sort": "role"}, headers=bearer(owner))
    assert answer.json()["total"] == 3
    assert [item["role"] for item in answer.json()["items"]] == ["agent", "owner"]


@pytest.mark.parametrize("role", [Role.AGENT, Role.TRAINER, Role.VIEWER])
async def test_only_owners_and_admins_manage_members(
    api: httpx.AsyncClient, owner: Member, make_member: MakeMember, bearer: Bearer, role: Role
) -> None:
    member = await make_member(owner.tenant, role)
    own = await _id_of(api, owner, bearer(owner))
    answers = [
        await api.get(_path(owner), headers=bearer(member)),
        await api.post(_path(owner), json=_new(), headers=bearer(member)),
        await api.patch(_path(owner, own), json={"role": "viewer"}, headers=bearer(member)),
        await api.delete(_path(owner, own), headers=bearer(member)),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


async def test_an_admin_manages_everyone_but_owners(
    api: httpx.AsyncClient, owner: Member, make_member: MakeMember, bearer: Bearer
) -> None:
    admin, agent = await make_member(owner.tenant, Role.ADMIN), await make_member(owner.tenant, Role.AGENT)
    headers = bearer(admin)
    agents_id, owners_id = await _id_of(api, agent, headers), await _id_of(api, owner, headers)
    promoted = await api.patch(_path(owner, agents_id), json={"role": "trainer"}, headers=headers)
    assert (promoted.status_code, promoted.json()["role"]) == (200, "trainer")
    refused = [
        await api.patch(_path(owner, agents_id), json={"role": "owner"}, headers=headers),
        await api.patch(_path(owner, owners_id), json={"role": "viewer"}, headers=headers),
        await api.delete(_path(owner, owners_id), headers=headers),
        await api.post(_path(owner), json=_new(Role.OWNER), headers=headers),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert (await api.delete(_path(owner, agents_id), headers=headers)).status_code == 204
    assert (await api.delete(_path(owner, agents_id), headers=headers)).status_code == 404


async def test_the_last_owner_stays(api: httpx.AsyncClient, owner: Member, bearer: Bearer) -> None:
    own, headers = await _id_of(api, owner, bearer(owner)), bearer(owner)
    removed = await api.delete(_path(owner, own), headers=headers)
    stepped_down = await api.patch(_path(owner, own), json={"role": "admin"}, headers=headers)
    for answer in (removed, stepped_down):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    kept = await api.patch(_path(owner, own), json={"role": "owner"}, headers=headers)
    assert kept.status_code == 200


async def test_two_owners_who_remove_each_other_at_once_leave_one(
    api: httpx.AsyncClient, owner: Member, make_member: MakeMember, bearer: Bearer
) -> None:
    other = await make_member(owner.tenant, Role.OWNER)
    ids = {who.user.id: await _id_of(api, who, bearer(owner)) for who in (owner, other)}
    answers = await asyncio.gather(
        api.delete(_path(owner, ids[other.user.id]), headers=bearer(owner)),
        api.delete(_path(owner, ids[owner.user.id]), headers=bearer(other)),
    )
    assert sorted(answer.status_code for answer in answers) in ([204, 404], [204, 409])


async def test_the_members_of_one_tenant_are_not_found_under_another(
    api: httpx.AsyncClient, owner: Member, make_member: MakeMember, bearer: Bearer
) -> None:
    other = await make_member()
    foreign = await _id_of(api, other, bearer(other))
    for method, body in (("PATCH", {"role": "viewer"}), ("DELETE", None)):
        answers = [
            await api.request(method, _path(owner, membership_id), json=body, headers=bearer(owner))
            for membership_id in (foreign, str(uuid4()))
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
