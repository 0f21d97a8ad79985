"""Hostile bodies are answered before any endpoint sees them, and never with a 5xx."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, UploadFile
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.core import errors, limits
from commerce_api.core.limits import DEEPEST_JSON, LARGEST_BODY, LARGEST_UPLOAD, Limits, check_json


@pytest.fixture
async def echo() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that says what it got."""
    app = FastAPI()
    errors.install(app)
    app.add_middleware(Limits)

    @app.post("/bytes")
    async def count(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    @app.post("/json")
    @app.post("/api/v1/bot/inbound")
    async def repeat(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.post("/file")
    async def take(file: UploadFile) -> dict[str, int]:
        return {"size": len(await file.read())}

    @app.get("/{word}")
    async def say(word: str, q: str = "") -> dict[str, str]:
        return {"word": word, "q": q}

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://api.test"
    ) as client:
        yield client


async def test_a_body_reaches_the_endpoint_as_it_was_sent(echo: httpx.AsyncClient) -> None:
    body = {"text": "Ẹ káàárọ̀ \\u0000 is only text here 🧺", "deep": [[[[1.5]]]]}
    assert (await echo.post("/json", json=body)).json() == body
    commas = {"text": "," * 500_000}
    assert (await echo.post("/json", json=commas)).json() == commas
    assert (await echo.post("/bytes", content=b"x" * LARGEST_BODY)).json() == {"size": LARGEST_BODY}
    assert (await echo.post("/bytes")).json() == {"size": 0}


async def test_a_body_that_is_too_large_is_refused(echo: httpx.AsyncClient) -> None:
    answer = await echo.post("/bytes", content=b"x" * (LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_without_a_length_is_cut_off_at_the_limit(echo: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * 100_000

    answer = await echo.post("/bytes", content=chunks())
    assert answer.status_code == 413
    assert sent == LARGEST_BODY // 100_000 + 1


async def test_an_upload_may_be_larger(echo: httpx.AsyncClient) -> None:
    size = LARGEST_UPLOAD - 1000
    assert (await echo.post("/file", files={"file": b"\0" * size})).json() == {"size": size}
    assert (await echo.post("/file", files={"file": b"x" * LARGEST_UPLOAD})).status_code == 413


async def test_what_a_webhook_held_may_be_larger(echo: httpx.AsyncClient) -> None:
    body = {"messages": ["x" * 1000] * 3000}
    assert (await echo.post("/api/v1/bot/inbound", json=body)).json() == body
    assert (await echo.post("/api/v1/bot/inbound", content=b"x" * 9_000_000)).status_code == 413


async def test_a_body_that_never_ends_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SLOWEST_BODY", 0.01)
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async def app(*_: Any) -> None:
        raise AssertionError("an endpoint was reached")

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    await Limits(app)(scope, never, send)
    assert sent[0]["status"] == 408


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a": "\xff"}', "unstorable_text"),
        (b'{"a": "\xed\xa0\x80"}', "unstorable_text"),
        (rb'{"a": "\u0000"}', "unstorable_text"),
        (rb'{"a": ["\\", {"\u0000": 1}]}', "unstorable_text"),
        (rb'{"a": "\ud800"}', "unstorable_text"),
        (rb'{"a": "\udc00\ud800"}', "unstorable_text"),
        (b'{"a": NaN}', "malformed_json"),
        (b'{"a": -Infinity}', "malformed_json"),
        (b'{"a": 1e309}', "malformed_json"),
        (b'{"a": ' + b"1" * 5000 + b"}", "malformed_json"),
        (b'{"a": ' + b"[" * 65 + b"]" * 65 + b"}", "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b'{"a":' * 100_000, "malformed_json"),
        (b'{"a": "\0"}', "malformed_json"),
        (b"[" + b"1," * 30_000 + b"1]", "malformed_json"),
        (b"{'a': 1}", "malformed_json"),
        (b"\xef\xbb\xbf{}", "malformed_json"),
        ('{"a": 1}'.encode("utf-16"), "unstorable_text"),
        (b" ", "malformed_json"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_json_that_cannot_be_read_or_stored_is_refused(
    echo: httpx.AsyncClient, body: bytes, code: str
) -> None:
    answer = await echo.post(
        "/json", content=body, headers={"content-type": "application/json; charset=utf-8"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_nul_in_an_address_or_a_form_is_refused(echo: httpx.AsyncClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answers = [
        await echo.get("/a%00b"),
        await echo.get("/a?q=b%00c"),
        await echo.post("/bytes", content=b"a=%00", headers=form),
        await echo.post("/bytes", content=b"a=\0", headers=form),
    ]
    assert [answer.json()["code"] for answer in answers] == ["unstorable_text"] * 4
    assert (await echo.get("/a?q=%ff%fe")).status_code == 200


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('[]{}"\\aé'), inner),
    max_leaves=30,
)


@given(JSON, st.booleans())
def test_every_json_that_can_be_stored_passes(value: Any, is_ascii: bool) -> None:
    check_json(json.dumps(value, ensure_ascii=is_ascii).encode())


@given(st.binary(max_size=200))
def test_any_bytes_either_pass_or_are_refused(body: bytes) -> None:
    # Anything else that is raised would be answered with a 500.
    with contextlib.suppress(limits.MalformedJson, limits.UnstorableText):
        check_json(body)


@given(st.integers(1, 2 * DEEPEST_JSON), st.text('[]{}"\\'), st.booleans())
def test_depth_counts_brackets_outside_strings_alone(depth: int, text: str, is_object: bool) -> None:
    value: Any = text
    for _ in range(depth):
        value = {text: value} if is_object else [value, text]
    try:
        check_json(json.dumps(value).encode())
        is_refused = False
    except limits.MalformedJson:
        is_refused = True
    assert is_refused == (depth > DEEPEST_JSON)
