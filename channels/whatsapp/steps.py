"""The interactive things a WhatsApp message is made of, each one request with words of its own.

A title that had to be cut is named in full, with its number, in the words that go with its step; the shopper
may type that number, which is the choice's place among all of the message's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence

from channels import cutting
from channels.messages import Choice, Link, choice_id
from channels.meta.offering import (
    POINTER,
    Placed,
    numbered,
    on_one_line,
    readable,
    says_more,
    titles,
    unseen,
)
from channels.whatsapp import limits

Json = Dict[str, Any]

OPENER = "☰"
PIN = "📍"
PHONE = "📱"
TAKES_HEADER = ("button", "cta_url")


@dataclass(frozen=True)
class Step:
    """One interactive thing, or plain words when it has no ``kind``.

    ``legend`` is read with it, ``stand_in`` is its body when there are no words at all, ``image`` its own
    picture. ``stands_alone``: the message's text goes before it, not into it.
    """

    kind: Optional[str] = None
    action: Optional[Json] = None
    legend: str = ""
    stand_in: str = POINTER
    image: Optional[str] = None
    header: Optional[Json] = None
    stands_alone: bool = False

    @property
    def takes_image(self) -> bool:
        """Whether a picture can be its header."""
        return self.kind is None or self.kind in TAKES_HEADER


def link(target: Link, text: str) -> Step:
    """A button that opens a page."""
    title = readable(target.title) or target.url
    shown = cutting.cut(title, limits.LINK_TITLE)
    legend = "" if shown == title or title in text else title
    parameters = {"display_text": shown, "url": target.url}
    return Step("cta_url", {"name": "cta_url", "parameters": parameters}, legend=legend)


def location() -> Step:
    """Meta's own request for a pin."""
    return Step("location_request_message", {"name": "send_location"}, stand_in=PIN)


def phone() -> Step:
    """Meta's own request for the shopper's telephone number."""
    return Step("request_contact_info", {"name": "request_contact_info"}, stand_in=PHONE)


def choices(
    offered: Sequence[Placed], message_id: str, *, text: str, opener: Optional[str]
) -> Iterator[Step]:
    """The choices as up to three buttons, or as lists of ten; ``text`` is what is said with them already."""
    if len(offered) > limits.BUTTONS:
        yield from lists(offered, message_id, text=text, opener=opener)
    elif offered:
        shown = titles([one.choice.title for one in offered], limits.BUTTON_TITLE)
        legend = numbered(offered) if unseen(offered, shown, text) else ""
        yield Step("button", {"buttons": buttons(offered, shown, message_id)}, legend=legend)


def buttons(offered: Sequence[Placed], shown: Sequence[str], message_id: str) -> List[Json]:
    """Reply buttons under their shown titles."""
    return [
        {"type": "reply", "reply": {"id": choice_id(message_id, one.place), "title": title}}
        for one, title in zip(offered, shown, strict=True)
    ]


def lists(offered: Sequence[Placed], message_id: str, *, text: str, opener: Optional[str]) -> Iterator[Step]:
    """The choices as rows, ten to a list."""
    shown = titles([one.choice.title for one in offered], limits.ROW_TITLE)
    rows = [
        _row(one.choice, title, choice_id(message_id, one.place))
        for one, title in zip(offered, shown, strict=True)
    ]
    is_unseen = any(
        says_more(one.choice.title, title, text)
        or says_more(one.choice.description, row.get("description", ""), text)
        for one, title, row in zip(offered, shown, rows, strict=True)
    )
    label = cutting.cut(readable(opener or ""), limits.LIST_OPENER) or OPENER
    for start in range(0, len(rows), limits.LIST_ROWS):
        page = rows[start : start + limits.LIST_ROWS]
        span = f"{offered[start].place + 1}–{offered[start].place + len(page)}"
        yield Step(
            "list",
            {"button": label, "sections": [{"rows": page}]},
            legend=numbered(offered) if is_unseen and start == 0 else "",
            stand_in=POINTER if len(rows) <= limits.LIST_ROWS else span,
        )


def _row(choice: Choice, title: str, identity: str) -> Json:
    whole = on_one_line(choice.title)
    parts = ["" if title == whole else whole, on_one_line(choice.description or "")]
    description = cutting.cut(" · ".join(part for part in parts if part), limits.ROW_DESCRIPTION)
    row = {"id": identity, "title": title}
    return {**row, "description": description} if description else row
