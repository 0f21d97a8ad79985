"""Numbered lines in plain text, which a person answers by typing the number."""

import re

from simulator.wire import Json

LINE = re.compile(r"^\s*\*?(\d{1,2})[.)]\*?\s+(\S.*?)\s*$", re.MULTILINE)


def numbered(text: str) -> tuple[Json, ...]:
    """The choices a text offers as ``1. First``: the id is what to type."""
    return tuple({"id": number, "title": title, "as": "number"} for number, title in LINE.findall(text))
