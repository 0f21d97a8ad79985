"""Products shown side by side as Instagram's generic template, ten to a message.

What a card can't hold (it has two lines of 80 letters and three buttons of 20) is said in full beforehand;
choices beyond the third go on another card of the same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from channels import cutting
from channels.instagram import limits
from channels.messages import Card, choice_id
from channels.meta import offering
from channels.meta.offering import Placed

Json = Dict[str, Any]


@dataclass(frozen=True)
class Shelf:
    """Cards as template messages, and the words of theirs that must be said before."""

    messages: Tuple[Json, ...]
    legend: str


def build(cards: Sequence[Card], first: int, message_id: str) -> Shelf:
    """The shelf of ``cards``, whose choices are counted from ``first``."""
    elements: List[Json] = []
    legends: List[str] = []
    for card in cards:
        offered = offering.placed(card.choices, first)
        first += len(offered)
        made, legend = _elements(card, offered, message_id)
        elements += made
        legends += [legend] if legend else []
    pages = range(0, len(elements), limits.CARDS)
    return Shelf(
        tuple(template("generic", elements=elements[page : page + limits.CARDS]) for page in pages),
        "\n\n".join(legends),
    )


def template(kind: str, **held: Any) -> Json:
    """A message that is one of Instagram's templates."""
    payload = {"template_type": kind, **held}
    return {"attachment": {"type": "template", "payload": payload}}


def _elements(card: Card, offered: Sequence[Placed], message_id: str) -> Tuple[List[Json], str]:
    title, subtitle = offering.on_one_line(card.title), offering.on_one_line(card.description or "")
    shown = offering.titles([one.choice.title for one in offered], limits.BUTTON_TITLE)
    whole = "\n".join(part for part in (title, offering.readable(card.description or "")) if part)
    fits = cutting.width(title) <= limits.CARD_TITLE and cutting.width(subtitle) <= limits.CARD_SUBTITLE
    left = [] if fits else [whole]
    if offering.unseen(offered, shown, ""):
        left = [whole, offering.numbered(offered)]
    if not (subtitle or card.image_url or offered):
        # Instagram takes no card that has a title alone.
        return [], whole
    base = {
        "title": cutting.cut(title, limits.CARD_TITLE) or offering.POINTER,
        **({"subtitle": cutting.cut(subtitle, limits.CARD_SUBTITLE)} if subtitle else {}),
        **({"image_url": card.image_url} if card.image_url else {}),
    }
    buttons = [
        {"type": "postback", "title": label, "payload": choice_id(message_id, one.place)}
        for one, label in zip(offered, shown, strict=True)
    ]
    return [{**base, **held} for held in _shared_out(buttons)], "\n".join(part for part in left if part)


def _shared_out(buttons: Sequence[Json]) -> Iterator[Json]:
    if not buttons:
        yield {}
    for start in range(0, len(buttons), limits.BUTTONS):
        yield {"buttons": list(buttons[start : start + limits.BUTTONS])}
