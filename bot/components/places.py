"""Words that point at a place in a list, in the languages that are spoken here: "the second one", "deuxième",
"ya pili", "na biyu", "kejì", "number two", "namba mbili".

Alone, "two" or "méjì" may be an amount as well; an ordinal, or a number after a word such as "number", is
always a place. Accents and hooks may be left out, as on most keyboards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Optional

from bot.components.letters import plain
from bot.components.lexicon import LANGUAGES, words

MOST_PLACES = 10
NUMBERS: Dict[str, int] = {
    word: value
    for one in LANGUAGES.values()
    for word, value in {**one.numbers, **one.counting}.items()
    if 0 < value <= MOST_PLACES
}
ORDINALS: Dict[str, int] = {word: place for one in LANGUAGES.values() for word, place in one.ordinals.items()}
# Before a number they make it a place. The short ones do so in their own languages alone: "na uku" is the
# third in Hausa, "na two" an amount in Pidgin.
_MARKERS = words("number num nos option item numero choix namba nambari lamba nomba")
_LINKING = words("le la ya wa cha za na ta")
_ENGLISH = frozenset(LANGUAGES["en"].numbers) | frozenset(LANGUAGES["pcm"].numbers)
_COURTESY = words("please pls plz abeg s il te vous plait svp merci tafadhali don allah jowo e ejowo ok okay")
_POINTING = words(
    "the di dis that this one ones i want choose pick select go for with take je veux prends choisis celui"
    " celle c est nataka naomba hiyo ina so son wannan mo fe ni"
)
_BESIDE = _MARKERS | _LINKING | _COURTESY | _POINTING
_ABBREVIATED = re.compile(r"\bn(?:°|º|o\.)\s*(?=[0-9])")
_JOINED = re.compile(r"(?<=\w)-(?=\w)")
_WORD = re.compile(r"[^\W_]+")
_LEADING_ZERO = re.compile(r"\W*0([1-9])\W*")
MOST_WORDS = 8


@dataclass(frozen=True)
class Pointed:
    """A place in a list, from 1; unless ``is_surely`` it may be meant as an amount."""

    place: int
    is_surely: bool


def pointed_at(text: str) -> Optional[Pointed]:
    """The place that the whole of ``text`` points at, and nothing more; None when it says anything else.

    Digits count only where they can't be an amount: "numéro 2", and "02", as lists print it beside amounts.
    """
    zero = _LEADING_ZERO.fullmatch(text)
    if zero:
        return Pointed(int(zero[1]), is_surely=True)
    said = _WORD.findall(_JOINED.sub("", _folded(text)))
    if not 0 < len(said) <= MOST_WORDS:
        return None
    return _ordinal(said) or _number(said)


def _ordinal(said: list[str]) -> Optional[Pointed]:
    places = [ORDINALS[word] for word in said if word in ORDINALS]
    rest = [word for word in said if word not in ORDINALS]
    if len(places) == 1 and all(word in _BESIDE for word in rest):
        return Pointed(places[0], is_surely=True)
    return None


def _number(said: list[str]) -> Optional[Pointed]:
    kept = [word for word in said if word not in _COURTESY]
    if len(kept) > 1 and kept[-2] in _MARKERS | _LINKING:
        place = NUMBERS.get(kept[-1]) or _digits(kept[-1])
        is_surely = kept[-2] in _MARKERS or (kept[-1] in NUMBERS and kept[-1] not in _ENGLISH)
        if place and all(word in _BESIDE for word in kept[:-1]):
            return Pointed(place, is_surely)
    if len(kept) == 1 and kept[0] in NUMBERS:
        return Pointed(NUMBERS[kept[0]], is_surely=False)
    return None


def _digits(word: str) -> Optional[int]:
    return int(word) if re.fullmatch("[0-9]{1,2}", word) else None


def _folded(text: str) -> str:
    return plain(_ABBREVIATED.sub("number ", text.lower()))[0].lower()
