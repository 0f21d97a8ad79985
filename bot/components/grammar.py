"""The shapes an amount, a price limit, a size or a colour takes in a chat, as spaCy matchers.

The pipeline is blank and multi-language: nothing is downloaded and nothing is trained. ``label`` finds the
spans; the tables here are the whole vocabulary, so a new unit or colour is one more word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc, Span
from spacy.util import compile_infix_regex, filter_spans

from bot.components import vocabulary
from bot.components.carriers import words
from bot.components.letters import plain

LARGEST_QUANTITY = 999

_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBERS: Dict[str, int] = {
    **{word: value for value, word in enumerate(_ONES.split())},
    **{word: 10 * value for value, word in enumerate(_TENS.split(), start=2)},
    "hundred": 100,
    "couple": 2,
    "dozen": 12,
    **vocabulary.NUMBERS,
}
DOZENS = vocabulary.DOZENS | {"dozen", "dozens"}
HALVES = vocabulary.HALVES | {"half"}
ORDINALS: Dict[str, int] = {
    word: place
    for place, words in enumerate(
        (
            "first 1st",
            "second 2nd",
            "third 3rd",
            "fourth 4th",
            "fifth 5th",
            "sixth 6th",
            "seventh 7th",
            "eighth 8th",
            "ninth 9th",
            "tenth 10th",
        ),
        start=1,
    )
    for word in words.split()
}
UNITS: Dict[str, str] = {
    word: name
    for name, words in {
        "yard": "yard yards yd yds yrd yrds",
        "metre": "metre metres meter meters",
        "kg": "kg kgs kilo kilos kilogram kilograms",
        "litre": "litre litres liter liters ltr ltrs lt l",
        "bag": "bag bags",
        "sack": "sack sacks",
        "carton": "carton cartons ctn",
        "crate": "crate crates",
        "box": "box boxes",
        "bundle": "bundle bundles",
        "pack": "pack packs packet packets pkt sachet sachets",
        "piece": "piece pieces pcs pc",
        "set": "set sets",
        "pair": "pair pairs",
        "bottle": "bottle bottles",
        "tin": "tin tins can cans",
        "tray": "tray trays",
        "roll": "roll rolls",
        "cup": "cup cups",
        "bunch": "bunch bunches",
        "basket": "baskets",
        "derica": "derica dericas",
        "mudu": "mudu mudus",
        "paint": "paints paint",
        "congo": "congo congos",
        "tuber": "tuber tubers",
        "keg": "keg kegs jerrycan jerrican",
        "debe": "debe",
        "gorogoro": "gorogoro",
    }.items()
    for word in words.split()
}
UNITS.update(vocabulary.UNITS)
MEASURES = frozenset({"kg", "litre", "metre", "yard"})
SIZE_UNITS = words("g gram grams gm ml cl cm mm inch inches gb watt watts w")
SIZES: Dict[str, str] = {
    **{word: word for word in sorted(words("small medium large xs s m xl xxl xxxl 2xl 3xl"))},
    "big": "large",
    "l": "l",
    **vocabulary.SIZES,
}
COLOURS = (
    words(
        """
