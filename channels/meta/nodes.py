"""Looking into JSON that may hold anything: a wrong type reads as absent."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional

Json = Dict[str, Any]

# WhatsApp began in 2009; nothing of ours runs in 2100.
EARLIEST, LATEST = 1_230_768_000, 4_102_444_800


class Unreadable(Exception):
    """A part that can't be read; the text says why, for whoever looks into the quarantine."""


def child(node: Json, name: str) -> Json:
    """The object at ``name``; empty when there is none."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def items(node: Json, name: str) -> List[Json]:
    """The objects of the list at ``name``; others in it are left out."""
    value = node.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_at(node: Json, name: str, limit: int) -> Optional[str]:
    """The string at ``name`` that is not blank, cut to ``limit``."""
    value = node.get(name)
    return value[:limit] if isinstance(value, str) and value.strip() else None


def name_at(node: Json, name: str, limit: int) -> Optional[str]:
    """The id or name at ``name``, a string or a whole number; None when it is longer than ``limit``."""
    value = node.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**20:
        value = str(value)
    fits = isinstance(value, str) and bool(value.strip()) and len(value) <= limit
    return value if fits else None


def first_of(node: Json, *names: str) -> Optional[str]:
    """The first string under ``names`` that is not blank."""
    for name in names:
        value = node.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None


def required(value: Any, name: str, limit: int) -> str:
    """``value``, a string that is not blank, at most ``limit`` long. Raises Unreadable."""
    if not isinstance(value, str) or not value.strip() or len(value) > limit:
        raise Unreadable(f"{name} is missing or unreadable")
    return value


def time_of(value: Any, otherwise: Optional[datetime] = None) -> datetime:
    """A time in seconds or milliseconds since 1970, as a number or digits, or ISO 8601. Raises Unreadable.

    ``otherwise`` is the time of what tells none at all.
    """
    if value is None and otherwise is not None:
        return otherwise
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 13:
        value = int(value)
    if isinstance(value, str):
        return _iso(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable("timestamp is missing or not a time")
    seconds, milliseconds = divmod(value, 1000) if value >= LATEST else (value, 0)
    if not EARLIEST <= seconds < LATEST:
        raise Unreadable("timestamp is missing or not a time")
    return datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=milliseconds * 1000)


def _iso(value: str) -> datetime:
    """Meta's ``2021-09-08T06:34:04+0000``: Python 3.10 reads a zone with a colon, and no ``Z``."""
    text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", re.sub(r"Z$", "+00:00", value.strip()))
    try:
        moment = datetime.fromisoformat(text)
        seconds = moment.timestamp() if moment.tzinfo else -1.0
        if not EARLIEST <= seconds < LATEST:
            raise Unreadable("timestamp is missing or not a time")
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError) as fault:
        raise Unreadable("timestamp is missing or not a time") from fault
