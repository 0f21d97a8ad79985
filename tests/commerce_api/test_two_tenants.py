"""Two tenants against every route and verb of the OpenAPI document, whatever it holds when the tests run.

A route that is new is tested without a change here. A path parameter that is new fails the tests until
``stalls.furnish`` has one of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql

from commerce_api.core.database import Database
from stack import database as stack_database
from tests.commerce_api import openapi
from tests.commerce_api.openapi import Route
from tests.commerce_api.stalls import Stall, furnish
from tests.conftest import SERVICE, Bearer

TENANT = "/api/v1/tenants/{tenant_id}"
BOT = "/api/v1/bot/"
SHOP = "/api/v1/bot/conversations/{conversation_id}"
# Nobody's in particular: no tenant and no conversation in the address.
OPEN = {
    "/healthz",
    "/media/{key}.jpg",
    "/media/said/{photo_key}.jpg",
    "/api/v1/auth/token",
    "/api/v1/auth/invitation",
    "/api/v1/auth/invitation/accept",
    "/api/v1/auth/password-reset",
    "/api/v1/auth/password-reset/finish",
    "/api/v1/me",
    "/api/v1/me/password",
    "/api/v1/me/second-step",
    "/api/v1/me/second-step/confirm",
    "/api/v1/me/second-step/recovery-codes",
    "/api/v1/me/second-step/off",
    "/api/v1/tenants",
    "/api/v1/payments/callbacks/{provider}",
    "/api/v1/payments/return",
}
# Names that a body gives to ids, where they differ from the path's.
ALIASES = {"parent_id": "category_id", "offered_id": "other_product_id"}

ROUTES = list(openapi.routes())
OF_TENANTS = [route for route in ROUTES if route.path.startswith(TENANT)]
OF_SHOPS = [route for route in ROUTES if route.path.startswith(SHOP)]
OF_BOT = [route for route in ROUTES if route.path.startswith(BOT)]


def each(routes: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("route", routes, ids=str)


@pytest.fixture(scope="module")
async def mine(database: Database, app: FastAPI) -> Stall:
    """The stall whose owner asks, and is refused."""
    return await furnish(database, app.state.vault)


@pytest.fixture(scope="module")
async def theirs(database: Database, app: FastAPI) -> Stall:
    """The stall that must stay unseen and untouched."""
    return await furnish(database, app.state.vault)


@pytest.fixture
async def fresh(database: Database, app: FastAPI) -> Stall:
    """A stall whose owner may change it."""
    return await furnish(database, app.state.vault)


@pytest.fixture(scope="module")
def their_rows(urls: stack_database.Urls, theirs: Stall) -> Iterator[Any]:
    """A function that digests every row of theirs, by table."""
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        tables = owner.execute(
            "select table_name from information_schema.columns where column_name = 'tenant_id'"
            " and table_schema = 'public' order by 1"
        ).fetchall()
        digest = sql.SQL(" union all ").join(
            sql.SQL(
                "select {name}, count(*), md5(string_agg(t::text, '|' order by t::text)) from {table} t"
                " where tenant_id = %(tenant)s"
            ).format(name=sql.Literal(table), table=sql.Identifier(table))
            for (table,) in tables
        )
        tenant = {"tenant": theirs.ids["tenant_id"]}
        yield lambda: owner.execute(digest, tenant).fetchall()


class Unknown(dict[str, str]):
    """An id of nothing for every name."""

    def __missing__(self, name: str) -> str:
        self[name] = str(uuid4())
        return self[name]


def ids_of(stall: Stall) -> dict[str, str]:
    """A stall's ids, under the names of bodies too."""
    return {**{alias: stall.ids[name] for alias, name in ALIASES.items()}, **stall.ids}


async def ask(
    api: httpx.AsyncClient,
    route: Route,
    address: Mapping[str, str],
    body: Mapping[str, str],
    who: dict[str, str],
) -> httpx.Response:
    """A request to the address of some ids, with a body of others."""
    request = {**route.request(body), "url": route.address(address)}
    return await api.request(**request, headers=who)


def assert_unseen(answer: httpx.Response, unknown: httpx.Response) -> None:
    assert answer.status_code == 404, (answer.status_code, answer.text)
    assert answer.content == unknown.content
    assert answer.headers["content-type"] == unknown.headers["content-type"]


def test_every_route_is_a_tenants_the_bot_sides_or_known_to_be_open() -> None:
    strays = {route.path for route in ROUTES} - {route.path for route in OF_TENANTS + OF_BOT} - OPEN
    assert strays == set()
    assert len(OF_TENANTS) >= 40
    assert len(OF_SHOPS) >= 15


@each(OF_TENANTS)
async def test_another_tenant_is_answered_as_an_unknown_one(
    api: httpx.AsyncClient, mine: Stall, theirs: Stall, their_rows: Any, bearer: Bearer, route: Route
) -> None:
    before, who = their_rows(), bearer(mine.owner)
    unknown = {**theirs.ids, "tenant_id": str(uuid4())}
    answer = await ask(api, route, theirs.ids, ids_of(theirs), who)
    assert_unseen(answer, await ask(api, route, unknown, ids_of(theirs), who))
    assert their_rows() == before


