"""The small words inside facts, read from the domain: a price's unit, a stock level, a button's title.

They are said in the language of the turn under way, which ``speaking`` sets, else in the domain's first.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DOMAIN = Path(__file__).resolve().parent.parent / "bot" / "domain.yml"

_language: ContextVar[str | None] = ContextVar("language", default=None)


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Has ``phrase`` speak this language within the block, where the domain has it."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _phrases() -> dict[str, dict[str | None, str]]:
    """Each phrase by language; under None the one without a condition."""
    responses: dict[str, Any] = YAML(typ="safe").load(DOMAIN.read_text(encoding="utf-8"))["responses"]
    return {
        name: {_spoken_in(variation): variation["text"] for variation in reversed(variations)}
        for name, variations in responses.items()
        if name.startswith("phrase_")
    }


def _spoken_in(variation: dict[str, Any]) -> str | None:
    conditions = variation.get("condition") or []
    return next((one["value"] for one in conditions if one.get("name") == "language"), None)


def phrase(name: str, /, **facts: object) -> str:
    """The domain's ``phrase_<name>`` with the facts put in. Raises KeyError when the domain has none."""
    said = _phrases()[f"phrase_{name}"]
    return said.get(_language.get(), said[None]).format(**facts)


def has_phrase(name: str) -> bool:
    """Whether the domain has a ``phrase_<name>``."""
    return f"phrase_{name}" in _phrases()
