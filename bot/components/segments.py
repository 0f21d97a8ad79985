"""Where each thing named in a message begins and ends.

Commas, line breaks and words like "and", "na", "et", "da", "àti" part two things, and so does a verb that
wants something anew, or a second amount: "2 rice 3 beans", "mchele kilo mbili unga kilo moja". Two colours,
or the parts of a number, are not parted.
"""

from __future__ import annotations

import itertools
from typing import Dict, List, Set, Tuple

from bot.components.grammar import MEASURES, Reading
from bot.components.weighing import Found

Span = Tuple[int, int]
_SIGNS = frozenset({",", ";", "&", "+", "/", "!", "?", "•", "*", "–", "—", "|"})
_COUNTING = frozenset({"QUANTITY", "FRACTION", "NEGATIVE"})
_AFTER_THE_NOUN = frozenset({"UNIT", "QUANTITY", "COLOUR", "SIZE"})


def segments(reading: Reading, *, is_asking: bool = False) -> List[Span]:
    """The stretches of tokens that each name one thing or say one amount, in order, never overlapping.

    ``is_asking``: a question about goods, where what comes after "is" or "na" says nothing of how many.
    """
    parted: List[Span] = []
    for start, end in _parted(reading, is_asking=is_asking):
        for one in _by_verbs(reading, start, _until_the_cut(reading, start, end, is_asking=is_asking)):
            parted += _by_amounts(reading, *one)
    return _with_their_amounts(reading, parted)


def spans_in(reading: Reading, start: int, end: int) -> List[Found]:
    """What was found between two tokens."""
    return [span for span in reading.found if start <= span.start and span.end <= end]


def names_in(reading: Reading, start: int, end: int) -> List[int]:
    """The tokens between two that may name a thing: neither found to be something else nor mere carriers."""
    taken = _taken(reading, start, end)
    return [
        place
        for place in range(start, end)
        if place not in taken
        and any(letter.isalnum() for letter in reading.said[place])
        and not reading.carries(place)
    ]


def _taken(reading: Reading, start: int, end: int) -> Set[int]:
    kept = {"NAME", "PART"}
    return {
        place
        for span in reading.found
        if span.label not in kept and span.start < end and span.end > start
        for place in range(span.start, span.end)
    }


def _parted(reading: Reading, *, is_asking: bool) -> List[Span]:
    inside = {place for span in reading.found for place in range(span.start + 1, span.end)}
    inside |= {span.start for span in reading.found if span.label not in {"PRICE", "BESIDE", "DENIED"}}
    hard = {place for span in reading.found if span.label == "PRICE" for place in range(span.start, span.end)}
    with_ = {span.start: span.end for span in reading.found if span.label == "BESIDE"}
    with_ |= {place: place + 1 for place, word in enumerate(reading.said) if word == "with"}
    beside = {} if is_asking else with_
    parted, start = [], 0
    for place in range(len(reading.said)):
        if place in hard or (place not in inside and _parts(reading, place, beside)):
            if place > start:
                parted.append((start, place))
            start = place + 1
    return [*parted, (start, len(reading.said))] if start < len(reading.said) else parted


def _parts(reading: Reading, place: int, beside: Dict[int, int]) -> bool:
    word = reading.said[place]
    if "\n" in word or word in _SIGNS:
        return True
    if word == ".":
        return place + 1 == len(reading.said) or bool(reading.doc[place].whitespace_)
    if word == "-":
        return bool(reading.doc[place].whitespace_)
    if place in beside:
        return _starts_amount(reading, beside[place])
    return word in reading.lexicon.separators and not _joins_colours(reading, place)


def _starts_amount(reading: Reading, place: int) -> bool:
    if any(span.start == place and span.label in {"QUANTITY", "UNIT"} for span in reading.found):
        return True
    return place < len(reading.said) and reading.said[place] in {"a", "an"}


def _joins_colours(reading: Reading, place: int) -> bool:
    around = {span.end: "before" for span in reading.found if span.label == "COLOUR"}
    after = {span.start for span in reading.found if span.label == "COLOUR"}
    return place in around and place + 1 in after


def _until_the_cut(reading: Reading, start: int, end: int, *, is_asking: bool) -> int:
    """Where it begins to say for whom, why or when: "shoes for my son"."""
    counted = {span.start for span in reading.found if span.label in {"QUANTITY", "UNIT"}}
    for cut in (span for span in spans_in(reading, start, end) if span.label == "CUT"):
        if cut.end not in counted and _names_before(reading, start, cut.start):
            return cut.start
    if is_asking:
        said, breaks = reading.said, reading.lexicon.breaks
        # "Happen to have sneakers" goes on.
        broken = (
            place for place in range(start, end) if said[place] in breaks and said[max(place - 1, 0)] != "to"
        )
        for place in broken:
            if names_in(reading, start, place) and not any(
                _is_with_unit(reading, group) for group in amounts_in(reading, place, end)
            ):
                return place
    return end


