"""What is left to search for, once amounts, attributes and the words that carry them are gone."""

from __future__ import annotations

import re
from typing import List, Set

from bot.components.grammar import Reading
from bot.components.lexicon import words

LONGEST = 120
# Nothing but a verb follows these.
_PERSONS = words("i we they he she")
# "I have asked", "you already promised": what ends so behind one of these is a verb.
_HELPING = words("have has had having just already 've i've we've was were been never didn't been")
_DONE = re.compile(r"[a-z]{2,}(?:ed|ught)$")


def words_of(reading: Reading, start: int, end: int, taken: Set[int]) -> str:
    """The words between two tokens that name the thing, lower case; empty when none do."""
    bare = _bare(reading, start, end)
    left = [place for place in range(start, end) if place not in taken and reading.said[place].strip()]
    left = _from_the_name(reading, left, bare)
    left = _first_name(reading, left, bare)
    while left and left[-1] in bare:
        left.pop()
    if all(reading.said[place] in reading.lexicon.pronouns for place in left):
        return ""
    return _typed(reading, left)[:LONGEST].strip()


def _bare(reading: Reading, start: int, end: int) -> Set[int]:
    """The tokens that name nothing where they begin or end a name."""
    carried = {
        place
        for span in reading.found
        if span.label in {"CARRIER", "CUT", "BESIDE", "PRICED_AT", "DENIAL", "LIMIT"}
        for place in range(span.start, span.end)
    }
    named = {
        place
        for span in reading.found
        if span.label in {"NAME", "PART"}
        for place in range(span.start, span.end)
    }
    coloured = {
        place for span in reading.found if span.label == "COLOUR" for place in (span.start, span.end + 1)
    }
    lexicon = reading.lexicon
    return {
        place
        for place in range(start, end)
        if place in carried
        or (
            place not in named
            and (
                not any(letter.isalnum() for letter in reading.said[place])
                or reading.carries(place)
                or reading.said[place] in lexicon.size_names | lexicon.separators
                or (reading.said[place] in lexicon.colour_names and coloured & {place + 1, place + 2})
            )
        )
    }


def _from_the_name(reading: Reading, left: List[int], bare: Set[int]) -> List[int]:
    """Without what comes before the name; what follows "I", "vous" or "zan" is a verb, when more comes."""
    for at, place in enumerate(left):
        before = reading.said[place - 1] if place else ""
        is_verb = before in reading.lexicon.subjects and any(later not in bare for later in left[at + 1 :])
        is_verb = is_verb or _is_done(reading, place) or _leads_to_a_verb(reading, left[at:], bare)
        if place not in bare and not is_verb and before not in _PERSONS:
            return left[at:]
    return []


def _is_done(reading: Reading, place: int) -> bool:
    return place > 0 and reading.said[place - 1] in _HELPING and bool(_DONE.match(reading.said[place]))


def _leads_to_a_verb(reading: Reading, left: List[int], bare: Set[int]) -> bool:
    """Whether a name comes only later: "happen to have sneakers", "hoping to get rice"."""
    if len(left) < 4 or left[0] + 2 >= len(reading.said) or reading.said[left[0] + 1] != "to":
        return False
    verb = reading.said[left[0] + 2]
    return reading.lexicon.carries(verb) and any(place not in bare for place in left[3:])


def _first_name(reading: Reading, left: List[int], bare: Set[int]) -> List[int]:
    """Up to where two words in a row say nothing, unless they only link: "rice wey you get"."""
    links = reading.lexicon.links | reading.lexicon.articles
    kept: List[int] = []
    idle: List[int] = []
    for place in left:
        if kept and reading.said[place] in reading.lexicon.breaks:
            return kept
        idle = [*idle, place] if place in bare else []
        kept.append(place)
        if len(idle) > 1 and not all(
            reading.said[one] in links or not reading.said[one].isalnum() for one in idle
        ):
            return kept
    return kept


def _typed(reading: Reading, left: List[int]) -> str:
    said = ""
    for before, place in zip([None, *left[:-1]], left, strict=True):
        is_glued = before is not None and before + 1 == place and not reading.doc[before].whitespace_
        said += ("" if is_glued or not said else " ") + reading.typed(place, place + 1).strip().lower()
    return said
