"""What number words and digits come to, in the six languages: "twenty-five", "quatre-vingt-dix", "elfu mbili
mia tano", "goma sha biyu", "ẹgbẹ̀rún méjì", "2,000", "half a dozen".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Dict, Optional, Sequence

from bot.components.lexicon import Lexicon

_DIGITS = re.compile(r"\d{1,3}(?:[, ]\d{3})+|\d+")
_FRACTION = re.compile(r"\d+[.,/⁄]\d+|\d+[.,]\d+")
_MOST_DIGITS = 12
DOZEN = 12


@dataclass(frozen=True)
class Number:
    """A number in a row of words: its value, None for a fraction, and the place behind its last word."""

    value: Optional[int]
    end: int


def read(said: Sequence[str], start: int, lexicon: Lexicon) -> Optional[Number]:
    """The longest number that begins at ``start``; None where none does."""
    return _dozens(said, start, lexicon) or _fraction(said, start, lexicon) or _whole(said, start, lexicon)


def digits(word: str) -> Optional[int]:
    """A whole number in digits, as far as it matters; None for anything else."""
    return int(re.sub(r"\D", "", word)[:_MOST_DIGITS]) if _DIGITS.fullmatch(word) else None


def _at(said: Sequence[str], place: int) -> str:
    return said[place] if place < len(said) else ""


def _dozens(said: Sequence[str], start: int, lexicon: Lexicon) -> Optional[Number]:
    """ "A dozen", "half a dozen", "une demi-douzaine", "two dozens", "dazeni mbili"."""
    place, is_half = start, False
    if _at(said, place) in {"a", "une", "la"}:
        place += 1
    if _at(said, place) in lexicon.halves:
        is_half, place = True, place + 1
        while _at(said, place) in {"a", "-", "ya", "de", "of"}:
            place += 1
    if _at(said, place) not in lexicon.dozens | lexicon.couples:
        return None
    one = 2 if said[place] in lexicon.couples else DOZEN
    place += 1
    times = 1 if is_half or place > start + 1 else _whole(said, place, lexicon)
    if isinstance(times, Number):
        return Number(one * (times.value or 1), times.end) if times.value and times.value < DOZEN else None
    return Number(one // 2 if is_half else one, place)


def _fraction(said: Sequence[str], start: int, lexicon: Lexicon) -> Optional[Number]:
    """ "1.5", "half", "two and a half", "moja na nusu", "2 1/2"."""
    parts = lexicon.halves | lexicon.quarters
    if _FRACTION.fullmatch(said[start]) and not _DIGITS.fullmatch(said[start]):
        return Number(None, start + 1)
    if said[start] in parts:
        return Number(None, start + 1)
    whole = _whole(said, start, lexicon)
    if whole is None:
        return None
    place = whole.end
    if _at(said, place) in lexicon.joints:
        place += 1
        while _at(said, place) in {"a", "un", "une"}:
            place += 1
        return Number(None, place + 1) if _at(said, place) in parts else None
    return Number(None, place + 1) if re.fullmatch(r"\d+[/⁄]\d+", _at(said, place)) else None


def _whole(said: Sequence[str], start: int, lexicon: Lexicon) -> Optional[Number]:
    first = _one(said, start, lexicon)
    if first is None or first.value is None:
        return None
    if digits(said[start]) is not None:
        return _multiplied(said, first, lexicon)
    total, end = first.value, first.end
    while True:
        following = _joined(said, end, total, lexicon)
        if following is None:
            return Number(total, end)
        total, end = following.value or 0, following.end


def _multiplied(said: Sequence[str], first: Number, lexicon: Lexicon) -> Number:
    """ "2 dozen", "5 thousand"."""
    word = _at(said, first.end)
    if word in lexicon.dozens:
        return Number((first.value or 0) * DOZEN, first.end + 1)
    if word in lexicon.scales_after:
        return Number((first.value or 0) * lexicon.scales_after[word], first.end + 1)
    return first


def _one(said: Sequence[str], place: int, lexicon: Lexicon) -> Optional[Number]:
    """One word, or a scale with how many of it: "elfu mbili"."""
    word = _at(said, place)
    if word in lexicon.scales_before:
        scale = lexicon.scales_before[word]
        times = digits(_at(said, place + 1)) or lexicon.numbers.get(_at(said, place + 1))
        return Number(scale * times, place + 2) if times and times < 100 else Number(scale, place + 1)
    value = digits(word)
    if value is None:
        value = lexicon.numbers.get(word, lexicon.scales_after.get(word))
    return None if value is None else Number(value, place + 1)


def _joined(said: Sequence[str], end: int, total: int, lexicon: Lexicon) -> Optional[Number]:
    """``total`` with the next number word; None when that one begins a number of its own."""
    place = end
    word = _at(said, place)
    if word in lexicon.dozens:
        return Number(total * DOZEN, place + 1)
    if word in lexicon.scales_after:
        scale = lexicon.scales_after[word]
        low = total % 1000
        grown = (total - low) + low * scale if scale == 100 and 0 < low < 100 else total * scale
        return Number(grown, place + 1)
    joint = word if word in lexicon.joints or word == "-" else ""
    if joint:
        place += 1
    if joint == "-" and _at(said, place) in lexicon.joints:
        joint, place = _at(said, place), place + 1
    if _at(said, place) == "-":
        place += 1
    after = _one(said, place, lexicon)
    if after is None or after.value is None or digits(_at(said, place)) is not None:
        return None
    return Number(_summed(total, after.value), after.end) if _fits(total, after.value, joint) else None


# What must hold of a number for its next word to go on with it: "two hundred and five", not "ten and five".
_JOINTS: Dict[str, Callable[[int, int], bool]] = {
    "and": lambda total, more: total % 100 == 0,
    "et": lambda total, more: more in {1, 11},
    "da": lambda total, more: total >= 20,
    "sha": lambda total, more: total == 10,
    "na": lambda total, more: total >= 10,
    "ati": lambda total, more: total % 100 == 0,
    "-": lambda total, more: total >= 10,
    "": lambda total, more: total >= 20 or (total == 10 and more in {7, 8, 9}),
}


def _fits(total: int, more: int, joint: str) -> bool:
    """Whether ``more`` goes on with the same number: twenty five, cent vingt, soixante dix, not five six."""
    if total == 4 and more == 20:
        return True
    if more <= 0 or more >= total or not _JOINTS.get(joint, _JOINTS["and"])(total, more):
        return False
    if total % 100 in {60, 80} and 10 <= more <= 19:
        return True
    return any(more < 10**power for power in (1, 2, 3, 6) if total % 10**power == 0)


def _summed(total: int, more: int) -> int:
    return 80 if total == 4 and more == 20 else total + more
