"""Rights: read from the database on every request, whatever the token."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from commerce_api.core import tokens
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import derive
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.core.tokens import Tokens
from commerce_api.tenants import queries
from commerce_api.tenants.models import Role, Tenant, TenantStatus, User
from commerce_api.tenants.permissions import RIGHTS, Permission
from tests.conftest import SERVICE, Bearer, MakeMember, Member


async def test_a_member_sees_the_tenant_and_a_stranger_sees_nothing(
    api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer
) -> None:
    member, stranger = await make_member(role=Role.VIEWER), await make_member()
    path = f"/api/v1/tenants/{member.tenant.id}"
    assert (await api.get(path, headers=bearer(member))).json()["slug"] == member.tenant.slug
    foreign = await api.get(path, headers=bearer(stranger))
    unknown = await api.get(f"/api/v1/tenants/{uuid4()}", headers=bearer(stranger))
    assert (foreign.status_code, foreign.content) == (404, unknown.content)


async def test_a_removed_member_is_out_at_once(
    api: httpx.AsyncClient, database: Database, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member()
    path, headers = f"/api/v1/tenants/{member.tenant.id}", bearer(member)
    assert (await api.get(path, headers=headers)).status_code == 200
    async with database.transaction() as session:
        await enter(session, member.tenant.id)
        for membership in await session.scalars(queries.members()):
            await session.delete(membership)
    assert (await api.get(path, headers=headers)).status_code == 404
    assert (await api.get("/api/v1/me", headers=headers)).json()["memberships"] == []


async def test_a_suspended_tenant_is_closed_to_its_members_at_once(
    api: httpx.AsyncClient, database: Database, make_member: MakeMember, bearer: Bearer
) -> None:
    member, stranger = await make_member(), await make_member()
    path = f"/api/v1/tenants/{member.tenant.id}"
    async with database.transaction() as session:
        (await session.get_one(Tenant, member.tenant.id)).status = TenantStatus.SUSPENDED
    answer = await api.get(path, headers=bearer(member))
    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")
    assert (await api.get(path, headers=bearer(stranger))).status_code == 404


async def test_an_inactive_user_is_nobody(
    api: httpx.AsyncClient, database: Database, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member()
    async with database.transaction() as session:
        (await session.get_one(User, member.user.id)).is_active = False
    assert (await api.get("/api/v1/me", headers=bearer(member))).status_code == 401


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_may_change_settings_when_the_table_says_so(
    api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer, role: Role
) -> None:
    member = await make_member(role=role)
    path = f"/api/v1/tenants/{member.tenant.id}"
    answer = await api.patch(path, json={"hours": "9 to 5"}, headers=bearer(member))
    if Permission.EDIT_SETTINGS in RIGHTS[role]:
        assert (answer.status_code, answer.json()["hours"]) == (200, "9 to 5")
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_every_role_has_rights_and_only_owners_have_all() -> None:
    assert set(RIGHTS) == set(Role)
    assert [role for role in Role if RIGHTS[role] == set(Permission)] == [Role.OWNER]
    assert all(Permission.VIEW_SHOP in rights for rights in RIGHTS.values())


@pytest.fixture
async def member(make_member: MakeMember) -> Member:
    """Somebody to be."""
    return await make_member()


def _claims(member: Member, **changes: Any) -> dict[str, Any]:
    issued = int(now().timestamp())
    claims = {
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "sub": str(member.user.id),
        "iat": issued,
        "exp": issued + 60,
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "someone-else"},
        {"iss": None},
        {"aud": "another-api"},
        {"aud": None},
        {"sub": None},
        {"sub": "x"},
        {"sub": 5},
        {"exp": None},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"nbf": 4102444800},
        {"sub": str(uuid4())},
    ],
    ids=str,
)
async def test_a_token_with_wrong_claims_is_nobodys(
    api: httpx.AsyncClient, settings: Settings, member: Member, changes: dict[str, Any]
) -> None:
    key = OctKey.import_key(derive(settings.master_key, "access tokens v1"))
    good = jwt.encode({"alg": "HS256"}, _claims(member), key)
    assert (await _me(api, good)).status_code == 200
    answer = await _me(api, jwt.encode({"alg": "HS256"}, _claims(member, **changes), key))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_of_another_key_or_algorithm_is_nobodys(
    api: httpx.AsyncClient, settings: Settings, member: Member
) -> None:
    key = OctKey.import_key(derive(settings.master_key, "access tokens v1"))
    other = OctKey.import_key(derive(settings.master_key, "something else"))
    claims = _claims(member)
    good = jwt.encode({"alg": "HS256"}, claims, key)
    forged = [
        jwt.encode({"alg": "HS256"}, claims, other),
        jwt.encode({"alg": "HS512"}, claims, key, algorithms=["HS512"]),
        jwt.encode({"alg": "RS256"}, claims, RSAKey.generate_key(2048), algorithms=["RS256"]),
        # {"alg":"none"} in front of true claims, without a signature.
        "eyJhbGciOiJub25lIn0." + good.split(".")[1] + ".",
        good.rsplit(".", 1)[0] + ".",
        good + "x" * 5000,
        good[:-2],
        "..",
        "ünï",
    ]
    for token in forged:
        assert (await _me(api, token)).status_code == 401, token[:60]


async def test_a_token_ends_with_its_lifetime(settings: Settings, member: Member) -> None:
    issuer, issued = Tokens(settings), now()
    token = issuer.issue(member.user.id, issued)
    assert issuer.read(token, issued + tokens.LIFETIME - timedelta(seconds=2)).user_id == member.user.id
    with pytest.raises(tokens.Unauthenticated):
        issuer.read(token, issued + tokens.LIFETIME)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer"}, SERVICE])
async def test_without_a_persons_token_nothing_opens(api: httpx.AsyncClient, header: dict[str, str]) -> None:
    assert (await api.get("/api/v1/me", headers=header)).status_code == 401
    assert (await api.get(f"/api/v1/tenants/{uuid4()}", headers=header)).status_code == 401


async def _me(api: httpx.AsyncClient, token: str) -> httpx.Response:
    return await api.get("/api/v1/me", headers=[(b"authorization", b"Bearer " + token.encode())])
