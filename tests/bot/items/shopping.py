"""Sentences of shoppers with what they ask for, a file a language.

A line is ``text => items``, the items parted by " + ": an amount, a unit, the words, then ``@`` and the
colour, ``%`` and the size; "-" where there is none. A "? " before the text: goods are looked for, none taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bot.scoreboard.utterances import Item

FOLDER = Path(__file__).parent
_ITEM = re.compile(
    r"(?P<quantity>\S+) (?P<unit>\S+) ?(?P<words>[^@%]*)(?:@(?P<colour>[^%]+))?(?:%(?P<size>.+))?"
)


@dataclass(frozen=True)
class Sentence:
    """What somebody wrote, and what is asked for."""

    language: str
    text: str
    intent: str | None
    items: tuple[Item, ...]


def read(language: str) -> list[Sentence]:
    """The sentences of a language, or of ``mixed`` ones."""
    lines = (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return [_sentence(language, line) for line in lines if "=>" in line]


def _sentence(language: str, line: str) -> Sentence:
    text, noted = (part.strip() for part in line.split("=>"))
    intent = "search_product" if text.startswith("? ") else None
    items = tuple(item for part in noted.split(" + ") if (item := _item(part.strip())) != Item(words=""))
    return Sentence(language, text.removeprefix("? "), intent, items)


def _item(noted: str) -> Item:
    found = _ITEM.fullmatch(noted)
    assert found, noted
    attributes = {name: found[name].strip() for name in ("colour", "size") if found[name]}
    quantity, unit = (None if found[name] == "-" else found[name] for name in ("quantity", "unit"))
    return Item.read(
        {
            "quantity": int(quantity) if quantity else None,
            "unit": unit,
            "words": found["words"],
            "attributes": attributes,
        }
    )
