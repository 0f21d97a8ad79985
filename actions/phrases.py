"""The small words inside facts, read from the domain: a price's unit, a stock level, a button's title."""

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DOMAIN = Path(__file__).resolve().parent.parent / "bot" / "domain.yml"


@cache
def _phrases() -> dict[str, str]:
    responses: dict[str, Any] = YAML(typ="safe").load(DOMAIN.read_text(encoding="utf-8"))["responses"]
    return {
        name: variations[0]["text"] for name, variations in responses.items() if name.startswith("phrase_")
    }


def phrase(name: str, /, **facts: object) -> str:
    """The domain's ``phrase_<name>`` with the facts put in. Raises KeyError when the domain has none."""
    return _phrases()[f"phrase_{name}"].format(**facts)


def has_phrase(name: str) -> bool:
    """Whether the domain has a ``phrase_<name>``."""
    return f"phrase_{name}" in _phrases()
