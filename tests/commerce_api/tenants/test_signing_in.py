"""Signing in by password, and the bearer token it gives."""

import asyncio
from datetime import timedelta
from typing import Literal
from uuid import uuid4

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.tenants import attempts, passwords, signing_in
from commerce_api.tenants.errors import SignInRefused, TooManySignIns
from commerce_api.tenants.models import SignInFailures, User
from tests.conftest import NOON, Bearer, MakeMember, Member

PASSWORD = "correct horse battery"


@pytest.fixture
async def ada(make_member: MakeMember) -> Member:
    """An owner who can sign in."""
    return await make_member(password_hash=await passwords.make_hash(PASSWORD))


async def _sign_in(api: httpx.AsyncClient, email: str, password: str) -> httpx.Response:
    return await api.post("/api/v1/auth/token", data={"username": email, "password": password})


async def test_a_token_opens_the_users_own_page(api: httpx.AsyncClient, ada: Member) -> None:
    answer = await _sign_in(api, f"  {ada.user.email.upper()} ", PASSWORD)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 12 * 3600
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = (await api.get("/api/v1/me", headers=headers)).json()
    assert me == {
        "id": str(ada.user.id),
        "email": ada.user.email,
        "name": "Ada",
        "is_platform_admin": False,
        "memberships": [
            {
                "tenant_id": str(ada.tenant.id),
                "slug": ada.tenant.slug,
                "name": ada.tenant.name,
                "role": "owner",
                "status": "active",
            }
        ],
    }


async def test_my_page_lists_every_tenant_of_mine_and_no_other(
    api: httpx.AsyncClient, make_member: MakeMember, ada: Member, bearer: Bearer
) -> None:
    second = await make_member(user=ada.user, role="viewer")
    await make_member()
    memberships = (await api.get("/api/v1/me", headers=bearer(ada))).json()["memberships"]
    assert [(m["slug"], m["role"]) for m in memberships] == [
        (ada.tenant.slug, "owner"),
        (second.tenant.slug, "viewer"),
    ]


async def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(
    api: httpx.AsyncClient, ada: Member, make_member: MakeMember
) -> None:
    no_password = await make_member()
    gone = await make_member(is_active=False, password_hash=await passwords.make_hash(PASSWORD))
    answers = [
        await _sign_in(api, ada.user.email, "wrong"),
        await _sign_in(api, f"{uuid4().hex}@test.example", PASSWORD),
        await _sign_in(api, no_password.user.email, PASSWORD),
        await _sign_in(api, gone.user.email, PASSWORD),
    ]
    assert {(a.status_code, a.content) for a in answers} == {(401, answers[0].content)}
    assert answers[0].json()["code"] == "sign_in_refused"


async def test_an_unknown_user_is_checked_against_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 -- argon2's own name
            checked.append(password)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Watched())
    assert not (await passwords.check(None, "anything")).is_right
    assert checked == ["anything"]


async def test_ten_failures_close_an_address_until_the_window_is_over(
    api: httpx.AsyncClient, database: Database, ada: Member
) -> None:
    await asyncio.gather(*(_sign_in(api, ada.user.email, "wrong") for _ in range(10)))
    refused = await _sign_in(api, ada.user.email, PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_sign_ins")
    assert 0 < int(refused.headers["retry-after"]) <= 15 * 60
    async with database.transaction() as session:
        later = now() + attempts.WINDOW
        user = await signing_in.sign_in(session, email=ada.user.email, password=PASSWORD, now=later)
        assert user.id == ada.user.id


async def test_signing_in_forgets_the_failures_before_it(session: AsyncSession, ada: Member) -> None:
    for _ in range(3):
        for _ in range(6):
            with pytest.raises(SignInRefused):
                await signing_in.sign_in(session, email=ada.user.email, password="wrong", now=NOON)
        await signing_in.sign_in(session, email=ada.user.email, password=PASSWORD, now=NOON)


async def test_the_window_starts_anew_after_fifteen_minutes(session: AsyncSession) -> None:
    email = f"{uuid4().hex}@test.example"
    for _ in range(10):
        with pytest.raises(SignInRefused):
            await signing_in.sign_in(session, email=email, password="wrong", now=NOON)
    with pytest.raises(TooManySignIns):
        await signing_in.sign_in(session, email=email, password="wrong", now=NOON + timedelta(minutes=14))
    for _ in range(10):
        with pytest.raises(SignInRefused):
            await signing_in.sign_in(session, email=email, password="wrong", now=NOON + timedelta(minutes=15))


async def test_failures_that_no_longer_count_are_forgotten(session: AsyncSession) -> None:
    emails = [f"{uuid4().hex}@test.example" for _ in range(2)]
    for email, at in zip(emails, (NOON, NOON + timedelta(minutes=10)), strict=True):
        with pytest.raises(SignInRefused):
            await signing_in.sign_in(session, email=email, password="wrong", now=at)
    counted = select(func.count()).select_from(SignInFailures).where(SignInFailures.since >= NOON)
    before = await session.scalar(counted)
    await attempts.delete_old(session, NOON + timedelta(minutes=16))
    assert await session.scalar(counted.where(SignInFailures.since == NOON)) == 0
    assert before is not None
    assert await session.scalar(counted) == before - 1


async def test_a_hash_with_old_parameters_is_replaced(database: Database, make_member: MakeMember) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    member = await make_member(password_hash=old)
    async with database.transaction() as session:
        await signing_in.sign_in(session, email=member.user.email, password=PASSWORD, now=NOON)
    async with database.transaction() as session:
        stored = (await session.get_one(User, member.user.id)).password_hash
    assert stored is not None
    assert stored != old
    assert (await passwords.check(stored, PASSWORD)) == passwords.Verdict(is_right=True)


async def test_a_new_password_takes_the_old_ones_place(
    api: httpx.AsyncClient, ada: Member, bearer: Bearer
) -> None:
    headers = bearer(ada)
    wrong = await api.post(
        "/api/v1/me/password", json={"current": "wrong", "new": "another long one"}, headers=headers
    )
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    body = {"current": PASSWORD, "new": "another long one"}
    assert (await api.post("/api/v1/me/password", json=body, headers=headers)).status_code == 204
    assert (await _sign_in(api, ada.user.email, PASSWORD)).status_code == 401
    assert (await _sign_in(api, ada.user.email, "another long one")).status_code == 200


async def test_a_short_password_is_refused(api: httpx.AsyncClient, ada: Member, bearer: Bearer) -> None:
    body = {"current": PASSWORD, "new": "short"}
    assert (await api.post("/api/v1/me/password", json=body, headers=bearer(ada))).status_code == 422


async def test_an_idempotency_key_hides_no_failed_guess(
    api: httpx.AsyncClient, ada: Member, database: Database, bearer: Bearer
) -> None:
    for place in range(3):
        headers = {**bearer(ada), "Idempotency-Key": f"guess-{ada.user.id}-{place}"}
        form = {"username": ada.user.email, "password": "wrong"}
        assert (await api.post("/api/v1/auth/token", data=form, headers=headers)).status_code == 401
    async with database.transaction() as session:
        counted = (await session.scalars(select(SignInFailures.failures))).all()
    assert 3 in counted
