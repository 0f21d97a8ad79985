"""The shapes an amount, a price limit, a size or a colour takes in a chat, and where a text has them.

A blank spaCy pipeline: nothing is downloaded and nothing is trained. The words are ``lexicon``'s; which
languages a message is read in is decided from its own words and from what the classifier heard.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Sequence, Tuple

import spacy
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc

from bot.components import numbers
from bot.components.letters import plain
from bot.components.lexicon import LANGUAGES, Lexicon, together
from bot.components.pieces import Pieces
from bot.components.weighing import Found, weighed

LARGEST_QUANTITY = 999
MEASURES = frozenset({"kg", "litre", "metre", "yard", "gallon"})
_EVERYWHERE = ("en", "pcm")
_HINTS_AT_LEAST = 2
_TELLING = 3


@dataclass(frozen=True)
class Reading:
    """A text in plain letters, as tokens, with what was found in them; and how it was really typed."""

    doc: Doc
    found: List[Found]
    text: str
    places: List[int]
    said: Tuple[str, ...]
    lexicon: Lexicon
    foreign: FrozenSet[int]

    def carries(self, place: int) -> bool:
        """Whether a token only carries a request; a word with accents is never English's ("thé")."""
        word = self.said[place]
        if place in self.foreign and word in _ENGLISH_ALONE:
            return False
        return self.lexicon.carries(word)

    def typed(self, start: int, end: int) -> str:
        """The tokens from ``start`` to before ``end`` as they were typed."""
        first, last = self.span(start, end)
        return self.text[first:last]

    def span(self, start: int, end: int) -> Tuple[int, int]:
        """Where those tokens stand in the text."""
        tokens = self.doc[start:end]
        return self.places[tokens.start_char], self.places[tokens.end_char]


class Grammar:
    """The blank pipeline with its matchers; made once a process."""

    def __init__(self) -> None:
        self._nlp = spacy.blank("xx")
        self._nlp.tokenizer = Pieces(self._nlp.vocab)
        self._shapes = _shapes(self._nlp)
        self._phrases = {code: _Phrases(self._nlp, lexicon) for code, lexicon in LANGUAGES.items()}

    def read(self, text: str, language: Optional[str] = None) -> Reading:
        """The tokens of ``text`` and what was found in them, in order, never overlapping.

        ``language`` is what it is thought to be in. Never raises.
        """
        letters, places = plain(text)
        doc = self._nlp.make_doc(letters)
        said = tuple(token.lower_ for token in doc)
        spoken = languages(said, language)
        lexicon = together(spoken)
        phrases = [found for code in spoken for found in self._phrases[code].find(doc)]
        found = _resolved([*phrases, *_counted(said, lexicon), *self._shaped(doc, lexicon)])
        foreign = _foreign(doc, text, places) if spoken[0] not in _EVERYWHERE else frozenset()
        return Reading(doc, _named(weighed(said, found, lexicon)), text, places, said, lexicon, foreign)

    def _shaped(self, doc: Doc, lexicon: Lexicon) -> Iterator[Found]:
        for key, start, end in self._shapes(doc):
            label = self._nlp.vocab.strings[key]
            value = _VALUES[label](doc, start, end, lexicon)
            if value != "":
                yield Found(label, start, end, value)


_ENGLISH_ALONE = frozenset(
    word
    for code in _EVERYWHERE
    for word in LANGUAGES[code].carriers | LANGUAGES[code].articles | LANGUAGES[code].pronouns
    if not any(one.carries(word) for name, one in LANGUAGES.items() if name not in _EVERYWHERE)
)


def _foreign(doc: Doc, text: str, places: List[int]) -> FrozenSet[int]:
    """The tokens that were typed with accents."""
    return frozenset(
        token.i for token in doc if not text[places[token.idx] : places[token.idx + len(token)]].isascii()
    )


def languages(said: Sequence[str], language: Optional[str]) -> Tuple[str, ...]:
    """The languages of a message, the one it is thought to be in first, then those its words speak for."""
    own = [language] if language in LANGUAGES else []
    heard: Counter[str] = Counter()
    for word in set(said):
        heard.update(_speaking(word))
    alone = _HINTS_AT_LEAST if language in _EVERYWHERE else _HINTS_AT_LEAST + 1
    least = alone if own else 1
    return tuple(
        dict.fromkeys([*own, *(code for code, hits in heard.most_common() if hits >= least), *_EVERYWHERE])
    )


