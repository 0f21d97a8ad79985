"""Which known word a misspelt one means.

Every word is stored under the ways of writing its sound with up to two letters left out; a misspelt word is
looked up under its own. That finds everything within two edits by equality alone, which an index serves under
row-level security (the idea is Garbe's symmetric delete, github.com/wolfgarbe/SymSpell).
"""

import re
from collections.abc import Iterable
from itertools import combinations

from rapidfuzz.distance import OSA

KEY_LENGTH = 7
EDIT = 5
"""What one edit costs at least: it is heard, and seen."""

_SOUNDS = (
    (re.compile("ph"), "f"),
    (re.compile("ck|q"), "k"),
    (re.compile("c(?=[ei])"), "s"),
    (re.compile("c(?!h)"), "k"),
    (re.compile("z"), "s"),
    (re.compile("y"), "i"),
    (re.compile("(?<=[bdgkprtw])h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


def sound(stem: str) -> str:
    """A stem as it sounds, roughly, in the languages of the shops: ``garri`` and ``gary`` are one."""
    for pattern, replacement in _SOUNDS:
        stem = pattern.sub(replacement, stem)
    return stem


def keys(stem: str, *, edits: int = 2) -> set[str]:
    """What ``stem`` is stored and looked up under."""
    start = sound(stem)[:KEY_LENGTH]
    found = {start}
    for left_out in range(1, min(edits, len(start) - 1) + 1):
        for places in combinations(range(len(start)), left_out):
            found.add("".join(letter for place, letter in enumerate(start) if place not in places))
    return found


def edits_allowed(stem: str) -> int:
    """How many edits of a word of this length still mean the same word."""
    length = len(sound(stem))
    if length < 3:
        return 0
    return 1 if length < 6 else 2


def rank(misspelt: str, candidates: Iterable[str]) -> list[tuple[int, str]]:
    """Those candidates that ``misspelt`` may mean, with their cost, the likeliest first."""
    allowed = edits_allowed(misspelt)
    heard = sound(misspelt)
    ranked = []
    for candidate in candidates:
        other = sound(candidate)
        distance = OSA.distance(heard, other, score_cutoff=allowed)
        if distance <= allowed and _is_plausible(heard, other, distance):
            cost = EDIT * distance + OSA.distance(misspelt, candidate) + (misspelt[0] != candidate[0])
            ranked.append((cost, candidate))
    return sorted(ranked)


def _is_plausible(heard: str, other: str, distance: int) -> bool:
    """People seldom miss the first letter, and hardly in a short word or beside another slip."""
    if distance == 0 or heard[0] == other[0]:
        return True
    return distance == 1 and (len(heard) >= 5 or sorted(heard) == sorted(other))
