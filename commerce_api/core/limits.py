"""What a request may be at most, checked before anything else looks at it.

A body that is too large, too slow, too deep, or holds text PostgreSQL can't store is answered here as
problem-details, so that no endpoint meets it. The body reaches the endpoint whole, as it was sent.
"""

import asyncio
import json
import math
import re
from itertools import accumulate
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commerce_api.core.errors import AppError, answer

MEGABYTE = 1024 * 1024
LARGEST_BODY = MEGABYTE
LARGEST_UPLOAD = 5 * MEGABYTE
# What one webhook held, as the bot side reports it: WhatsApp's may have 3 MB, and each message goes in twice,
# as we read it and as it came.
WEBHOOKS = "/api/v1/bot/inbound"
LARGEST_WEBHOOK = 8 * MEGABYTE
UPLOADS = ("multipart/form-data", "image/", "text/csv")
DEEPEST_JSON = 64
# A value takes 50 bytes on the average, or more: a body of nothing but commas costs far more than its bytes.
BYTES_A_VALUE = 50
SLOWEST_BODY = 30.0

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NOT_A_BRACKET = re.compile(r"[^\[\]{}]+")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


class BodyTooLarge(AppError):
    """More than 1 MB, 5 MB for an upload, or 8 MB for what a webhook held."""

    status = 413
    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body may have {limit // MEGABYTE} MB at most.", limit=limit)
        self.headers = {"Connection": "close"}


class BodyTooSlow(AppError):
    """The body did not arrive in time."""

    status = 408
    code = "body_too_slow"

    def __init__(self) -> None:
        super().__init__(f"The body did not arrive within {SLOWEST_BODY:g} seconds.")
        self.headers = {"Connection": "close"}


class MalformedJson(AppError):
    """Not JSON, too deep, of too many values, or with numbers that JSON doesn't have."""

    status = 400
    code = "malformed_json"


class UnstorableText(AppError):
    """Bytes that are no UTF-8, a NUL character, or half a surrogate pair."""

    status = 400
    code = "unstorable_text"


class Limits:
    """ASGI middleware around the whole API."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on when it keeps the limits, and answers it otherwise."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            _check_address(scope)
            limit = _limit(scope, headers)
            body = await _read(receive, headers, limit)
            _check_body(headers, body, limit // BYTES_A_VALUE)
        except AppError as error:
            await answer(error)(scope, receive, send)
            return
        await self._app(scope, _resend(body, receive), send)


def _check_address(scope: Scope) -> None:
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise UnstorableText("The address holds a NUL character.")


def _limit(scope: Scope, headers: Headers) -> int:
    if scope["path"] == WEBHOOKS:
        return LARGEST_WEBHOOK
    is_upload = headers.get("content-type", "").lower().startswith(UPLOADS)
    return LARGEST_UPLOAD if is_upload else LARGEST_BODY


async def _read(receive: Receive, headers: Headers, limit: int) -> bytes:
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit:
        raise BodyTooLarge(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > limit:
                    raise BodyTooLarge(limit)
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError as error:
        raise BodyTooSlow from error


def _check_body(headers: Headers, body: bytes, most_values: int) -> None:
    if not body:
        return
    kind = headers.get("content-type", "").lower().partition(";")[0].strip()
    if kind == "application/x-www-form-urlencoded" and (b"%00" in body or b"\0" in body):
        raise UnstorableText("The form holds a NUL character.")
    if kind == "application/json" or kind.endswith("+json"):
        check_json(body, most_values)


def check_json(body: bytes, most_values: int = LARGEST_BODY // BYTES_A_VALUE) -> None:
    """Raises MalformedJson or UnstorableText unless ``body`` is JSON that can be read and stored."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise UnstorableText(f"Byte {error.start} is not UTF-8.") from error
    if text.count(",") > most_values and _STRING.sub("", text).count(",") > most_values:
        raise MalformedJson(f"The JSON has more than {most_values} values.")
    if _depth(text) > DEEPEST_JSON:
        raise MalformedJson(f"The JSON is nested more than {DEEPEST_JSON} levels deep.")
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise MalformedJson(f"This is not JSON: {error}") from error
    # NUL and half a surrogate pair can only be written as an escape.
    if "\\u" in text:
        _check_strings(value)


def _depth(text: str) -> int:
    if text.count("[") + text.count("{") <= DEEPEST_JSON:
        return 0
    brackets = _NOT_A_BRACKET.sub("", _STRING.sub("", text))
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large")
    return number


def _check_strings(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            _check_string(item)


def _check_string(item: str) -> None:
    if "\0" in item:
        raise UnstorableText("A string holds a NUL character.")
    if not item.isascii() and any("\ud800" <= character <= "\udfff" for character in item):
        raise UnstorableText("A string holds half a surrogate pair.")


def _resend(body: bytes, receive: Receive) -> Receive:
    is_sent = False

    async def again() -> Message:
        nonlocal is_sent
        if is_sent:
            return await receive()
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
