"""Looking into JSON that may hold anything: a wrong type reads as absent."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

Json = Dict[str, Any]


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


def first_of(node: Json, *names: str) -> Optional[str]:
    """The first string under ``names`` that is not blank."""
    for name in names:
        value = node.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None
