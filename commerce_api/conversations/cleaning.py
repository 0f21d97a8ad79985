"""What strangers send, made storable: PostgreSQL takes no NUL, half surrogate pair or NaN."""

from typing import Any

from channels.payload import clean

LONGEST_TEXT = 4096
LONGEST_STRING = 16_384
MOST_ITEMS = 500
DEEPEST = 32
LARGEST_NUMBER = 2**63


def text(value: str | None, longest: int = LONGEST_TEXT) -> str | None:
    """``value`` storable and cut; None stays, and nothing but white space becomes None."""
    if value is None:
        return None
    return clean(value)[:longest].strip() or None


def json_value(value: Any, depth: int = 0) -> Any:
    """A JSON value storable and cut: long strings, long lists, and what lies too deep."""
    if isinstance(value, str):
        return clean(value)[:LONGEST_STRING]
    if isinstance(value, int | float):
        return value if abs(value) < LARGEST_NUMBER else None
    if value is None or depth >= DEEPEST:
        return None
    if isinstance(value, dict):
        kept = list(value.items())[:MOST_ITEMS]
        return {clean(str(key))[:LONGEST_STRING]: json_value(item, depth + 1) for key, item in kept}
    return [json_value(item, depth + 1) for item in list(value)[:MOST_ITEMS]]
