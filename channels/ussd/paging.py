"""An answer of the assistant as numbered screens of plain letters, each within what a network carries.

A screen is one answer, however many messages it has; its choices are numbered through, so that a number means
one thing on every page of it. Where the assistant waits for an amount, a bare number is that amount, and the
choices are numbered ``01``, ``02`` instead. Pictures are left out; nothing that is said is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from channels.gsm import plain, septets
from channels.messages import Card, Choice, OutboundMessage
from channels.ussd.words import Words

LIMIT = 182
"""Septets of a screen: 160 bytes of a network's message, seven bits each."""
MORE, BACK, HOME = "98", "0", "00"
MORE_TYPED = (MORE, "n", "N")

NUMBERED = re.compile(r"(\d{1,2})\. +(\S.*)")
SENTENCES = re.compile(r"(?<=[.!?])\s+")
CURRENCY = re.compile(r"\W*([A-Z]{3}|KSh|Ksh|Rs|F|N)\W*")
AMOUNT_ENDS = re.compile(r".*\d\W*")
AMOUNT_BEGINS = re.compile(r"\W*\d.*")

Place = Tuple[str, int]


@dataclass(frozen=True)
class Answer:
    """One message of an answer; ``id`` is its own, ``links_follow`` says that its link goes out by SMS."""

    id: str
    message: OutboundMessage
    links_follow: bool = False


@dataclass(frozen=True)
class Screen:
    """An answer in pages, without the line of keys below. ``marks`` lead to (message id, choice's place).

    ``is_last``: nothing is expected after it.
    """

    pages: Tuple[str, ...]
    marks: Dict[str, Place] = field(default_factory=dict)
    is_last: bool = False

    def to_json(self) -> Dict[str, Any]:
        """The JSON form that the API stores."""
        marks = {mark: list(place) for mark, place in self.marks.items()}
        return {"pages": list(self.pages), "marks": marks, "is_last": self.is_last}

    @classmethod
    def from_json(cls, data: Dict[str, Any]) -> Screen:
        """Reads ``to_json``'s form."""
        marks = {mark: (str(place[0]), int(place[1])) for mark, place in data["marks"].items()}
        return cls(tuple(data["pages"]), marks, bool(data["is_last"]))


def compile_screen(answers: Sequence[Answer], words: Words) -> Screen:
    """The screen of an answer; without pages when nothing of it can be said.

    A last one offers no choices: once it is shown, nobody can pick.
    """
    is_last = any(answer.message.is_last for answer in answers)
    marks = {} if is_last else _marks(answers)
    marked = {place: mark for mark, place in marks.items()}
    lines = [line for answer in answers for line in _lines(answer, marked, words) if line]
    whole = "\n".join(lines)
    if is_last and 0 < septets(whole) <= LIMIT:
        # No key is shown below it.
        return Screen((whole,), {}, is_last)
    return Screen(_paged(lines, words), marks, is_last)


def written(page: str, words: Words, *, has_more: bool, can_back: bool, can_home: bool) -> str:
    """A page with the keys it can be left by, at most ``LIMIT`` septets."""
    keys = [
        f"{key} {name}"
        for key, name, is_shown in (
            (MORE, words.more, has_more),
            (BACK, words.back, can_back),
            (HOME, words.home, can_home),
        )
        if is_shown
    ]
    return "\n".join(part for part in (page, " ".join(keys)) if part)


def _marks(answers: Sequence[Answer]) -> Dict[str, Place]:
    places = [(answer.id, place) for answer in answers for place, _ in enumerate(answer.message.all_choices)]
    counts = any(
        choice.entities.get("takes_quantity") for answer in answers for choice in answer.message.all_choices
    )
    zero = "0" if counts else ""
    return {f"{zero}{number}": place for number, place in enumerate(places, start=1)}


def _lines(answer: Answer, marked: Dict[Place, str], words: Words) -> Iterable[str]:
    """Everything a message says, a line each, its choices last."""
    message = answer.message
    told, labels = _told(message)
    yield from told
    for place, choice in enumerate(message.choices):
        yield _offer(marked.get((answer.id, place)), labels.get(place) or _label(choice))
    place = len(message.choices)
    for card in message.cards:
        yield _shown(card)
        for choice in card.choices:
            yield _offer(marked.get((answer.id, place)), _label(choice))
            place += 1
    for link in (message.link, message.pay):
        if link is None:
            continue
        yield _plain(words.by_sms if answer.links_follow else f"{link.title}: {link.url}")


