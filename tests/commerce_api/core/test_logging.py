"""Logs are JSON lines without secrets, tokens or phone numbers, whoever writes them."""

import io
import json
import logging as stdlib_logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.core import logging
from commerce_api.core.logging import RequestLog
from commerce_api.core.masking import Mask
from commerce_api.core.settings import Settings

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(settings: Settings) -> Iterator[Lines]:
    """What was logged since, one mapping a line."""
    root, stream = stdlib_logging.getLogger(), io.StringIO()
    server = stdlib_logging.getLogger("uvicorn.error")
    before = (root.handlers, root.level, server.level)
    logging.configure(settings, stream=stream)
    # Another test may have run a server of its own in this process and told it to be quiet.
    server.setLevel(stdlib_logging.NOTSET)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before[:2]
    server.setLevel(before[2])
    structlog.reset_defaults()


PRIVATE = [
    "+2348030000001",
    "+234 803 000 0001",
    "+254-700-000-002",
    "2348030000001",
    "08030000001",
    "%2B2250700000003",
    "whatsapp:+254700000002",
    "Bearer abc.def-ghi",
    "Authorization: Basic dXNlcjpwYXNz",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "postgresql://app:hunter2hunter2@db/commerce",
    "https://x.example/?access_token=EAAGxyz&a=1",
    '{"app_secret": "s3cr3t-value"}',
    "demo-service-token",
    "demo-gateway-secret",
]
GIVEAWAYS = [
    *("8030000001", "803 000", "700-000", "700000002", "0700000003"),
    *("abc.def", "dXNlcj", "eyJ", "hunter2", "EAAGxyz", "s3cr3t", "demo-service", "demo-gateway"),
]


@pytest.mark.parametrize("private", PRIVATE)
def test_what_is_private_is_masked_wherever_it_stands(lines: Lines, private: str) -> None:
    logger = structlog.get_logger("test")
    logger.info(" ".join(("said", private)))
    logger.info("said", text=private, nested={"list": [private, {"key": f"({private})"}]}, raw=(private,))
    stdlib_logging.getLogger("uvicorn.error").warning("from %s and %s", private, {"a": private})
    stdlib_logging.getLogger("some.library").info("x", extra={"peer": private})
    try:
        raise ValueError(private)
    except ValueError:
        logger.exception("failed")
    written = json.dumps(lines())
    assert len(lines()) == 5
    assert not [giveaway for giveaway in GIVEAWAYS if giveaway in written]


def test_a_value_is_masked_for_its_name(lines: Lines) -> None:
    structlog.get_logger("test").info(
        "x", password="short", headers={"X-Api-Key": 5, "cookie": ["a"]}, token=None
    )
    (line,) = lines()
    assert line["password"] == "[secret]"
    assert line["headers"] == {"X-Api-Key": "[secret]", "cookie": "[secret]"}
    assert line["token"] is None


def test_what_is_not_private_stays_readable(lines: Lines) -> None:
    facts = {
        "conversation": "0b2f6a4e-1234-4567-8901-123456789012",
        "price": 1250000,
        "ratio": 0.123456789012,
        "at": "2026-11-20T12:00:00Z",
        "ok": True,
    }
    structlog.get_logger("test").info("order_placed", **facts)
    (line,) = lines()
    assert {name: line[name] for name in facts} == facts
    assert (line["event"], line["level"], line["logger"]) == ("order_placed", "info", "test")
    assert line["timestamp"].startswith("20")


@given(st.from_regex(r"\A\+[1-9][0-9]{7,14}\Z"), st.text(" \n,;:\"'()[]", max_size=3), st.text(" \n,;:\"')]"))
def test_no_international_number_gets_through(number: str, before: str, after: str) -> None:
    assert number[1:] not in Mask().text(f"a{before}{number}{after}")


@given(
    st.recursive(st.text() | st.integers() | st.none(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_masking_never_fails_and_stays_json(value: Any) -> None:
    json.dumps(Mask(["secret-one"]).value(value))


async def test_a_request_is_one_line_with_its_id(lines: Lines) -> None:
    app = FastAPI()
    app.add_middleware(RequestLog)

    @app.get("/shops/{name}")
    async def shop(name: str) -> str:
        structlog.get_logger("test").info("looked", name=name)
        return name

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        answer = await client.get("/shops/+2348030000001?token=abcdef")
    looked, request = lines()
    assert looked["request_id"] == request["request_id"] == answer.headers["x-request-id"]
    assert (request["method"], request["path"], request["status"]) == ("GET", "/shops/[phone]", 200)
    assert request["ms"] >= 0
