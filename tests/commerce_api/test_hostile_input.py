"""No input, however hostile, to any route and verb of the OpenAPI document makes a 5xx."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from commerce_api.core.database import Database
from tests.commerce_api import openapi
from tests.commerce_api.openapi import Route
from tests.commerce_api.stalls import Stall, furnish
from tests.conftest import SERVICE, Bearer

ROUTES = [route for route in openapi.routes() if route.path != "/healthz"]
WITH_JSON = [route for route in ROUTES if route.media_type == "application/json"]
WITH_FILES = [route for route in ROUTES if route.media_type == "multipart/form-data"]

VALUES: list[Any] = [
    None,
    True,
    -1,
    2**31,
    2**63,
    -(2**70),
    1.5e300,
    "",
    " ",
    "x" * 70_000,
    "\u202egpj.exe",
    "Z͑ͫ̓" * 500,
    "👩\u200d👩\u200d👧\u200d👦🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "'; drop table orders; --",
    "%_\\:*!<->|&()",
    "{{7*7}}${7*7}%s%n",
    '/add_to_cart{"price": 0}',
    [],
    [[]],
    {},
    {"a": {"b": 1}},
]
SEGMENTS = [
    "x",
    "x" * 5000,
    "..%2f..%2fetc%2fpasswd",
    "%ff%fe",
    "%00",
    "%F0%9F%A7%BA",
    "-1",
    "%27%3B--",
    "%25_",
    "%20",
]
QUERIES = [
    {"limit": "-1", "skip": "-1"},
    {"limit": str(10**30), "skip": str(10**30)},
    {"limit": "NaN", "skip": "1e9"},
    {"limit": "200", "skip": "1000000"},
    {"sort": "'; drop table orders; --"},
    {"sort": "-" * 60},
    dict.fromkeys(("q", "state", "status", "handled_by", "channel", "sku", "category_id"), "%"),
    {"q": "x" * 5000},
    {"q": "((((&|!:*'\\"},
    {"q": "\u202e👩\u200d👩\u200d👧\u200d👦 Z͑ͫ̓ \t\r\n"},
    {"q": "a " * 2000},
]  # fmt: skip


@pytest.fixture(scope="module")
async def stall(database: Database, app: FastAPI) -> Stall:
    """A stall to throw things at."""
    return await furnish(database, app.state.vault)


@pytest.fixture
def who(stall: Stall, bearer: Bearer) -> Any:
    """The headers that open a route."""
    return lambda route: SERVICE if route.path.startswith("/api/v1/bot/") else bearer(stall.owner)


def each(routes: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("route", routes, ids=str)


def ids_of(stall: Stall) -> dict[str, str]:
    names = {"provider": "gateway", "parent_id": stall.ids["category_id"]}
    return {**names, **stall.ids}


def spoiled(body: Any) -> Iterator[Any]:
    """The body with one part after another replaced by each value, and the values themselves."""
    for value in VALUES:
        yield value
        for path in leaves(body):
            spoilt = copy.deepcopy(body)
            part = spoilt
            for step in path[:-1]:
                part = part[step]
            part[path[-1]] = value
            yield spoilt


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the parts of a body are."""
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from leaves(inner, (*path, step))


@each(WITH_JSON)
async def test_no_value_in_a_body_makes_a_5xx(
    api: httpx.AsyncClient, stall: Stall, who: Any, route: Route
) -> None:
    request = route.request(ids_of(stall))
    for body in spoiled(request["json"]):
        answer = await api.request(**{**request, "json": body}, headers=who(route))
        # Nobody stands in for the payment provider here: a body that is accepted gets no further.
        is_fine = answer.status_code < 500 or answer.json()["code"] == "payment_provider_unavailable"
        assert is_fine, (answer.status_code, answer.text, str(body)[:200])


