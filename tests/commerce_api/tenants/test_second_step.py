"""The second step: a code once and in its time, recovery codes once, and no guessing."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import Vault
from commerce_api.tenants import passwords, second_step
from commerce_api.tenants.account_models import AccountEvent
from commerce_api.tenants.errors import (
    CodeNeeded,
    CodeWrong,
    PasswordWrong,
    SecondStepOff,
    SecondStepOn,
    TooManyTries,
)
from commerce_api.tenants.models import Role, User
from commerce_api.tenants.second_step_models import RecoveryCode, SecondStep
from tests.conftest import NOON, Bearer, MakeMember, Member

PASSWORD = "correct horse battery"
HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
async def ada(make_member: MakeMember) -> Member:
    """An owner who can sign in."""
    return await make_member(password_hash=await passwords.make_hash(PASSWORD))


@pytest.fixture
def vault(app: FastAPI) -> Vault:
    opened: Vault = app.state.vault
    return opened


async def turned_on(
    session: AsyncSession, vault: Vault, user: User, at: datetime = NOON
) -> tuple[pyotp.TOTP, list[str]]:
    """The app and the recovery codes of a step that was turned on a minute before ``at``."""
    before = at - 2 * HALF_MINUTE
    secret = await second_step.begin(session, vault, user, password=PASSWORD, now=before)
    app = pyotp.TOTP(secret)
    return app, await second_step.confirm(session, vault, user, app.at(before), before)


@pytest.mark.parametrize("steps", range(-3, 4))
async def test_a_code_serves_in_its_half_minute_and_the_ones_beside_it(
    session: AsyncSession, vault: Vault, ada: Member, steps: int
) -> None:
    app, _ = await turned_on(session, vault, ada.user, NOON - 10 * HALF_MINUTE)
    code = app.at(NOON + steps * HALF_MINUTE)
    if abs(steps) <= 1:
        await second_step.check(session, vault, ada.user, code, NOON)
    else:
        with pytest.raises(CodeWrong):
            await second_step.check(session, vault, ada.user, code, NOON)


async def test_no_code_is_taken_twice_nor_one_from_before_it(
    session: AsyncSession, vault: Vault, ada: Member
) -> None:
    app, _ = await turned_on(session, vault, ada.user)
    await second_step.check(session, vault, ada.user, app.at(NOON), NOON)
    for again in (NOON, NOON - HALF_MINUTE):
        with pytest.raises(CodeWrong):
            await second_step.check(session, vault, ada.user, app.at(again), NOON)
    later = NOON + HALF_MINUTE
    await second_step.check(session, vault, ada.user, app.at(later), later)


async def test_of_several_who_use_a_code_at_once_one_gets_in(
    database: Database, vault: Vault, ada: Member
) -> None:
    async with database.transaction() as session:
        app, codes = await turned_on(session, vault, ada.user)

    async def use(code: str) -> bool:
        try:
            async with database.transaction() as session:
                await second_step.check(session, vault, ada.user, code, NOON)
        except CodeWrong:
            return False
        return True

    for code in (app.at(NOON), codes[0]):
        assert sum(await asyncio.gather(*(use(code) for _ in range(4)))) == 1


async def test_each_recovery_code_signs_in_once_however_it_is_written(
    session: AsyncSession, vault: Vault, ada: Member
) -> None:
    _, codes = await turned_on(session, vault, ada.user)
    assert len(set(codes)) == 10
    for code in (codes[0], codes[1].upper(), codes[2].replace("-", " ")):
        await second_step.check(session, vault, ada.user, code, NOON)
        with pytest.raises(CodeWrong):
            await second_step.check(session, vault, ada.user, code, NOON)
    assert await second_step.codes_left(session, ada.user) == 7
    befell = select(AccountEvent.action).where(AccountEvent.user_id == ada.user.id)
    assert list(await session.scalars(befell)).count("recovery_code_used") == 3


async def test_new_recovery_codes_end_the_old(session: AsyncSession, vault: Vault, ada: Member) -> None:
    app, old = await turned_on(session, vault, ada.user)
    new = await second_step.new_codes(session, vault, ada.user, app.at(NOON), NOON)
    assert await second_step.codes_left(session, ada.user) == 10
    with pytest.raises(CodeWrong):
        await second_step.check(session, vault, ada.user, old[0], NOON)
    await second_step.check(session, vault, ada.user, new[0], NOON)


async def test_neither_secret_nor_codes_are_kept_as_they_are(
    session: AsyncSession, vault: Vault, ada: Member, make_member: MakeMember
) -> None:
    app, codes = await turned_on(session, vault, ada.user)
    kept = await session.get_one(SecondStep, ada.user.id)
    assert app.secret not in kept.sealed_secret
    hashes = (await session.scalars(select(RecoveryCode.code_hash))).all()
    assert not any(code.replace("-", "").encode() in one for code in codes for one in hashes)
    assert not await second_step.is_on(session, (await make_member()).user)


async def test_guessing_is_stopped_and_then_the_right_code_is_too(
    session: AsyncSession, vault: Vault, ada: Member
) -> None:
    app, codes = await turned_on(session, vault, ada.user)
    wrong = {f"{n:06}" for n in range(9)} - {app.at(NOON + by * HALF_MINUTE) for by in (-1, 0, 1)}
    for code in sorted(wrong)[:5]:
        with pytest.raises(CodeWrong):
            await second_step.check(session, vault, ada.user, code, NOON)
    for code in (app.at(NOON), codes[0]):
        with pytest.raises(TooManyTries):
            await second_step.check(session, vault, ada.user, code, NOON)
    later = NOON + timedelta(minutes=15)
    await second_step.check(session, vault, ada.user, app.at(later), later)


async def test_it_is_set_up_by_who_knows_the_password_and_confirmed_in_time(
    session: AsyncSession, vault: Vault, ada: Member
) -> None:
    with pytest.raises(PasswordWrong):
        await second_step.begin(session, vault, ada.user, password="wrong", now=NOON)
    secret = await second_step.begin(session, vault, ada.user, password=PASSWORD, now=NOON)
    assert not await second_step.is_on(session, ada.user)
    late = NOON + second_step.PENDING
    with pytest.raises(SecondStepOff):
        await second_step.confirm(session, vault, ada.user, pyotp.TOTP(secret).at(late), late)
    await turned_on(session, vault, ada.user)
    with pytest.raises(SecondStepOn):
        await second_step.begin(session, vault, ada.user, password=PASSWORD, now=NOON)


async def test_turning_it_off_takes_password_and_code(
    session: AsyncSession, vault: Vault, ada: Member
) -> None:
    app, codes = await turned_on(session, vault, ada.user)
    for password, code, refusal in (
        ("wrong", app.at(NOON), PasswordWrong),
        (PASSWORD, "nonsense", CodeWrong),
        (None, codes[0], PasswordWrong),
    ):
        with pytest.raises(refusal):
            await second_step.turn_off(session, vault, ada.user, password=password, code=code, now=NOON)
    await second_step.turn_off(session, vault, ada.user, password=PASSWORD, code=codes[0], now=NOON)
    await second_step.check(session, vault, ada.user, None, NOON)
    assert await second_step.codes_left(session, ada.user) == 0


async def test_a_bearer_token_takes_the_code_too(
    api: httpx.AsyncClient, database: Database, vault: Vault, ada: Member
) -> None:
    async with database.transaction() as session:
        app, codes = await turned_on(session, vault, ada.user, now())
        with pytest.raises(CodeNeeded):
            await second_step.check(session, vault, ada.user, None, now())
    form = {"username": ada.user.email, "password": PASSWORD}

    async def ask(**more: str) -> tuple[int, Any]:
        answer = await api.post("/api/v1/auth/token", data={**form, **more})
        return answer.status_code, answer.json().get("code")

    assert await ask() == (401, "code_needed")
    assert await ask(code="nonsense") == (403, "code_wrong")
    assert await ask(password="wrong", code=codes[0]) == (401, "sign_in_refused")
    code = app.at(now())
    assert await ask(code=code) == (200, None)
    assert await ask(code=code) == (403, "code_wrong")
    assert await ask(code=codes[0]) == (200, None)


async def test_a_phone_app_can_do_all_of_it(api: httpx.AsyncClient, ada: Member, bearer: Bearer) -> None:
    here, who = "/api/v1/me/second-step", bearer(ada)
    begun = (await api.post(here, json={"password": PASSWORD}, headers=who)).json()
    app = pyotp.parse_uri(begun["address"])
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, app.name) == (begun["secret"], ada.user.email)
    done = await api.post(f"{here}/confirm", json={"code": app.at(now())}, headers=who)
    codes = done.json()["recovery_codes"]
    assert (await api.get(here, headers=who)).json() == {"is_on": True, "recovery_codes_left": 10}
    more = await api.post(f"{here}/recovery-codes", json={"code": codes[0]}, headers=who)
    off = {"password": PASSWORD, "code": more.json()["recovery_codes"][0]}
    assert (await api.post(f"{here}/off", json=off, headers=who)).status_code == 204
    assert (await api.get(here, headers=who)).json() == {"is_on": False, "recovery_codes_left": 0}


async def test_an_owner_takes_the_step_of_a_member_away_who_lost_everything(
    api: httpx.AsyncClient,
    database: Database,
    vault: Vault,
    ada: Member,
    make_member: MakeMember,
    bearer: Bearer,
) -> None:
    tunde = await make_member(ada.tenant, Role.AGENT, password_hash=await passwords.make_hash(PASSWORD))
    async with database.transaction() as session:
        await turned_on(session, vault, tunde.user, now())
    headers, members = bearer(tunde), f"/api/v1/tenants/{ada.tenant.id}/members"
    listed = (await api.get(members, headers=bearer(ada))).json()["items"]
    place = next(one["id"] for one in listed if one["user_id"] == str(tunde.user.id))
    refused = await api.delete(f"{members}/{place}/second-step", headers=headers)
    assert refused.status_code == 403
    done = await api.delete(f"{members}/{place}/second-step", headers=bearer(ada))
    assert done.status_code == 204
    assert (await api.get("/api/v1/me", headers=headers)).status_code == 401
    form = {"username": tunde.user.email, "password": PASSWORD}
    assert (await api.post("/api/v1/auth/token", data=form)).status_code == 200
    await make_member(user=tunde.user)
    again = await api.delete(f"{members}/{place}/second-step", headers=bearer(ada))
    assert (again.status_code, again.json()["code"]) == (403, "reset_not_yours")
    assert (await api.delete(f"{members}/{uuid4()}/second-step", headers=bearer(ada))).status_code == 404