@each([route for route in OF_TENANTS if len(route.parameters) > 1])
async def test_another_tenants_thing_is_answered_as_an_unknown_one(
    api: httpx.AsyncClient, mine: Stall, theirs: Stall, their_rows: Any, bearer: Bearer, route: Route
) -> None:
    before, who = their_rows(), bearer(mine.owner)
    for swapped in route.parameters[1:]:
        foreign = {**mine.ids, swapped: theirs.ids[swapped]}
        unknown = {**mine.ids, swapped: str(uuid4())}
        answer = await ask(api, route, foreign, ids_of(mine), who)
        assert_unseen(answer, await ask(api, route, unknown, ids_of(mine), who))
    assert their_rows() == before


@each(OF_TENANTS)
async def test_the_owner_is_answered_otherwise(
    api: httpx.AsyncClient, fresh: Stall, bearer: Bearer, route: Route
) -> None:
    """Without this, wrong ids or bodies would make the tests above pass for nothing."""
    answer = await ask(api, route, fresh.ids, ids_of(fresh), bearer(fresh.owner))
    if route.path in (f"{TENANT}/suspend", f"{TENANT}/reopen"):
        assert answer.status_code == 404
        return
    assert answer.status_code not in (401, 403, 404, 405), (answer.status_code, answer.text)
    if route.path.endswith("/payment-link"):
        # Nobody stands in for the payment provider here.
        assert answer.json()["code"] == "payment_provider_unavailable"
        return
    assert answer.status_code < 500
    if route.media_type != "multipart/form-data":
        assert answer.status_code != 422, answer.text
    if route.method == "GET":
        assert answer.status_code == 200


@each([route for route in OF_TENANTS + OF_SHOPS if route.ids_in_body()])
async def test_another_tenants_id_in_a_body_is_answered_as_an_unknown_one(
    api: httpx.AsyncClient, mine: Stall, theirs: Stall, their_rows: Any, bearer: Bearer, route: Route
) -> None:
    before = their_rows()
    who = bearer(mine.owner) if route in OF_TENANTS else SERVICE
    for name in route.ids_in_body():
        foreign = {**ids_of(mine), name: ids_of(theirs)[name]}
        unknown = {**ids_of(mine), name: str(uuid4())}
        answers = [await ask(api, route, mine.ids, body, who) for body in (foreign, unknown)]
        assert 400 <= answers[0].status_code < 500, (name, answers[0].text)
        texts = [
            answer.text.replace(body[name], "…")
            for answer, body in zip(answers, (foreign, unknown), strict=True)
        ]
        assert (answers[0].status_code, texts[0]) == (answers[1].status_code, texts[1])
    assert their_rows() == before


@each([route for route in OF_TENANTS + OF_SHOPS if route.uuid_queries])
async def test_another_tenants_id_in_a_query_is_answered_as_an_unknown_one(
    api: httpx.AsyncClient, mine: Stall, theirs: Stall, bearer: Bearer, route: Route
) -> None:
    who = bearer(mine.owner) if route in OF_TENANTS else SERVICE
    for name in route.uuid_queries:
        request = route.request(ids_of(mine))
        foreign = await api.request(**request, params={name: ids_of(theirs)[name]}, headers=who)
        unknown = await api.request(**request, params={name: str(uuid4())}, headers=who)
        assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
        own = await api.request(**request, params={name: ids_of(mine)[name]}, headers=who)
        assert own.status_code == 200


@each(OF_SHOPS)
async def test_from_one_shops_conversation_the_other_shop_is_unseen(
    api: httpx.AsyncClient, mine: Stall, theirs: Stall, their_rows: Any, route: Route
) -> None:
    before = their_rows()
    for swapped in route.parameters[1:]:
        foreign = {**mine.ids, swapped: theirs.ids[swapped]}
        unknown = {**mine.ids, swapped: str(uuid4())}
        answer = await ask(api, route, foreign, ids_of(mine), SERVICE)
        assert_unseen(answer, await ask(api, route, unknown, ids_of(mine), SERVICE))
    nowhere = {**mine.ids, "conversation_id": str(uuid4())}
    assert (await ask(api, route, nowhere, ids_of(mine), SERVICE)).status_code == 404
    assert their_rows() == before


@each([route for route in OF_SHOPS if not route.path.endswith("/payment-link")])
async def test_the_bot_side_is_answered_in_its_own_conversation(
    api: httpx.AsyncClient, fresh: Stall, route: Route
) -> None:
    answer = await ask(api, route, fresh.ids, ids_of(fresh), SERVICE)
    assert answer.status_code in (200, 201), (answer.status_code, answer.text)


@each(OF_BOT)
async def test_a_persons_token_opens_nothing_of_the_bot_sides(
    api: httpx.AsyncClient, mine: Stall, bearer: Bearer, route: Route
) -> None:
    for who in ({}, bearer(mine.owner), {"Authorization": "Bearer demo-service-tokeN"}):
        answer = await ask(api, route, mine.ids, ids_of(mine), who)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@each(OF_TENANTS)
async def test_the_service_token_and_no_token_open_nothing_of_a_tenants(
    api: httpx.AsyncClient, mine: Stall, route: Route
) -> None:
    for who in ({}, SERVICE):
        answer = await ask(api, route, mine.ids, ids_of(mine), who)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