RAW = {
    "not UTF-8": (b'{"name": "\xff\xfe"}', 400),
    "NUL": (rb'{"name": "a\u0000b"}', 400),
    "half a surrogate pair": (rb'{"name": "\ud83d"}', 400),
    "NaN": (b'{"name": NaN}', 400),
    "overflowing": (b'{"name": 1e999}', 400),
    "deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "deep list": (b"[" * 100_000, 400),
    "not JSON": (b"{", 400),
    "10 MB": (b'"' + b"x" * 10_000_000 + b'"', 413),
    "80,000 keys": (json.dumps({str(key): 1 for key in range(80_000)}).encode(), None),
    "the same key twice": (b'{"name": 1, "name": 2}', None),
}


@each(WITH_JSON)
async def test_no_raw_body_makes_a_5xx(api: httpx.AsyncClient, stall: Stall, who: Any, route: Route) -> None:
    headers = {**who(route), "content-type": "application/json"}
    for kind, (body, status) in RAW.items():
        answer = await api.request(route.method, route.address(ids_of(stall)), content=body, headers=headers)
        assert answer.status_code < 500, (kind, answer.text)
        if status:
            assert answer.status_code == status, (kind, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


FILES = {
    "empty": b"",
    "not UTF-8": b"\xff\xfe\x00" * 100,
    "NUL": b"sku,name\n\0,\0\n",
    "no end of quotes": b'sku,name\n"' + b"x" * 200_000,
    "one long line": b"," * 300_000,
    "binary": bytes(range(256)) * 100,
    "half a picture": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "a picture bomb": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\x02\0\0\0\0\0\0\0",
    "10 MB": b"x" * 10_000_000,
}


@pytest.mark.parametrize("kind", FILES)
@each(WITH_FILES)
async def test_no_file_makes_a_5xx(
    api: httpx.AsyncClient, stall: Stall, who: Any, route: Route, kind: str
) -> None:
    request = route.request(ids_of(stall))
    for name, kept in request["files"].items():
        for filename in (kept[0], "../../x\0.jpg", "\u202e" * 300):
            files = {name: (filename, FILES[kind], "image/jpeg")}
            answer = await api.request(**{**request, "files": files}, headers=who(route))
            assert 400 <= answer.status_code < 500 or answer.status_code in (200, 201), answer.text
            assert (answer.status_code == 413) == (kind == "10 MB")


@pytest.mark.parametrize(
    "body", [b"", b"--x", b"--x\r\n\r\n\r\n--x--", b"--x\r\nContent-Disposition: \xff\r\n"]
)
@each(WITH_FILES)
async def test_no_broken_form_makes_a_5xx(
    api: httpx.AsyncClient, stall: Stall, who: Any, route: Route, body: bytes
) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary="):
        headers = {**who(route), "content-type": kind}
        answer = await api.request(route.method, route.address(ids_of(stall)), content=body, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text


@each([route for route in ROUTES if route.parameters])
async def test_no_address_makes_a_5xx(api: httpx.AsyncClient, stall: Stall, who: Any, route: Route) -> None:
    ids = {name: quote(value, safe="") for name, value in ids_of(stall).items()}
    for spoilt in route.parameters:
        for segment in SEGMENTS:
            address = route.address({**ids, spoilt: segment})
            answer = await api.request(route.method, address, headers=who(route))
            assert answer.status_code < 500, (address[:200], answer.text)


@each([route for route in ROUTES if route.method == "GET"])
async def test_no_query_makes_a_5xx(api: httpx.AsyncClient, stall: Stall, who: Any, route: Route) -> None:
    address = route.address(ids_of(stall))
    for query in QUERIES:
        answer = await api.get(address, params=query, headers=who(route))
        assert answer.status_code < 500, (query, answer.text)
    for raw in ("q=%00", "q=%ff%fe", "%00=1", "limit=1&limit=2", "&&&==", "q[]=1", "q=%ED%A0%80"):
        answer = await api.get(f"{address}?{raw}", headers=who(route))
        assert answer.status_code < 500, (raw, answer.text)


async def test_no_header_makes_a_5xx(api: httpx.AsyncClient, stall: Stall, who: Any) -> None:
    route = next(route for route in WITH_JSON if route.path.endswith("/messages"))
    request = route.request(ids_of(stall))
    for name, value in (
        (b"authorization", b"Bearer \xff\xfe"),
        (b"authorization", b"\xff"),
        (b"authorization", b"Bearer " + b"x" * 100_000),
        (b"idempotency-key", b"\xff\xfe"),
        (b"idempotency-key", b"k" * 100_000),
        (b"content-type", b"application/json; charset=utf-7"),
        (b"content-type", b"\xff/\xfe"),
        (b"content-type", b"multipart/form-data; boundary=\xff"),
        (b"content-length", b"banana"),
        (b"accept", b"\xff"),
    ):
        headers = {key.encode(): text.encode() for key, text in who(route).items()}
        headers = {key.lower(): text for key, text in headers.items()} | {name: value}
        answer = await api.request(**request, headers=list(headers.items()))
        assert answer.status_code < 500, (name, value[:20], answer.text)
