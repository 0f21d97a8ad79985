"""Words that point at a place in a list, in the languages that are spoken here: "the second one", "deuxième",
"ya pili", "na biyu", "kejì", "number two", "namba mbili".

Alone, "two" or "méjì" may be an amount as well; an ordinal, or a number after a word such as "number", is
always a place. Accents and hooks may be left out, as on most keyboards.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Dict, Optional

from bot.components.carriers import words

# One line a number from 1: en and pcm, fr, sw, ha, yo.
_NUMBERS = """
one wan | un une | moja | daya | okan eni kan
two | deux | mbili | biyu | meji eji
three tri | trois | tatu | uku | meta eta
four | quatre | nne | hudu | merin erin
five | cinq | tano | biyar | marun marunun arun
six | six | sita | shida | mefa efa
seven | sept | saba | bakwai | meje eje
eight | huit | nane | takwas | mejo ejo
nine | neuf | tisa | tara | mesan mesanan esan
ten | dix | kumi | goma | mewa mewaa ewa
"""
_ORDINALS = """
first 1st | premier premiere 1er 1ere | kwanza | farko | akoko ekini kiini ikini
second 2nd | deuxieme seconde 2e 2eme | pili | | keji ikeji ekeji
third 3rd | troisieme 3e 3eme | | | keta iketa eketa
fourth 4th | quatrieme 4e 4eme | | | kerin ikerin ekerin
fifth 5th | cinquieme 5e 5eme | | | karun karunun ikarun ekarun
sixth 6th | sixieme 6e 6eme | | | kefa ikefa ekefa
seventh 7th | septieme 7e 7eme | | | keje ikeje ekeje
eighth 8th | huitieme 8e 8eme | | | kejo ikejo ekejo
ninth 9th | neuvieme 9e 9eme | | | kesan kesanan ikesan ekesan
tenth 10th | dixieme 10e 10eme | | | kewa kewaa ikewa ekewa
"""


def _table(lines: str) -> Dict[str, int]:
    rows = lines.strip().splitlines()
    return {word: place for place, row in enumerate(rows, start=1) for word in row.replace("|", " ").split()}


NUMBERS = _table(_NUMBERS)
ORDINALS = _table(_ORDINALS)
# Before a number they make it a place. The short ones do so in their own languages alone: "na uku" is the
# third in Hausa, "na two" an amount in Pidgin.
_MARKERS = words("number num nos option item numero choix namba nambari lamba nomba")
_LINKING = words("le la ya wa cha za na ta")
_ENGLISH = frozenset(word for row in _NUMBERS.strip().splitlines() for word in row.partition("|")[0].split())
_COURTESY = words("please pls plz abeg s il te vous plait svp merci tafadhali don allah jowo e ejowo ok okay")
_POINTING = words(
    "the di dis that this one ones i want choose pick select go for with take je veux prends choisis celui"
    " celle c est nataka naomba hiyo ina so son wannan mo fe ni"
)
_BESIDE = _MARKERS | _LINKING | _COURTESY | _POINTING
_ABBREVIATED = re.compile(r"\bn(?:°|º|o\.)\s*(?=[0-9])")
_HOOKS = str.maketrans("ɓɗƙƴ", "bdky")
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
    plain = unicodedata.normalize("NFD", _ABBREVIATED.sub("number ", text.lower()))
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Mn").translate(_HOOKS)
