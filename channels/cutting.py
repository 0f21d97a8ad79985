"""Cutting words to a provider's limits without losing any, and without breaking a letter or an emoji apart.

Lengths are UTF-16 code units, what phones count, unless the caller says what a letter costs.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Callable, List, Tuple

PARAGRAPH = re.compile(r"\n\s*\n")
LINE = re.compile(r"\n")
SENTENCE = re.compile(r"(?<=[.!?…。।።])\s+")
SPACE = re.compile(r"\s+")
JOINER = "\u200d"
ELLIPSIS = "…"


Cost = Callable[[str], int]


def units(letter: str) -> int:
    """What one letter takes, in UTF-16 code units."""
    return 2 if letter > "\uffff" else 1


def width(text: str) -> int:
    """The length of ``text`` in UTF-16 code units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def is_blank(text: str) -> bool:
    """Whether nothing of ``text`` would be seen: white space and invisible characters alone."""
    return all(
        letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for letter in text
    )


def split(text: str, limit: int, cost: Cost = units) -> Tuple[str, ...]:
    """``text`` in pieces of at most ``limit``, in order; only white space at the breaks is dropped.

    Breaks where a reader would: after a paragraph, a line, a sentence, a word; inside a word only when it is
    longer than a piece. Blank text has no pieces.
    """
    pieces: List[str] = []
    rest = text.strip()
    while (end := _fitting(rest, limit, cost)) < len(rest):
        end = _break(rest, end)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(piece for piece in (*pieces, rest) if not is_blank(piece))


def cut(text: str, limit: int) -> str:
    """``text`` on one line, shortened to ``limit`` with an ellipsis when it doesn't fit."""
    line = " ".join(text.split())
    if width(line) <= limit:
        return line
    return line[: _whole_letters(line, _fitting(line, limit - 1, units))].rstrip() + ELLIPSIS


def _fitting(text: str, limit: int, cost: Cost) -> int:
    """How many code points of ``text``, from its start, fit ``limit``."""
    used = 0
    for place, letter in enumerate(text):
        used += cost(letter)
        if used > limit:
            return place
    return len(text)


def _break(text: str, end: int) -> int:
    """Where to break ``text``, at ``end`` or before; the next best kind of break when it would be early."""
    window = text[: end + 1]
    for kind, earliest in ((PARAGRAPH, end // 2), (LINE, end // 2), (SENTENCE, end // 2), (SPACE, 1)):
        places = [found.start() for found in kind.finditer(window) if earliest <= found.start() <= end]
        if places:
            return places[-1]
    return _whole_letters(text, end)


def _whole_letters(text: str, end: int) -> int:
    """``end``, or a little before it, so that no accent, joined emoji or flag is broken apart."""
    place = end
    while place > max(0, end - 32) and _joins(text, place):
        place -= 1
    return place if place > max(0, end - 32) else end


def _joins(text: str, place: int) -> bool:
    """Whether the letters before and after ``place`` are shown as one."""
    if place >= len(text) or place == 0:
        return False
    before, after = text[place - 1], text[place]
    if JOINER in (before, after) or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    if _is_flag_half(before) and _is_flag_half(after):
        run = len(text[:place]) - len(text[:place].rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
        return run % 2 == 1
    return False


def _is_flag_half(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"
