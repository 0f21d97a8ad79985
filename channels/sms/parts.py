"""How many parts a text message is sent, and paid for, in.

3GPP TS 23.038 and 23.040: 160 septets of the GSM alphabet or 70 UTF-16 units fit alone; of a longer text each
part gives seven septets or three units to its place in the whole. One letter outside the alphabet turns the
whole text into UTF-16. Neither an escaped letter nor an emoji is broken over two parts.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels import gsm
from channels.cutting import units

GSM7, UCS2 = "GSM-7", "UCS-2"
ALONE = {GSM7: 160, UCS2: 70}
OF_SEVERAL = {GSM7: 153, UCS2: 67}


@dataclass(frozen=True)
class Count:
    """What a text takes: its encoding, its length in that encoding's units, and its parts."""

    encoding: str
    length: int
    parts: int


def count(text: str) -> Count:
    """How ``text`` would be sent; no text takes no part."""
    encoding = GSM7 if gsm.is_plain(text) else UCS2
    sizes = [cost(letter, encoding) for letter in text]
    length = sum(sizes)
    if length <= ALONE[encoding]:
        return Count(encoding, length, 1 if text else 0)
    parts, left = 1, OF_SEVERAL[encoding]
    for size in sizes:
        if size > left:
            parts, left = parts + 1, OF_SEVERAL[encoding]
        left -= size
    return Count(encoding, length, parts)


def cost(letter: str, encoding: str) -> int:
    """What one letter takes in ``encoding``."""
    return gsm.septets(letter) if encoding == GSM7 else units(letter)