def _offer(mark: Optional[str], label: str) -> str:
    return f"{mark}. {label}" if mark else ""


def _shown(card: Card) -> str:
    return _plain(", ".join(part for part in (card.title, card.description) if part))


def _label(choice: Choice) -> str:
    return _plain(", ".join(part for part in (choice.title, choice.description) if part))


def _told(message: OutboundMessage) -> Tuple[List[str], Dict[int, str]]:
    """The lines of the text, less those that only name a choice; and these, as the choices' labels.

    The assistant lists what it offers in its text too, under numbers of its own, for channels whose lists
    are short. Other numbered lines lose their number: it would stand beside a choice's.
    """
    told: List[str] = []
    labels: Dict[int, str] = {}
    for line in _plain_lines(message.text):
        numbered = NUMBERED.fullmatch(line)
        if numbered is None or not message.choices:
            told.append(line)
            continue
        place = int(numbered[1]) - 1
        if place not in labels and _names(numbered[2], message.choices, place):
            labels[place] = _with_description(numbered[2], message.choices[place])
        else:
            told.append(f"- {numbered[2]}")
    return told, labels


def _names(line: str, choices: Sequence[Choice], place: int) -> bool:
    if not 0 <= place < len(choices):
        return False
    title = _plain(choices[place].title).rstrip(".").lower()
    return bool(title) and line.lower().startswith(title)


def _with_description(line: str, choice: Choice) -> str:
    description = _plain(choice.description or "")
    return line if description.lower() in line.lower() else f"{line}, {description}"


def _plain_lines(text: str) -> List[str]:
    return [line for line in (_plain(line) for line in text.splitlines()) if line]


def _plain(text: str) -> str:
    return " ".join(plain(text).split())


def _paged(lines: Sequence[str], words: Words) -> Tuple[str, ...]:
    def room(*, has_more: bool) -> int:
        keys = written("", words, has_more=has_more, can_back=True, can_home=True)
        return LIMIT - septets(keys) - 1

    whole = "\n".join(lines)
    if septets(whole) <= room(has_more=False):
        return (whole,) if whole else ()
    pages = _Pages(room(has_more=True))
    for line in lines:
        pages.add(line, "\n")
    return tuple(pages.full)


class _Pages:
    """Pages being filled, line by line.

    A line of up to half a page is never broken; a longer one goes to a page of its own when the last is half
    full, and else goes on by sentences, words and, where a word is longer than a page, letters.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self.full: List[str] = []

    def add(self, piece: str, gap: str, depth: int = 0) -> None:
        """Puts ``piece`` behind what is there, ``gap`` between, or on a new page."""
        last = self.full[-1] if self.full else ""
        joined = f"{last}{gap}{piece}" if last else piece
        if septets(joined) <= self._room:
            self.full[-1:] = [joined]
        elif septets(piece) <= self._room and (depth > 1 or septets(last) >= self._room // 2):
            self.full.append(piece)
        else:
            pieces, inner = _finer(piece, depth)
            for place, part in enumerate(pieces):
                self.add(part, inner if place else gap, depth + 1)


def _finer(piece: str, depth: int) -> Tuple[Sequence[str], str]:
    if depth == 0:
        return SENTENCES.split(piece), " "
    if depth == 1:
        return _words(piece), " "
    return tuple(piece), ""


def _words(text: str) -> List[str]:
    """The words, those of one amount (``KSh 1 500``, ``2 500 F CFA``) kept together."""
    glued: List[str] = []
    for word in text.split():
        if glued and _is_one_amount(glued[-1], word):
            glued[-1] += f" {word}"
        else:
            glued.append(word)
    return glued


def _is_one_amount(before: str, after: str) -> bool:
    if AMOUNT_BEGINS.fullmatch(after):
        return bool(AMOUNT_ENDS.fullmatch(before) or CURRENCY.fullmatch(before))
    if not CURRENCY.fullmatch(after):
        return False
    last = before.rsplit(maxsplit=1)[-1]
    return bool(AMOUNT_ENDS.fullmatch(before) or (CURRENCY.fullmatch(last) and last != before))