def _is_with_unit(reading: Reading, group: Span) -> bool:
    return any(span.label == "UNIT" for span in spans_in(reading, *group))


def _names_before(reading: Reading, start: int, end: int) -> bool:
    units = [span for span in spans_in(reading, start, end) if span.label == "UNIT"]
    return bool(names_in(reading, start, end) or units)


def _by_verbs(reading: Reading, start: int, end: int) -> List[Span]:
    """A verb of wanting between two things named begins the second."""
    names = names_in(reading, start, end)
    cuts = [
        place
        for place in range(start + 1, end)
        if reading.said[place] in reading.lexicon.verbs
        and any(name < place for name in names)
        and any(name > place for name in names)
        and place not in _taken(reading, start, end)
        and reading.said[place - 1] not in reading.lexicon.verbs | {"to"}
    ]
    return _cut(start, end, cuts)


def _by_amounts(reading: Reading, start: int, end: int) -> List[Span]:
    """Where a second amount begins another thing; an amount before its noun begins one, after it ends one."""
    groups = amounts_in(reading, start, end)
    things = [group for group in groups if not is_pack(reading, group, groups)]
    names = names_in(reading, start, end)
    if len(things) < 2 or not names:
        return [(start, end)]
    is_before = any(things[0][1] <= name < things[1][0] for name in names) and not any(
        name < things[0][0] for name in names
    )
    cuts = [group[0] for group in things[1:]] if is_before else [group[1] for group in things[:-1]]
    return _cut(start, end, cuts)


def amounts_in(reading: Reading, start: int, end: int) -> List[Span]:
    """Each amount with the unit beside it."""
    spans = spans_in(reading, start, end)
    units = {span.start: span for span in spans if span.label == "UNIT"}
    before = {span.end: span for span in spans if span.label == "UNIT"}
    groups: List[Span] = []
    for span in spans:
        if span.label not in _COUNTING:
            continue
        behind = units.get(_skipped(reading, spans, span.end, forward=True))
        ahead = before.get(_skipped(reading, spans, span.start, forward=False))
        is_taken = bool(groups) and ahead is not None and ahead.start < groups[-1][1]
        if behind is not None and not (ahead is not None and not is_taken and _is_amount_next(spans, behind)):
            groups.append((span.start, behind.end))
        elif ahead is not None and not is_taken:
            groups.append((ahead.start, span.end))
        else:
            groups.append((span.start, span.end))
    return groups


def _skipped(reading: Reading, spans: List[Found], place: int, *, forward: bool) -> int:
    """The place past a size, or a linking word behind: "one big bag of", "douzaine de bouteilles"."""
    size = next(
        (one for one in spans if one.label == "SIZE" and place == (one.start if forward else one.end)), None
    )
    if size is not None:
        return size.end if forward else size.start
    is_linked = forward and place < len(reading.said) and reading.said[place] in {"de", "d'", "of"}
    return place + 1 if is_linked else place


def _is_amount_next(spans: List[Found], unit: Found) -> bool:
    """Whether the unit behind a number belongs to the next: "kilo mbili lita moja"."""
    return any(span.start == unit.end and span.label in _COUNTING for span in spans)


def is_pack(reading: Reading, group: Span, groups: List[Span]) -> bool:
    """Whether an amount says how much one of the thing holds ("2 bags of 5 kg rice"), beside another that
    says how many."""
    return is_measured(reading, group) and any(
        not is_measured(reading, other) for other in groups if other != group
    )


def is_measured(reading: Reading, group: Span) -> bool:
    """Whether it is counted in what a pack may hold."""
    return any(span.label == "UNIT" and span.value in MEASURES for span in spans_in(reading, *group))


def _with_their_amounts(reading: Reading, parted: List[Span]) -> List[Span]:
    """ "Rice, 2 bags" and "the rice, make it 2" name one thing: an amount without a name goes with the name
    before it that has none. "8 towels, sorry 5" means 5: the amount taken back is left out."""
    joined: List[Span] = []
    for start, end in parted:
        is_amount = bool(amounts_in(reading, start, end)) and not _names_before(reading, start, end)
        if joined and is_amount and not _points(reading, start, end):
            before = joined[-1]
            if not amounts_in(reading, *before) and names_in(reading, *before):
                joined[-1] = (before[0], end)
                continue
        joined.append((start, end))
    return joined


def _points(reading: Reading, start: int, end: int) -> bool:
    """Whether it points at another thing: "the rice and two small ones"."""
    return any(span.label in {"COLOUR", "SIZE", "REFERENCE"} for span in spans_in(reading, start, end))


def _cut(start: int, end: int, cuts: List[int]) -> List[Span]:
    edges = [start, *sorted({cut for cut in cuts if start < cut < end}), end]
    return list(itertools.pairwise(edges))
