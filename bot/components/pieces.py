"""How a chat message falls into tokens: words with their hyphens, numbers apart from what is glued to them.

"2kg" is "2" and "kg", "5k" stays together, and so do "7up", "a54" and "2xl"; "d'huile" is "d'" and "huile",
"vingt-cinq" three tokens, and "non-stick" one.
"""

from __future__ import annotations

import re
from typing import Iterator, List

from spacy.tokens import Doc
from spacy.vocab import Vocab

from bot.components.lexicon import LANGUAGES, words

PACK_UNITS = words("g gr gram grams gm gms mg ml cl cm mm inch inches gb tb mb w watt watts mah v ft btu")
_MONEY = (
    r"(?:[₦$€£]|(?<![^\W_])(?:ngn|ksh|kshs|kes|tsh|ugx|fcfa|cfa|n)\.?)[ ]?\d[\d,]*(?:\.\d+)?[km]?(?![^\W_])"
)
_PIECE = re.compile(
    rf"(?P<money>{_MONEY})"
    r"|(?P<negative>(?<![\w.])[-−]\d+(?:[.,]\d+)*)"
    r"|(?P<number>\d{1,3}(?:[ ]\d{3})+(?!\d)|\d+(?:[.,/⁄]\d+)*)(?P<glued>(?:[^\W\d_]+\d*)*)"
    r"|(?P<word>[^\W\d_]+(?:[^\W_](?!⁄))*(?:['’-](?=[^\W\d_])[^\W\d_]+)*)"
    r"|(?P<line>[ \t\r\f\v]*\n\s*)|(?P<space>\s+)|(?P<sign>.)",
    re.DOTALL | re.IGNORECASE,
)
_ELIDED = re.compile(r"((?:[dljmnstc]|qu|jusqu|lorsqu)')(?=\w{2}|[ay]\b)", re.IGNORECASE)
_TIMES = re.compile(r"(x)(\d+)$", re.IGNORECASE)
_WHOLE = frozenset(
    word for one in LANGUAGES.values() for said in (one.ordinals, one.sizes, one.carriers) for word in said
)
_SPLIT = frozenset({"x", *PACK_UNITS, "l", "m", *(word for one in LANGUAGES.values() for word in one.units)})
_MONEYS = frozenset(word for one in LANGUAGES.values() for word in one.money)


class Pieces:
    """A tokenizer for a blank pipeline; the tokens and spaces together are the text, letter by letter."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab

    def __call__(self, text: str) -> Doc:
        """The text as tokens. A line break, and white space longer than one space, are tokens too."""
        words: List[str] = []
        spaces: List[bool] = []
        for piece in _pieces(text):
            if piece == " " and words and not spaces[-1] and not words[-1].isspace():
                spaces[-1] = True
            else:
                words.append(piece)
                spaces.append(False)
        return Doc(self._vocab, words=words, spaces=spaces)


def _pieces(text: str) -> Iterator[str]:
    for found in _PIECE.finditer(text):
        if found["number"]:
            yield from _number(found["number"], found["glued"] or "")
        elif found["word"]:
            yield from _word(found["word"])
        else:
            yield found[0]


def _number(number: str, glued: str) -> Iterator[str]:
    whole = f"{number}{glued}".lower()
    if glued and whole not in _WHOLE and (glued.lower() in _SPLIT or glued.lower() in _MONEYS):
        yield number
        yield glued
    else:
        yield f"{number}{glued}"


def _word(word: str) -> Iterator[str]:
    elided = _ELIDED.match(word)
    times = _TIMES.match(word)
    if elided:
        yield elided[1]
        yield from _word(word[elided.end() :])
    elif times:
        yield from (times[1], times[2])
    elif "-" in word and word.lower() not in _WHOLE and _is_all_known(word.lower().split("-")):
        yield from re.split("(-)", word)
    else:
        yield word


def _is_all_known(parts: List[str]) -> bool:
    return all(
        any(
            one.knows(part) or part in one.halves | one.dozens | one.joints | {"un"}
            for one in LANGUAGES.values()
        )
        for part in parts
    )
