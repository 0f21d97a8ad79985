"""The words that say how many, how big and in which colour, and those that only carry a request: one file a
language in ``words/``, in plain lower-case letters, read once.

Most keys hold words parted by spaces, or a list where some are phrases of several words. ``together`` joins
what several languages say, since shoppers mix them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterable, Pattern, Tuple

import yaml

FOLDER = Path(__file__).parent / "words"


def words(text: str) -> FrozenSet[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Lexicon:
    """What one language, or several together, call things; the keys of the files.

    Numbers map to values, units, sizes and colours to their English names; the others are sets. ``counting``
    are number words that count without a thing (Yorùbá "ení, èjì"): places in a list, never amounts.
    ``scales_before`` stand before how many there are of them, as in "elfu mbili". ``beside`` parts two things
    where an amount follows; ``denials`` come before an amount that is not meant; ``sources`` before the one
    that was; ``cuts`` begin what no longer names the thing; ``verbs`` begin what is wanted; ``names`` are
    names of goods that look like an amount or a colour; ``acts`` are what one does to a cart, by intent, and
    ``thens`` the words between two of them; ``patterns`` find conjugated carriers.
    """

    numbers: Dict[str, int] = field(default_factory=dict)
    counting: Dict[str, int] = field(default_factory=dict)
    scales_after: Dict[str, int] = field(default_factory=dict)
    scales_before: Dict[str, int] = field(default_factory=dict)
    ordinals: Dict[str, int] = field(default_factory=dict)
    units: Dict[str, str] = field(default_factory=dict)
    sizes: Dict[str, str] = field(default_factory=dict)
    colours: Dict[str, str] = field(default_factory=dict)
    acts: Dict[str, str] = field(default_factory=dict)
    thens: FrozenSet[str] = frozenset()
    joints: FrozenSet[str] = frozenset()
    halves: FrozenSet[str] = frozenset()
    quarters: FrozenSet[str] = frozenset()
    dozens: FrozenSet[str] = frozenset()
    couples: FrozenSet[str] = frozenset()
    last: FrozenSet[str] = frozenset()
    size_names: FrozenSet[str] = frozenset()
    size_letters: FrozenSet[str] = frozenset()
    colour_names: FrozenSet[str] = frozenset()
    limits: FrozenSet[str] = frozenset()
    limits_after: FrozenSet[str] = frozenset()
    money: FrozenSet[str] = frozenset()
    priced_at: FrozenSet[str] = frozenset()
    separators: FrozenSet[str] = frozenset()
    beside: FrozenSet[str] = frozenset()
    links: FrozenSet[str] = frozenset()
    articles: FrozenSet[str] = frozenset()
    pronouns: FrozenSet[str] = frozenset()
    cuts: FrozenSet[str] = frozenset()
    denials: FrozenSet[str] = frozenset()
    sources: FrozenSet[str] = frozenset()
    breaks: FrozenSet[str] = frozenset()
    others: FrozenSet[str] = frozenset()
    subjects: FrozenSet[str] = frozenset()
    mends: FrozenSet[str] = frozenset()
    verbs: FrozenSet[str] = frozenset()
    carriers: FrozenSet[str] = frozenset()
    phrases: FrozenSet[str] = frozenset()
    names: FrozenSet[str] = frozenset()
    patterns: Tuple[Pattern[str], ...] = ()

    @cached_property
    def _carried(self) -> FrozenSet[str]:
        return self.carriers | self.links | self.articles | self.pronouns | self.verbs

    @cached_property
    def _known(self) -> FrozenSet[str]:
        told = (self.numbers, self.scales_before, self.scales_after, self.units, self.sizes, self.colours)
        return self._carried.union(self.separators, *told)

    def carries(self, word: str) -> bool:
        """Whether the word only carries a request, and names nothing."""
        return word in self._carried or any(pattern.match(word) for pattern in self.patterns)

    def knows(self, word: str) -> bool:
        """Whether the word is one of these at all."""
        return word in self._known or any(pattern.match(word) for pattern in self.patterns)


_NUMBERED = frozenset({"numbers", "counting", "scales_after", "scales_before", "ordinals"})
_NAMED = frozenset({"units", "sizes", "colours", "acts"})


def _said(value: Any) -> Tuple[str, ...]:
    return tuple(str(phrase) for phrase in value) if isinstance(value, list) else tuple(str(value).split())


def _read(path: Path) -> Lexicon:
    held: Dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    read: Dict[str, Any] = {}
    for key, value in held.items():
        if key in _NUMBERED or key in _NAMED:
            read[key] = {said: meant for meant, told in value.items() for said in _said(told)}
        elif key == "patterns":
            read[key] = tuple(re.compile(pattern) for pattern in value)
        else:
            read[key] = frozenset(_said(value))
    return Lexicon(**read)


LANGUAGES: Dict[str, Lexicon] = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yml"))}


@lru_cache(maxsize=1024)
def together(languages: Tuple[str, ...]) -> Lexicon:
    """What these languages say. The first one's meaning of a word counts: what carries a request there parts
    no two things because another language says so."""
    first = LANGUAGES[languages[0]]
    joined: Dict[str, Any] = {}
    for one in fields(Lexicon):
        values = [getattr(LANGUAGES[language], one.name) for language in languages]
        joined[one.name] = _joined(values)
    own = first.carriers | first.links
    joined["separators"] = first.separators | (joined["separators"] - own)
    return Lexicon(**joined)


def _joined(values: Iterable[Any]) -> Any:
    listed = list(values)
    if isinstance(listed[0], dict):
        return {word: meant for value in reversed(listed) for word, meant in value.items()}
    if isinstance(listed[0], tuple):
        return tuple(part for value in listed for part in value)
    return frozenset().union(*listed)