ash beige black blue brown burgundy champagne coral gold golden gray green grey indigo khaki
lilac magenta maroon multicolor multicolour mustard navy nude olive orange peach pink purple red royal
silver sky teal turquoise violet white yellow
"""
    )
    | vocabulary.COLOURS
)
_LIMITS = (
    "under",
    "below",
    "less than",
    "not more than",
    "no more than",
    "max",
    "maximum",
    "within",
    "up to",
    "at most",
    "cheaper than",
    "not above",
    *vocabulary.LIMITS,
)
_MONEY = r"^(₦|n|ngn|naira|ksh|kes|kshs|sh|/=|f|fcfa|cfa|xof|\$|shillings?|bob)$"
_AMOUNT = r"^(₦|n|ksh|kes)?\d[\d,]*(\.\d+)?[km]?$"
_GLUED = re.compile(r"^(\d[\d,.]*)([a-z]+)$")
_TIMES = re.compile(r"^(x)(\d+)$")


@dataclass(frozen=True)
class Found:
    """A labelled stretch of tokens; ``value`` is what it says: a number, or a canonical word."""

    label: str
    start: int
    end: int
    value: int | float | str | None = None


@dataclass(frozen=True)
class Reading:
    """A text without its accents, as tokens, with what was found in them; and how it was really typed."""

    doc: Doc
    found: List[Found]
    text: str
    places: List[int]

    def typed(self, start: int, end: int) -> str:
        """The tokens from ``start`` to before ``end`` as they were typed."""
        first, last = self.span(start, end)
        return self.text[first:last]

    def span(self, start: int, end: int) -> Tuple[int, int]:
        """Where those tokens stand in the text."""
        tokens = self.doc[start:end]
        return self.places[tokens.start_char], self.places[tokens.end_char]


def _token(*words: str) -> Dict[str, Any]:
    return {"LOWER": {"IN": list(words)}}


_DIGITS = {"TEXT": {"REGEX": r"^\d{1,3}(,\d{3})+$|^\d+$"}}
_PLACE = {"TEXT": {"REGEX": r"^\d{1,2}$"}}
_WORD = _token(*NUMBERS)
_ARTICLE = _token("a", "an")
_ORDINAL = _token(*ORDINALS)
_JOINT = {"TEXT": "-", "OP": "?"}
_POINTED = _token("one", "ones", "item", "option", "product", "choice")


_Patterns = Dict[str, List[List[Dict[str, Any]]]]


def _pointers() -> _Patterns:
    """What says how much money, and what points at something already shown."""
    limits = [[_token(word) for word in limit.split()] for limit in _LIMITS]
    amount = {"LOWER": {"REGEX": _AMOUNT}}
    money = {"LOWER": {"REGEX": _MONEY}, "OP": "?"}
    return {
        "PRICE": [
            *([*limit, money, amount, money] for limit in limits),
            *([*limit, money, _WORD, {**_WORD, "OP": "?"}, money] for limit in limits),
        ],
        "REFERENCE": [
            [_token("number", "num", "option", "item"), {"TEXT": ".", "OP": "?"}, _PLACE],
            [_token("no", "nos"), {"TEXT": "."}, _PLACE],
            [{"TEXT": "#"}, _PLACE],
            [_ORDINAL],
            [_ORDINAL, _POINTED],
            [_token("last"), _POINTED],
            [_token("this", "that", "which", "the"), _token("one", "ones")],
            [{"LOWER": {"IN": sorted(COLOURS | set(SIZES))}}, _token("one", "ones")],
        ],
    }


def _amounts() -> _Patterns:
    """How many or how much, good or not."""
    fraction = {"TEXT": {"REGEX": r"^\d+[.]\d+$|^\d+/\d+$|^[½¼¾]$|^\d+[½¼¾]$"}}
    return {
        "FRACTION": [
            [fraction],
            [_token("quarter", *HALVES)],
            [_DIGITS, fraction],
            [_WORD, _token("and"), _ARTICLE, _token("half", "quarter")],
            [_WORD, _token("et", "na", "da", "ati"), _token(*HALVES)],
        ],
        "NEGATIVE": [
            [{"TEXT": {"REGEX": r"^[-−]\d+([.,]\d+)*$"}}],
            [_token("minus", "negative"), _DIGITS],
            [_token("minus", "negative"), _WORD],
        ],
        "HALF_DOZEN": [
            [_token(*HALVES), _JOINT, {**_ARTICLE, "OP": "?"}, _token(*DOZENS)],
            [_token("une"), _token(*HALVES), _JOINT, _token(*DOZENS)],
            [_ARTICLE, _token("half"), _token("dozen")],
        ],
        "QUANTITY": [
            [_DIGITS],
            [_WORD],
            [_WORD, _JOINT, _WORD],
            [_WORD, _JOINT, _WORD, _JOINT, _WORD],
            [_token("ishirini", "thelathini", "arobaini", "hamsini"), _token("na"), _WORD],
            [_ARTICLE, _token("dozen", "couple", "hundred")],
            [_DIGITS, _token(*DOZENS)],
        ],
    }


def _properties() -> _Patterns:
    """Sizes, colours and measures."""
    return {
        "SIZE": [
            [_token("size", "sz"), {"TEXT": {"REGEX": r"^\w{1,4}$"}}],
            [_DIGITS, {"LOWER": {"IN": sorted(SIZE_UNITS)}}],
            [{"LOWER": {"IN": sorted(set(SIZES) - {"s", "m", "l"})}}],
        ],
        "COLOUR": [[{"LOWER": {"IN": sorted(COLOURS)}}]],
        "UNIT": [[{"LOWER": {"IN": sorted(UNITS)}}]],
    }


class Grammar:
    """The blank pipeline with its matchers; made once a process."""

    def __init__(self) -> None:
        self._nlp = spacy.blank("xx")
        breaks = [r"(?<=[^\W\d])[,;/+&](?=\w)", r"(?<=\d)[;+&](?=\w)", r"(?<=\d),(?=[^\W\d])"]
        tokenizer: Any = self._nlp.tokenizer
        infixes = compile_infix_regex([*(self._nlp.Defaults.infixes or ()), *breaks])
        tokenizer.infix_finditer = infixes.finditer
        self._matcher = Matcher(self._nlp.vocab)
        for label, patterns in {**_pointers(), **_amounts(), **_properties()}.items():
            self._matcher.add(label, patterns)

    def read(self, text: str) -> Reading:
        """The tokens of ``text`` and what was found in them, in order, never overlapping; the longest wins.

        Never raises.
        """
        letters, places = plain(text)
        doc = self._nlp(letters)
        with doc.retokenize() as retokenizer:
            for token in doc:
                parts = _glued_parts(token.lower_)
                if parts:
                    cut = len(parts[0])
                    retokenizer.split(
                        token, [token.text[:cut], token.text[cut:]], heads=[(token, 0), (token, 0)]
                    )
        spans = filter_spans(self._matcher(doc, as_spans=True))
        return Reading(doc, _with_articles(doc, [_found(span) for span in spans]), text, places)


def _with_articles(doc: Doc, found: List[Found]) -> List[Found]:
    """ "A bag" is one bag."""
    articles = [
        Found("QUANTITY", span.start - 1, span.start, 1)
        for span in found
        if span.label == "UNIT"
        and span.start
        and doc[span.start - 1].lower_ in {"a", "an"}
        and span.end < len(doc)
    ]
    return sorted([*found, *articles], key=lambda span: span.start)


def _glued_parts(word: str) -> Optional[Tuple[str, str]]:
    times = _TIMES.match(word)
    if times:
        return times.group(1), times.group(2)
    glued = _GLUED.match(word)
    if glued and (glued.group(2) in UNITS or glued.group(2) in SIZE_UNITS or glued.group(2) == "x"):
        return glued.group(1), glued.group(2)
    return None


def _found(span: Span) -> Found:
    label = span.label_
    if label == "QUANTITY":
        return _quantity(span)
    if label == "HALF_DOZEN":
        return Found("QUANTITY", span.start, span.end, 6)
    read = {"PRICE": _amount, "REFERENCE": _place, "UNIT": _unit, "SIZE": _size}.get(label, _lower)
    return Found(label, span.start, span.end, read(span))


def _lower(span: Span) -> str:
    return span.text.lower()


def _unit(span: Span) -> str:
    return UNITS[span.text.lower()]


def _size(span: Span) -> str:
    said = span.text.lower().split()
    size = said[-1] if said[0] in {"size", "sz"} else "".join(said)
    return SIZES.get(size, size)


def _amount(span: Span) -> float:
    digits = re.search(r"(\d[\d,]*(?:\.\d+)?)([km]?)\b", span.text.lower())
    if digits is None:
        return float(_composed([token.lower_ for token in span if token.lower_ in NUMBERS]))
    scale = {"k": 1_000, "m": 1_000_000}.get(digits.group(2), 1)
    return float(digits.group(1).replace(",", "")) * scale


def _place(span: Span) -> Optional[int]:
    """Which one is meant, from 1; -1 is the last; None when only "this one" or a colour points at it."""
    said = [token.lower_ for token in span]
    if said[0] == "last":
        return -1
    if said[0] in ORDINALS:
        return ORDINALS[said[0]]
    return int(said[-1]) if said[-1].isascii() and said[-1].isdigit() else None


def _quantity(span: Span) -> Found:
    words = [token.lower_ for token in span if token.text != "-" and token.lower_ not in {"a", "an", "na"}]
    return Found("QUANTITY", span.start, span.end, _composed(words))


def _composed(words: List[str]) -> int:
    """What number words one after the other come to."""
    total, place = 0, 0
    while place < len(words):
        word = words[place]
        after = words[place + 1] if place + 1 < len(words) else ""
        if word in vocabulary.SCALES_BEFORE and after and after not in vocabulary.SCALES_BEFORE:
            total += vocabulary.SCALES_BEFORE[word] * _number(after)
            place += 1
        elif word in vocabulary.SCALES_AFTER or word in DOZENS:
            total = (total or 1) * (vocabulary.SCALES_AFTER.get(word) or NUMBERS["dozen"])
        else:
            total += _number(word)
        place += 1
    return total


def _number(word: str) -> int:
    return NUMBERS[word] if word in NUMBERS else int(word.replace(",", "")[:12])
