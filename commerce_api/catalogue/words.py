"""Text as search compares it: without case, accents, plurals and the many spellings of a unit.

Pure functions, used alike on what sellers write and on what shoppers ask, so that both meet.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

LONGEST_WORD = 40
LONGEST_TEXT = 5_000

# Letters that no decomposition turns into a Latin base letter: Hausa's hooked ones, and European ones.
_LETTERS = str.maketrans(
    {
        "ɓ": "b",
        "ɗ": "d",
        "ƙ": "k",
        "ƴ": "y",
        "ŋ": "n",
        "ɛ": "e",
        "ɔ": "o",
        "ø": "o",
        "đ": "d",
        "ł": "l",
        "ı": "i",
    }
    | {"æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d"}
)

_UNITS = {
    "ml": ("ml", "millilitre", "milliliter"),
    "cl": ("cl", "centilitre", "centiliter"),
    "l": ("l", "lt", "ltr", "litre", "liter", "lita"),
    "g": ("g", "gr", "gm", "gram", "gramme"),
    "kg": ("kg", "kilo", "kilogram", "kilogramme"),
    "mm": ("mm", "millimetre", "millimeter"),
    "cm": ("cm", "centimetre", "centimeter"),
    "m": ("m", "metre", "meter", "mita"),
    "in": ("in", "inch", "inche"),
    "yd": ("yd", "yard"),
}
_SCALE = {"ml": (1, "ml"), "cl": (10, "ml"), "l": (1000, "ml"), "g": (1, "g"), "kg": (1000, "g")} | {
    "mm": (1, "mm"),
    "cm": (10, "mm"),
    "m": (1000, "mm"),
    "in": (1, "in"),
    "yd": (1, "yd"),
}
_UNIT_OF = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings}
_UNIT = "|".join(sorted(_UNIT_OF, key=len, reverse=True))

_WORD = re.compile(
    rf"(?P<number>\d{{1,6}}(?:[.,]\d{{1,3}})?)\s?(?P<unit>{_UNIT})s?(?![\w\u0300-\u036f])"
    r"|(?P<compound>[^\W_][\w\u0300-\u036f]*(?:-[^\W_][\w\u0300-\u036f]*)+)"
    r"|(?P<word>(?:[^\W_][\u0300-\u036f]*)+)"
)
_PART = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu)['’ʼ](?=\w)")
_OWNED = re.compile(r"['’ʼ]s\b")

# What people say around a product's name: English and Pidgin, French, Swahili, Hausa, Yoruba.
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a an the of for and or with in on to i me my we us you your it its is are be do does can could
        would will have has got get give show find buy need want wanna looking look like some any pls
        plz please hi hello hey there this that these those how much sell selling abeg wey dey una abi o
        oo make wan un une le la les de du des et ou avec pour je tu vous nous veux voudrais cherche
        avez svp bonjour donnez ya wa za na kwa ni nataka naomba tafadhali mna hii ina son da ko don
        allah akwai mo fe ati jowo
        """,
    )
)


@dataclass(frozen=True)
class Word:
    """A word: ``stem`` is what is compared, ``shown`` how it was written, in lower case."""

    stem: str
    shown: str
    is_measure: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it has a digit: a size or number near enough to another is still another."""
        return any(character.isdigit() for character in self.stem)


def words(text: str) -> list[Word]:
    """The words of ``text`` in order. ``1L``, ``1 litre`` and ``100 cl`` are one and the same word."""
    return [word for word, _ in _read(text)]


def words_and_joins(text: str) -> tuple[list[Word], list[Word]]:
    """The words of ``text``, and besides them its compounds written as one: ``tshirt`` for ``t-shirt``."""
    found = list(_read(text))
    return [word for word, _ in found], [join for _, join in found if join is not None]


def fold(text: str) -> str:
    """``text`` in lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def stem(folded: str) -> str:
    """A folded word without its plural; the same for singular and plural, and not always a word itself."""
    if len(folded) <= 3 or any(character.isdigit() for character in folded):
        return folded
    is_plural = folded.endswith("s") and not folded.endswith(("ss", "us", "is"))
    if is_plural or folded.endswith("aux"):
        folded = folded[:-1]
    if folded.endswith("ie"):
        folded = folded[:-1]
    elif folded.endswith("y"):
        folded = folded[:-1] + "i"
    elif len(folded) > 3 and folded.endswith(("oe", "xe", "che", "she", "sse", "ze")):
        folded = folded[:-1]
    return folded


def sku_key(sku: str) -> str:
    """A SKU as search compares it: its letters and digits alone."""
    return "".join(character for character in fold(sku) if character.isalnum())


def _read(text: str) -> Iterator[tuple[Word, Word | None]]:
    plain = unicodedata.normalize("NFC", text[:LONGEST_TEXT].casefold())
    plain = _OWNED.sub("", _ELIDED.sub("", plain))
    for match in _WORD.finditer(plain):
        if match["unit"]:
            yield _measure(match), None
        elif match["compound"]:
            yield from _compound(match["compound"])
        else:
            yield _word(match["word"]), None


def _compound(written: str) -> Iterator[tuple[Word, Word | None]]:
    parts = [_word(part.group()) for part in _PART.finditer(written)]
    join = _word("".join(_PART.findall(written)))
    for place, part in enumerate(parts):
        yield part, join if place == 0 else None


def _word(written: str) -> Word:
    return Word(_stem_of(written), written[:LONGEST_WORD])


@lru_cache(maxsize=20_000)
def _stem_of(written: str) -> str:
    return stem(fold(written))[:LONGEST_WORD]


def _measure(match: re.Match[str]) -> Word:
    scale, base = _SCALE[_UNIT_OF[match["unit"]]]
    amount = (Decimal(match["number"].replace(",", ".")) * scale).normalize()
    return Word(f"{amount:f}{base}", match.group(), is_measure=True)
