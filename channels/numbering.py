"""A message as words alone, for channels without buttons: pages are written out, choices are numbered.

A choice's number is its place in ``all_choices``, from 1, which is what the assistant takes a typed number
for. Where it waits for an amount, a bare number is that amount, and choices are numbered ``01``, ``02``
instead, as on a USSD screen. What the text lists with the same numbers already is not listed again; what it
numbers besides loses its numbers, since a number sent back picks a choice.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, List, Match, Optional, Sequence

from channels import cutting, payload
from channels.messages import Card, Choice, Link, OutboundMessage

LISTED = re.compile(r"^(\d{1,3})\.\s+(.*)$", re.MULTILINE)
ANSWER = "Reply"
LONGEST_OPENER = 40


def written(message: OutboundMessage, *, gap: str = "\n\n") -> str:
    """Everything ``message`` says, its parts ``gap`` apart; pictures alone are left to the caller."""
    text = visible(message.text)
    numbers = _Numbers(message, text)
    text = numbers.alone(text)
    parts = [text, *(_page(link, text) for link in (message.link, message.pay) if link)]
    parts.append(numbers.lines(message.choices, 0))
    place = len(message.choices)
    for card in message.cards:
        parts.append("\n".join(line for line in (_card(card), numbers.lines(card.choices, place)) if line))
        place += len(card.choices)
    parts.append(numbers.how_to_answer(message.opener))
    return gap.join(part for part in parts if part)


def visible(text: str) -> str:
    """``text`` as it can travel; empty when nothing of it would be seen."""
    return "" if cutting.is_blank(text) else payload.clean(text).strip()


def one_line(text: Optional[str]) -> str:
    """``text`` on one line, as it can travel."""
    return " ".join(visible(text or "").split())


class _Numbers:
    """How the choices of one message are numbered, and which of them its text lists already."""

    def __init__(self, message: OutboundMessage, text: str) -> None:
        self._choices = choices = message.all_choices
        self._count = len(choices)
        self._form = "{:02d}" if any(choice.entities.get("takes_quantity") for choice in choices) else "{}"
        self._listed = set(_listed(choices, text)) if self._form == "{}" else set()

    def lines(self, choices: Iterable[Choice], start: int) -> str:
        """The numbered lines of ``choices``, the first of which is at place ``start``."""
        lines: List[str] = []
        for place, choice in enumerate(choices, start=start):
            if place not in self._listed:
                lines.append(f"{self._form.format(place + 1)}. {described(choice)}".rstrip())
        return "\n".join(lines)

    def alone(self, text: str) -> str:
        """``text`` without numbers before lines that are no choices: a number sent back picks a choice."""
        if not self._count:
            return text
        return LISTED.sub(lambda line: line[0] if self._is_choice(line) else f"- {line[2]}", text)

    def _is_choice(self, line: Match[str]) -> bool:
        place = int(line[1]) - 1
        return place in self._listed and one_line(line[2]).startswith(one_line(self._choices[place].title))

    def how_to_answer(self, opener: Optional[str]) -> str:
        """The numbers there are, after the label that would open a list of them."""
        if not self._count:
            return ""
        first, last = self._form.format(1), self._form.format(self._count)
        numbers = first if self._count == 1 else f"{first}-{last}"
        return f"{cutting.cut(one_line(opener), LONGEST_OPENER) or ANSWER}: {numbers}"


def described(choice: Choice) -> str:
    """A choice's title and, where it says more, its description."""
    title, more = one_line(choice.title), one_line(choice.description)
    return " - ".join(part for part in (title, "" if more and more in title else more) if part)


def _listed(choices: Sequence[Choice], text: str) -> Iterator[int]:
    """The places of choices that a line of ``text`` gives with their number and all there is to say."""
    lines = [(int(number), one_line(rest)) for number, rest in LISTED.findall(text)]
    for place, choice in enumerate(choices):
        title, more = one_line(choice.title), one_line(choice.description)
        said = (rest for number, rest in lines if number == place + 1)
        if title and any(rest.startswith(title) and more in rest for rest in said):
            yield place


def _card(card: Card) -> str:
    return " - ".join(part for part in (one_line(card.title), one_line(card.description)) if part)


def _page(link: Link, text: str) -> str:
    """A page to open: its title, unless the text has it, and its address, unless the text has that."""
    title = one_line(link.title)
    if link.url in text.split():
        return "" if title in one_line(text) else title
    return link.url if not title or title in one_line(text) else f"{title}: {link.url}"
