"""Choices as Meta's channels offer them: under titles cut to a limit, and in full with a number beside them.

The number is the choice's place among all of the message's, counted from 1; the shopper may type it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, List, Optional, Sequence, Set, Tuple

from channels import cutting, payload
from channels.messages import Choice

POINTER = "👇"


@dataclass(frozen=True)
class Placed:
    """A choice and its place among all of the message's, from 0."""

    choice: Choice
    place: int


def placed(choices: Iterable[Choice], first: int = 0) -> Tuple[Placed, ...]:
    """``choices`` with their places, counted from ``first``."""
    return tuple(Placed(choice, place) for place, choice in enumerate(choices, start=first))


def titles(wanted: Sequence[str], limit: int) -> List[str]:
    """Titles within the limit that no shopper can take for one another: a number tells equal ones apart."""
    shown: List[str] = []
    taken: Set[str] = set()
    for place, whole in enumerate(wanted, start=1):
        title = cutting.cut(readable(whole), limit) or str(place)
        number = place
        while title.casefold() in taken:
            tail = f" {number}"
            title = cutting.cut(readable(whole) or str(place), limit - len(tail)) + tail
            number += len(wanted)
        taken.add(title.casefold())
        shown.append(title)
    return shown


def unseen(offered: Sequence[Placed], shown: Sequence[str], text: str) -> bool:
    """Whether buttons under these titles leave words of their choices unsaid."""
    return any(
        says_more(one.choice.title, title, text) or says_more(one.choice.description, "", text)
        for one, title in zip(offered, shown, strict=True)
    )


def says_more(whole: Optional[str], shown: str, text: str) -> bool:
    """Whether ``whole`` has words that neither what is shown nor the text has."""
    words = on_one_line(whole or "")
    return bool(words) and words not in shown and words not in on_one_line(text)


def numbered(offered: Sequence[Placed]) -> str:
    """Every choice in full on a line of its own, with the number to type for it."""
    lines = []
    for one in offered:
        described = (on_one_line(one.choice.title), on_one_line(one.choice.description or ""))
        lines.append(f"{one.place + 1}. " + " – ".join(part for part in described if part))
    return "\n".join(lines)


def readable(text: str) -> str:
    """``text`` as it can travel; empty when nothing of it would be seen."""
    return "" if cutting.is_blank(text) else payload.clean(text).strip()


def on_one_line(text: str) -> str:
    """``text`` as it can travel, its white space single."""
    return " ".join(readable(text).split())
