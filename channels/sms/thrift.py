"""A text in plain letters where that saves parts, and only where nothing is lost by it.

Dotted and hooked letters become plain ones, typographic signs keyboard ones, and decoration goes. A picture
that may mean something, another script, an address of a page: these stay as they are, and then the rest does
too, since one letter outside the alphabet costs as much as all.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Iterable, Optional

from channels import gsm
from channels.sms import parts

ADDRESS = re.compile(r"(\S*://\S+)")
KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
SPACES = re.compile(r"(?<=\S) {2,}")
# Pictures that only set a mood. Ticks, crosses, arrows, stars, hands and flags say something, and stay.
DECORATION = frozenset(
    "😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰🤗🤩🙂☺😇🥳😜🤝👋🙏🙌👏💪🎉🎊🎈✨💫🌟🔥💯❤💛💚💙💜🧡🖤🤍💖💕"
    "🛍🛒📦🚚🚛🛵🏠🏡🏪🏬💳💰💵💸🧾📱📞☎💬📝📌📍👇☰🎁👗👚👕👜👠👟🧵🪡🌶🍚🍅🛢🌾🥬🍌🍞"
)
INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0e\ufe0f")


def thrifty(text: str, apart: Iterable[str] = ()) -> str:
    """``text``, or its plain variant when it takes fewer parts; names that are ``apart`` must stay so."""
    spared = plain(text)
    if spared == text or parts.count(spared).parts >= parts.count(text).parts:
        return text
    different = {name.casefold() for name in apart}
    return spared if len({plain(name) for name in different}) == len(different) else text


def plain(text: str) -> str:
    """``text`` in plain letters as far as it goes; what has no plain form of the same meaning is left."""
    lines = unicodedata.normalize("NFC", KEYCAP.sub(r"\1", text)).split("\n")
    return "\n".join(_plain_line(line) for line in lines)


def _plain_line(line: str) -> str:
    # A line of decoration alone is no decoration.
    is_worded = any(letter.isalnum() for letter in line)
    pieces = ADDRESS.split(line)
    pieces[::2] = ["".join(_spelled(letter, is_worded) for letter in piece) for piece in pieces[::2]]
    spelled = "".join(pieces)
    return SPACES.sub(" ", spelled).strip() if spelled != line else line


def _spelled(letter: str, is_worded: bool) -> str:
    if gsm.is_plain(letter):
        return letter
    if letter in gsm.SPELLINGS:
        return gsm.SPELLINGS[letter]
    if letter in INVISIBLE or (is_worded and letter in DECORATION):
        return ""
    if unicodedata.category(letter) == "Zs":
        return " "
    bare = _bare(letter)
    return letter if bare is None else bare


def _bare(letter: str) -> Optional[str]:
    """A Latin letter less its accents, or an accent that stood on one; None for what isn't either."""
    if unicodedata.category(letter) == "Mn":
        return "" if "COMBINING" in unicodedata.name(letter, "") else None
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base != letter and gsm.is_plain(base) and base.isalpha() else None
