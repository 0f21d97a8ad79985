"""Order numbers: two letters of the shop and five drawn at random, such as ``MN-7K4Q2``.

Said over the phone and typed by hand, hence an alphabet without look-alikes; 24 million a shop, so that a
number can't be guessed from another.
"""

import re
import secrets
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 5

Draw = Callable[[str], str]


def prefix(slug: str) -> str:
    """Two letters or digits that stand for a shop: ``mama-ngozi`` gives ``MN``, ``shop`` gives ``SH``."""
    words = [word for word in slug.upper().split("-") if word]
    letters = words[0][0] + words[1][0] if len(words) > 1 else "".join(words)[:2]
    return letters.ljust(2, "X")


def propose(slug: str, draw: Draw = secrets.choice) -> str:
    """A number that may be taken already."""
    return f"{prefix(slug)}-{''.join(draw(ALPHABET) for _ in range(LENGTH))}"


def read(typed: str) -> str:
    """A number, or its start, as people type it (``mn 7k4q2``, ``#MN7K4Q2``) in the number's own spelling."""
    bare = re.sub(r"[^0-9A-Za-z]", "", typed).upper()
    return f"{bare[:2]}-{bare[2:]}" if len(bare) > 2 else bare
