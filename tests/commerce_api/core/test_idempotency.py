"""A POST with an Idempotency-Key happens once, whatever comes at the same time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Form, UploadFile
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import func, select

from commerce_api.core import clock, errors, idempotency
from commerce_api.core.database import Database, SessionDep
from commerce_api.core.errors import AppError
from commerce_api.core.idempotency import IdempotencyKey, IdempotentRoute
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.core.tokens import Tokens
from commerce_api.tenants.access import TenantDep
from commerce_api.tenants.models import Membership, Tenant
from tests.conftest import SERVICE, Bearer, MakeMember

router = APIRouter(route_class=IdempotentRoute)


class Refused(AppError):
    """The test's own refusal."""

    status = 409
    code = "refused"


class Opening(BaseModel):
    """The body of the test's POST."""

    name: str
    refuse: bool = False


def _tenant(name: str) -> Tenant:
    return Tenant(
        slug=f"made-{uuid4().hex[:12]}",
        name=name,
        currency="NGN",
        country="NG",
        languages=["en"],
        timezone="Africa/Lagos",
        payment_methods=[],
    )


@router.post("/shops", status_code=201)
async def open_shop(body: Opening, session: SessionDep) -> dict[str, Any]:
    tenant = _tenant(body.name)
    session.add(tenant)
    await session.flush()
    await asyncio.sleep(0.02)
    if body.refuse:
        raise Refused("no")
    return {"id": str(tenant.id)}


@router.post("/answered")
async def answer_badly(body: Opening, session: SessionDep) -> JSONResponse:
    session.add(_tenant(body.name))
    return JSONResponse({"sorry": True}, status_code=400)


@router.post("/files")
async def take_file(file: UploadFile, name: Annotated[str, Form()], session: SessionDep) -> dict[str, Any]:
    session.add(_tenant(name))
    return {"size": len(await file.read())}


@router.post("/tenants/{tenant_id}/notes")
async def note(access: TenantDep) -> dict[str, Any]:
    return {"note": uuid4().hex, "by": access.user.name}


@router.get("/shops")
async def read(now: Annotated[Any, Depends(clock.now)]) -> dict[str, str]:
    return {"at": now.isoformat()}


