"""Tenants: opened by the platform, run by their owners."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Bearer, MakeMember, Member


@pytest.fixture
async def admin(make_member: MakeMember) -> Member:
    """Someone who runs the platform."""
    return await make_member(is_platform_admin=True)


def _new(**changes: Any) -> dict[str, Any]:
    return {
        "slug": f"duka-{uuid4().hex[:10]}",
        "name": "Duka la Amina",
        "currency": "KES",
        "country": "KE",
        "timezone": "Africa/Nairobi",
        "languages": ["sw", "en"],
        "owner": {"email": f"{uuid4().hex}@test.example", "name": "Amina", "password": "a long enough one"},
        **changes,
    }


async def test_a_new_tenants_owner_can_run_it(api: httpx.AsyncClient, admin: Member, bearer: Bearer) -> None:
    body = _new()
    opened = await api.post("/api/v1/tenants", json=body, headers=bearer(admin))
    assert opened.status_code == 201, opened.text
    form = {"username": body["owner"]["email"], "password": body["owner"]["password"]}
    token = (await api.post("/api/v1/auth/token", data=form)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/api/v1/tenants/{opened.json()['id']}"
    assert (await api.get(f"{path}/members", headers=headers)).json()["items"][0]["role"] == "owner"
    listed = (await api.get("/api/v1/tenants", headers=headers)).json()
    assert (listed["total"], listed["items"][0]) == (1, opened.json())


async def test_a_slug_is_taken_once(api: httpx.AsyncClient, admin: Member, bearer: Bearer) -> None:
    body = _new()
    await api.post("/api/v1/tenants", json=body, headers=bearer(admin))
    again = await api.post("/api/v1/tenants", json=_new(slug=body["slug"]), headers=bearer(admin))
    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")


async def test_only_the_platform_opens_suspends_and_sees_all_tenants(
    api: httpx.AsyncClient, admin: Member, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member()
    path = f"/api/v1/tenants/{member.tenant.id}"
    assert (await api.post("/api/v1/tenants", json=_new(), headers=bearer(member))).status_code == 403
    for hidden in (f"{path}/suspend", f"{path}/reopen"):
        assert (await api.post(hidden, headers=bearer(member))).status_code == 404
    assert (await api.post(f"{path}/suspend", headers=bearer(admin))).json()["status"] == "suspended"
    params = {"status": "suspended", "sort": "-created_at"}
    found = (await api.get("/api/v1/tenants", params=params, headers=bearer(admin))).json()
    assert str(member.tenant.id) in {tenant["id"] for tenant in found["items"]}
    assert (await api.get(path, headers=bearer(member))).status_code == 403
    assert (await api.post(f"{path}/reopen", headers=bearer(admin))).json()["status"] == "active"
    assert (await api.get(path, headers=bearer(member))).status_code == 200
    assert (await api.get(path, headers=bearer(admin))).status_code == 404


async def test_settings_that_are_left_out_stay(
    api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member()
    path = f"/api/v1/tenants/{member.tenant.id}"
    before = (await api.get(path, headers=bearer(member))).json()
    changes = {
        "address": " 12 Balogun St ",
        "opening": {"mon": [["08:00", "12:00"], ["22:00", "02:00"]]},
        "payment_methods": ["pay_link", "pay_link"],
        "languages": ["yo", "en"],
    }
    after = (await api.patch(path, json=changes, headers=bearer(member))).json()
    expected = {**before, **changes, "address": "12 Balogun St", "payment_methods": ["pay_link"]}
    assert after == expected
    assert (await api.get(path, headers=bearer(member))).json() == expected
    cleared = await api.patch(path, json={"address": None}, headers=bearer(member))
    assert cleared.json()["address"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": None},
        {"timezone": "Lagos"},
        {"languages": []},
        {"languages": ["tlh"]},
        {"payment_methods": ["barter"]},
        {"payment_methods": []},
        {"opening": {"monday": []}},
        {"opening": {"mon": [["8", "18:00"]]}},
        {"opening": {"mon": [["08:00"]]}},
        {"opening": {"mon": [["25:00", "26:00"]]}},
    ],
    ids=str,
)
async def test_settings_that_make_no_sense_are_refused(
    api: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer, changes: dict[str, Any]
) -> None:
    member = await make_member()
    path = f"/api/v1/tenants/{member.tenant.id}"
    assert (await api.patch(path, json=changes, headers=bearer(member))).status_code == 422