@lru_cache(maxsize=4096)
def _speaking(word: str) -> Dict[str, int]:
    """The languages a word speaks for, and how loud; none, when English or Pidgin know it."""
    if any(LANGUAGES[code].knows(word) for code in _EVERYWHERE):
        return {}
    knowing = [code for code, one in LANGUAGES.items() if one.knows(word)]
    is_telling = len(knowing) == 1 and len(word) >= _TELLING
    return {code: _HINTS_AT_LEAST if is_telling or word in LANGUAGES[code].verbs else 1 for code in knowing}


def _key(doc: Doc, start: int, end: int) -> str:
    return " ".join(token.lower_ for token in doc[start:end])


_LABELS: Dict[str, Callable[[Lexicon], Any]] = {
    "UNIT": lambda one: one.units,
    "COLOUR": lambda one: one.colours,
    "SIZE": lambda one: one.sizes,
    "ORDINAL": lambda one: one.ordinals,
    "LIMIT": lambda one: one.limits,
    "CARRIER": lambda one: one.phrases,
    "CUT": lambda one: one.cuts,
    "BESIDE": lambda one: one.beside,
    "DENIAL": lambda one: one.denials,
    "PRICED_AT": lambda one: {phrase for phrase in one.priced_at if " " in phrase},
    "NAME": lambda one: one.names,
}


class _Phrases:
    """What one language calls things, as a matcher."""

    def __init__(self, nlp: Any, lexicon: Lexicon) -> None:
        self._strings = nlp.vocab.strings
        self._matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        self._values: Dict[str, Dict[str, int | str]] = {}
        for label, of in _LABELS.items():
            told = of(lexicon)
            docs = {phrase: nlp.make_doc(phrase) for phrase in told}
            self._matcher.add(label, list(docs.values()))
            meant = told if isinstance(told, dict) else {}
            self._values[label] = {
                _key(doc, 0, len(doc)): meant[phrase] for phrase, doc in docs.items() if meant
            }

    def find(self, doc: Doc) -> Iterator[Found]:
        """Each of them in a text, overlapping ones too."""
        for key, start, end in self._matcher(doc):
            label = self._strings[key]
            yield Found(label, start, end, self._values[label].get(_key(doc, start, end)))


def _token(words: FrozenSet[str] | Sequence[str]) -> Dict[str, Any]:
    return {"LOWER": {"IN": sorted(words)}}


def _all_of(name: str) -> FrozenSet[str]:
    said: FrozenSet[str] = frozenset().union(*(getattr(one, name) for one in LANGUAGES.values()))
    return frozenset(word for word in said if " " not in word)


def _shapes(nlp: Any) -> Matcher:
    """What is told by its shape rather than by its words."""
    matcher = Matcher(nlp.vocab)
    number = {"TEXT": {"REGEX": r"^\d{1,2}$"}}
    shoe = {"TEXT": {"REGEX": r"^(3[4-9]|4[0-7])$"}}
    sized = {"LOWER": {"REGEX": r"^(\d{1,2}([.,]5)?|[smlx]|x{1,3}l|\d?xl|\d{1,2}[a-e])$"}}
    named, big = _token(_all_of("size_names")), _token(frozenset(LANGUAGES["en"].sizes) | _all_of("sizes"))
    coloured = _token(_all_of("colours"))
    matcher.add(
        "MONEY",
        [
            [{"LOWER": {"REGEX": r"^([₦$€£]|(ngn|ksh|kshs|kes|tsh|ugx|fcfa|cfa|n)\.?)[ ]?\d"}}],
            [{"LOWER": {"REGEX": r"^\d[\d,]*(\.\d+)?k$"}}],
        ],
    )
    matcher.add(
        "NEGATIVE",
        [
            [{"TEXT": {"REGEX": r"^[-−]\d"}}],
            [_token(["minus", "negative"]), {"TEXT": {"REGEX": r"^\d+$"}}],
            [_token(["minus", "negative"]), _token(_all_of("numbers"))],
        ],
    )
    matcher.add(
        "SIZED",
        [
            [named, sized],
            [named, {"TEXT": ":"}, sized],
            [named, big],
            [big, named],
            [number, named],
            [_token(["en"]), shoe],
        ],
    )
    _add_references(matcher, number)
    matcher.add("POINTED", [[coloured, _token(["one", "ones"])], [big, _token(["one", "ones"])]])
    return matcher


