"""A text as the classifiers see it: lower case, without accents and hooked letters, every number the same.

Shoppers write "ẹ káàárọ̀" and "e kaaro", "ɗaya" and "daya", "très" and "tres": to learn from one is to know
the other.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Iterator, List, Tuple

_HOOKED = str.maketrans(
    {
        "ɓ": "b",
        "ɗ": "d",
        "ƙ": "k",
        "ƴ": "y",
        "Ɓ": "B",
        "Ɗ": "D",
        "Ƙ": "K",
        "ø": "o",
        "œ": "oe",
        "æ": "ae",
        "’": "'",
        "‘": "'",
    }
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN = re.compile(r"[a-z0']+|[^\sa-z0']")
_LONG = re.compile(r"(.)\1{2,}")


def fold(text: str) -> str:
    """``text`` in plain lower-case letters, numbers as ``0``, drawn-out letters ("sooo") as two."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_HOOKED))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _LONG.sub(r"\1\1", _NUMBER.sub("0", plain))


def words(folded: str) -> Iterator[str]:
    """Single words and signs, and each two that follow one another."""
    tokens = [token.replace("'", "") or token for token in _TOKEN.findall(folded)]
    yield from tokens
    yield from (f"{first} {second}" for first, second in zip(["^", *tokens], [*tokens, "$"], strict=True))


def letters(folded: str, shortest: int = 2, longest: int = 5) -> Iterator[str]:
    """Runs of letters inside each word, its edges marked."""
    for token in _TOKEN.findall(folded):
        padded = f" {token} "
        for length in range(shortest, longest + 1):
            yield from (padded[place : place + length] for place in range(len(padded) - length + 1))


def plain(text: str) -> Tuple[str, List[int]]:
    """``text`` without accents and hooks, letter by letter, and where in ``text`` each letter stands."""
    kept: List[str] = []
    places: List[int] = []
    for place, letter in enumerate(text):
        for part in unicodedata.normalize("NFKD", letter.translate(_HOOKED)):
            if not unicodedata.combining(part):
                kept.append(part)
                places.append(place)
    return "".join(kept), [*places, len(text)]