@pytest.fixture
async def shops(database: Database, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a small API whose POSTs open shops."""
    app = FastAPI()
    app.state.database = database
    app.state.tokens = Tokens(settings)
    errors.install(app)
    app.include_router(router)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test", headers=SERVICE) as client:
        yield client


async def count(database: Database, name: str) -> int:
    async with database.transaction() as session:
        return await session.scalar(select(func.count()).where(Tenant.name == name)) or 0


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid4().hex}


async def test_a_repeated_post_has_one_effect_and_the_same_answer(
    shops: httpx.AsyncClient, database: Database
) -> None:
    name, headers = uuid4().hex, keyed()
    first = await shops.post("/shops", json={"name": name}, headers=headers)
    again = await shops.post("/shops", json={"name": name}, headers=headers)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 201
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert await count(database, name) == 1


async def test_ten_at_once_have_one_effect(shops: httpx.AsyncClient, database: Database) -> None:
    name, headers = uuid4().hex, keyed()
    posts = [shops.post("/shops", json={"name": name}, headers=headers) for _ in range(10)]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 9
    assert await count(database, name) == 1


async def test_when_the_first_fails_the_one_that_waited_goes_through(
    shops: httpx.AsyncClient, database: Database
) -> None:
    name, headers = uuid4().hex, keyed()
    refused, accepted = await asyncio.gather(
        shops.post("/shops", json={"name": name, "refuse": True}, headers=headers),
        shops.post("/shops", json={"name": name}, headers=headers),
    )
    # Whichever came first, the refused one left nothing behind and never took the other's place.
    assert accepted.status_code == 201
    assert refused.status_code in (409, 422)
    assert await count(database, name) == 1


async def test_another_body_under_the_same_key_is_refused(
    shops: httpx.AsyncClient, database: Database
) -> None:
    name, headers = uuid4().hex, keyed()
    await shops.post("/shops", json={"name": name}, headers=headers)
    other = await shops.post("/shops", json={"name": name + "x"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    other = await shops.post("/shops?a=1", json={"name": name}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(("path", "status"), [("/shops", 409), ("/answered", 400)])
async def test_a_refusal_is_neither_stored_nor_has_effects(
    shops: httpx.AsyncClient, database: Database, path: str, status: int
) -> None:
    name, headers = uuid4().hex, keyed()
    for _ in range(2):
        answer = await shops.post(path, json={"name": name, "refuse": True}, headers=headers)
        assert answer.status_code == status
        assert "idempotent-replayed" not in answer.headers
    assert await count(database, name) == 0


async def test_a_malformed_body_leaves_the_key_free(shops: httpx.AsyncClient) -> None:
    headers = keyed()
    assert (await shops.post("/shops", json={}, headers=headers)).status_code == 422
    assert (await shops.post("/shops", json={"name": uuid4().hex}, headers=headers)).status_code == 201


async def test_a_key_is_one_callers(
    shops: httpx.AsyncClient, make_member: MakeMember, bearer: Bearer
) -> None:
    headers, body = keyed(), {"name": uuid4().hex}
    ids = set()
    for caller in (SERVICE, bearer(await make_member()), bearer(await make_member())):
        ids.add((await shops.post("/shops", json=body, headers={**headers, **caller})).json()["id"])
    assert len(ids) == 3


async def test_an_upload_is_the_same_whatever_its_boundary(
    shops: httpx.AsyncClient, database: Database
) -> None:
    name, headers = uuid4().hex, keyed()
    for content, status in ((b"a,b", 200), (b"a,b", 200), (b"a,c", 422)):
        files = {"file": ("products.csv", content)}
        answer = await shops.post("/files", data={"name": name}, files=files, headers=headers)
        assert answer.status_code == status
    assert await count(database, name) == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_too_short_or_too_long_is_refused(shops: httpx.AsyncClient, key: str) -> None:
    answer = await shops.post("/shops", json={"name": "x"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")


async def test_a_removed_member_does_not_get_the_stored_answer(
    shops: httpx.AsyncClient, database: Database, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member()
    path, headers = f"/tenants/{member.tenant.id}/notes", {**keyed(), **bearer(member)}
    first = await shops.post(path, headers=headers)
    assert (await shops.post(path, headers=headers)).json() == first.json()
    await _remove(database, member.tenant.id)
    assert (await shops.post(path, headers=headers)).status_code == 404


async def _remove(database: Database, tenant_id: UUID) -> None:
    async with database.transaction() as session:
        await enter(session, tenant_id)
        for membership in await session.scalars(select(Membership)):
            await session.delete(membership)


async def test_a_get_takes_no_notice_of_a_key(shops: httpx.AsyncClient) -> None:
    headers = keyed()
    answers = [await shops.get("/shops", headers=headers) for _ in range(2)]
    assert answers[0].json() != answers[1].json()


async def test_without_a_verified_caller_no_key_is_kept(shops: httpx.AsyncClient, database: Database) -> None:
    body, headers = {"name": uuid4().hex}, {**keyed(), "Authorization": "Bearer forged"}
    answers = [await shops.post("/shops", json=body, headers=headers) for _ in range(2)]
    assert len({answer.json()["id"] for answer in answers}) == 2


async def test_keys_are_forgotten_after_more_than_eight_days(
    shops: httpx.AsyncClient, database: Database
) -> None:
    await shops.post("/shops", json={"name": uuid4().hex}, headers=keyed())
    now = clock.now()
    async with database.transaction() as session:
        assert await idempotency.delete_old_keys(session, now + timedelta(days=8)) == 0
        before = await session.scalar(select(func.count()).select_from(IdempotencyKey))
        assert await idempotency.delete_old_keys(session, now + timedelta(days=10)) == before
        await session.rollback()