def _add_references(matcher: Matcher, number: Any) -> None:
    matcher.add("REFERENCE", [
        [_token(["number", "num", "option", "item", "numero", "namba", "nambari", "lamba", "nomba", "choix"]),
         {"TEXT": ".", "OP": "?"}, number],
        [_token(["no", "nos", "n°"]), {"TEXT": "."}, number],
        [{"TEXT": "#"}, number],
        [_token(_all_of("last")), _token(["one", "ones", "item", "product"])],
        [_token(["this", "that", "which", "the", "d", "dis", "dat", "di"]), _token(["one", "ones"])],
        [_token(_all_of("ordinals")), _token(["one", "item", "option", "product", "choice"])],
    ])  # fmt: skip


def _money(doc: Doc, start: int, end: int, lexicon: Lexicon) -> float:
    found = re.search(r"(\d[\d,]*(?:\.\d+)?)([km]?)$", doc[start].lower_)
    scale = {"k": 1_000, "m": 1_000_000}.get(found[2], 1) if found else 1
    return float(found[1].replace(",", "")[:15]) * scale if found else 0.0


def _size(doc: Doc, start: int, end: int, lexicon: Lexicon) -> str:
    named = _all_of("size_names") | {"en"}
    said = next((token.lower_ for token in doc[start:end] if token.lower_ not in named | {":"}), "")
    return str(_SIZES.get(said, said))


def _place(doc: Doc, start: int, end: int, lexicon: Lexicon) -> Optional[int]:
    """Which one is meant, from 1; -1 is the last; None when only "this one" points at it."""
    said = [token.lower_ for token in doc[start:end]]
    if said[0] in _all_of("last"):
        return -1
    return lexicon.ordinals.get(said[0], numbers.digits(said[-1]))


_SIZES: Dict[str, str] = together(tuple(LANGUAGES)).sizes
_VALUES: Dict[str, Callable[[Doc, int, int, Lexicon], int | float | str | None]] = {
    "MONEY": _money,
    "NEGATIVE": lambda *_: None,
    "SIZED": _size,
    "REFERENCE": _place,
    "POINTED": lambda doc, start, end, lexicon: (
        lexicon.colours.get(doc[start].lower_) or lexicon.sizes.get(doc[start].lower_)
    ),
}


def _counted(said: Sequence[str], lexicon: Lexicon) -> Iterator[Found]:
    place = 0
    while place < len(said):
        number = numbers.read(said, place, lexicon)
        if number is None:
            place += 1
            continue
        yield Found("FRACTION" if number.value is None else "QUANTITY", place, number.end, number.value)
        place = number.end


# Of two stretches of the same length that begin at the same token, the first of these counts.
_ORDER = (
    "MONEY",
    "NEGATIVE",
    "NAME",
    "REFERENCE",
    "SIZED",
    "POINTED",
    "LIMIT",
    "DENIAL",
    "BESIDE",
    "CUT",
    "CARRIER",
    "PRICED_AT",
    "ORDINAL",
    "FRACTION",
    "QUANTITY",
    "COLOUR",
    "SIZE",
    "UNIT",
)


def _resolved(found: List[Found]) -> List[Found]:
    """The longest stretches, none of them over another, in the order of the text."""
    ranked = sorted(found, key=lambda one: (one.start - one.end, one.start, _ORDER.index(one.label)))
    taken: set[int] = set()
    kept: List[Found] = []
    for one in ranked:
        covered = set(range(one.start, one.end))
        if not covered & taken:
            taken |= covered
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _named(found: List[Found]) -> List[Found]:
    """Ordinals and "the blue one" point at things; a size named is a size."""
    meant = {"ORDINAL": "REFERENCE", "SIZED": "SIZE"}
    return [
        Found(
            ("SIZE" if one.value in _SIZES.values() else "COLOUR")
            if one.label == "POINTED"
            else meant.get(one.label, one.label),
            one.start,
            one.end,
            one.value,
        )
        for one in found
    ]
