"""The utterances the assistant is measured by: one file a language, written apart from the training data.

A file is ``language`` (a code, or ``mixed``) and ``utterances``: each a ``text``, its ``intent`` and, where
things are named to buy, ``items``: quantity, unit, words and attributes, as ``LineItemExtractor`` gives them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import yaml

FOLDER = Path(__file__).parent / "utterances"
LANGUAGES = ("en", "pcm", "sw", "fr", "ha", "yo", "mixed")


class UtterancesWrong(ValueError):
    """A file of utterances can't be read; the text says which and why."""


@dataclass(frozen=True)
class Item:
    """One thing asked for; compared letter by letter, case aside."""

    words: str
    quantity: Optional[int] = None
    unit: Optional[str] = None
    attributes: Tuple[Tuple[str, str], ...] = ()

    @classmethod
    def read(cls, data: Dict[str, Any]) -> Item:
        """From YAML, or from what the extractor gave."""
        attributes = data.get("attributes") or {}
        return cls(
            words=" ".join(str(data.get("words") or "").lower().split()),
            quantity=data.get("quantity"),
            unit=data.get("unit"),
            attributes=tuple(sorted((name, str(value).lower()) for name, value in attributes.items())),
        )


@dataclass(frozen=True)
class Utterance:
    """What somebody wrote, and what they meant. ``items`` is None when items are not asked about."""

    language: str
    text: str
    intent: str
    items: Optional[Tuple[Item, ...]] = field(default=None)


def load(folder: Path = FOLDER) -> List[Utterance]:
    """Every utterance of every language. Raises UtterancesWrong."""
    return [utterance for path in sorted(folder.glob("*.yml")) for utterance in _file(path)]


def _file(path: Path) -> List[Utterance]:
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [_utterance(held["language"], entry) for entry in held["utterances"]]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as fault:
        raise UtterancesWrong(f"{path.name}: {type(fault).__name__}: {fault}") from fault


def _utterance(language: str, entry: Dict[str, Any]) -> Utterance:
    items = entry.get("items")
    return Utterance(
        language=language,
        text=str(entry["text"]),
        intent=str(entry["intent"]),
        items=None if items is None else tuple(Item.read(item) for item in items),
    )
