"""A webhook's JSON, made safe to carry on: to PostgreSQL, and through JSON again.

PostgreSQL stores neither NUL nor half a surrogate pair, and JSON knows no NaN; a body nested beyond reason
breaks every later walk through it. All providers that speak JSON read it here.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Dict, Union

from channels.provider import MalformedWebhook

MAX_DEPTH = 64
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_object(body: bytes) -> Dict[str, Any]:
    """The JSON object in ``body``, its strings storable. Raises MalformedWebhook when it is not one.

    A number too large for a float stays as its digits; of a repeated key the last value counts.
    """
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_refuse, parse_float=_float)
    except (ValueError, RecursionError) as error:
        raise MalformedWebhook(f"the body is not JSON ({type(error).__name__})") from error
    if not isinstance(data, dict):
        raise MalformedWebhook("the body is not a JSON object")
    cleaned: Dict[str, Any] = _storable(data, 0)
    return cleaned


def clean(text: str) -> str:
    """``text`` without NUL, half surrogates replaced."""
    return UNSTORABLE.sub(lambda found: "" if found[0] == "\x00" else "\ufffd", text)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _float(digits: str) -> Union[float, str]:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _storable(node: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise MalformedWebhook("the body is nested too deeply")
    if isinstance(node, str):
        return clean(node)
    if isinstance(node, dict):
        return {clean(key): _storable(value, depth + 1) for key, value in node.items()}
    if isinstance(node, list):
        return [_storable(value, depth + 1) for value in node]
    return node
