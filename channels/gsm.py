"""The GSM 7-bit alphabet (3GPP TS 23.038): what counts on it, and how to write other letters with it.

Text messages and USSD screens are counted in septets; a letter outside the alphabet more than halves what
fits into a text message, and many phones show it as a box on a USSD screen.
"""

from __future__ import annotations

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
UNREADABLE = "?"

# What no decomposition brings into the alphabet, as people write it with a plain keyboard.
SPELLINGS = {
    "₦": "N",
    "₵": "GHS ",
    "₹": "Rs",
    "×": "x",
    "÷": "/",
    "⁄": "/",
    "…": "...",
    "‘": "'",
    "’": "'",
    "ʼ": "'",
    "‚": ",",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "•": "-",
    "·": "-",
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "→": "->",
    "✓": "OK",
    "ç": "c",
    "ɓ": "b",
    "Ɓ": "B",
    "ɗ": "d",
    "Ɗ": "D",
    "ƙ": "k",
    "Ƙ": "K",
    "ƴ": "y",
    "Ƴ": "Y",
    "œ": "oe",
    "Œ": "OE",
    "ŋ": "ng",
    "Ŋ": "Ng",
    "ɛ": "e",
    "Ɛ": "E",
    "ɔ": "o",
    "Ɔ": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ı": "i",
    "`": "'",
    "\t": " ",
}


def is_plain(text: str) -> bool:
    """Whether every letter of ``text`` is in the alphabet."""
    return all(letter in BASIC or letter in EXTENDED for letter in text)


def septets(text: str) -> int:
    """What ``text``, which is plain, takes of a message or screen; some letters count as two."""
    return sum(2 if letter in EXTENDED else 1 for letter in text)


def plain(text: str) -> str:
    """``text`` in the alphabet: accents it lacks are dropped, signs spelled out, pictures left out.

    A letter of another script becomes a question mark: that something stood there is not hidden.
    """
    return "".join(_spelled(letter) for letter in unicodedata.normalize("NFC", text))


def _spelled(letter: str) -> str:
    if letter in BASIC or letter in EXTENDED:
        return letter
    if letter in SPELLINGS:
        return SPELLINGS[letter]
    category = unicodedata.category(letter)
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if category[0] in "CM" or category in ("So", "Sk"):
        return ""
    base = unicodedata.normalize("NFKD", letter)
    rest = "".join(part for part in base if unicodedata.category(part)[0] != "M")
    if rest and rest != letter:
        return "".join(_spelled(part) for part in rest)
    return UNREADABLE
