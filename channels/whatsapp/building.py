"""An ``OutboundMessage`` as WhatsApp requests: cut to Meta's limits, losing neither a word nor a choice.

One request carries one interactive thing: a link, a request for a pin, up to three buttons or a list of up to
ten. The first of them carries the text; what is left of a text too long for it goes before, as plain text.
When a title had to be cut, the text names every choice in full with its number, which the shopper may type.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from channels import cutting, payload
from channels.messages import Ask, Choice, Link, OutboundMessage, choice_id
from channels.provider import ProviderRequest, SenderAccount
from channels.whatsapp import limits

Json = Dict[str, Any]

BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
OPENER = "☰"
POINTER = "👇"
PIN = "📍"


def build(
    message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
) -> Tuple[ProviderRequest, ...]:
    """The requests that say ``message``, in order; none when it says nothing."""
    address = {"recipient": recipient} if BSUID.fullmatch(recipient) else {"to": recipient}
    base = "/".join(
        part for part in (account.base_url, account.api_version, account.address, "messages") if part
    )
    headers = {
        "Authorization": f"Bearer {account.credentials.get('access_token', '')}",
        "Content-Type": "application/json",
    }
    return tuple(
        ProviderRequest(
            "POST",
            base,
            headers,
            json_body={
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                **address,
                **part,
                "biz_opaque_callback_data": f"{message_id}:{place}",
            },
        )
        for place, part in enumerate(_parts(message, message_id))
    )


def _parts(message: OutboundMessage, message_id: str) -> Iterator[Json]:
    text = _readable(message.text)
    actions = tuple(_actions(message, message_id))
    if not actions:
        yield from _plain(text, message.image_url)
        return
    first, *others = actions
    image = message.image_url
    if image and not first.takes_header:
        yield _image(image)
        image = None
    lead, body = _lead_and_body("\n\n".join(part for part in (text, first.legend) if part))
    for piece in lead:
        yield _text(piece)
    yield first.request(body or first.stand_in, image)
    for action in others:
        lead, body = _lead_and_body(action.legend)
        for piece in lead:
            yield _text(piece)
        yield action.request(body or action.stand_in)


class _Action:
    """One interactive thing; ``legend`` is read with it, ``stand_in`` is its body when there are no words."""

    def __init__(self, kind: str, action: Json, *, legend: str = "", stand_in: str = POINTER) -> None:
        self._kind = kind
        self._action = action
        self.legend = legend
        self.stand_in = stand_in
        self.takes_header = kind in ("button", "cta_url")

    def request(self, body: str, image: Optional[str] = None) -> Json:
        header = {"header": {"type": "image", "image": {"link": image}}} if image else {}
        interactive = {"type": self._kind, **header, "body": {"text": body}, "action": self._action}
        return {"type": "interactive", "interactive": interactive}


def _actions(message: OutboundMessage, message_id: str) -> Iterator[_Action]:
    if message.link:
        yield _link(message.link, message.text)
    if message.ask is Ask.LOCATION:
        yield _Action("location_request_message", {"name": "send_location"}, stand_in=PIN)
    if len(message.choices) > limits.BUTTONS:
        yield from _lists(message, message_id)
    elif message.choices:
        yield _buttons(message, message_id)


def _link(link: Link, text: str) -> _Action:
    title = _readable(link.title) or link.url
    shown = cutting.cut(title, limits.LINK_TITLE)
    legend = "" if shown == title or title in text else title
    parameters = {"display_text": shown, "url": link.url}
    return _Action("cta_url", {"name": "cta_url", "parameters": parameters}, legend=legend)


def _buttons(message: OutboundMessage, message_id: str) -> _Action:
    titles = _titles(message.choices, limits.BUTTON_TITLE)
    buttons = [
        {"type": "reply", "reply": {"id": choice_id(message_id, place), "title": title}}
        for place, title in enumerate(titles)
    ]
    unseen = any(
        _says_more(choice.title, title, message.text) or _says_more(choice.description, "", message.text)
        for choice, title in zip(message.choices, titles, strict=True)
    )
    legend = _numbered(message.choices) if unseen else ""
    return _Action("button", {"buttons": buttons}, legend=legend)


def _lists(message: OutboundMessage, message_id: str) -> Iterator[_Action]:
    titles = _titles(message.choices, limits.ROW_TITLE)
    rows = [
        _row(choice, title, choice_id(message_id, place))
        for place, (choice, title) in enumerate(zip(message.choices, titles, strict=True))
    ]
    unseen = any(
        _says_more(choice.title, title, message.text)
        or _says_more(choice.description, row.get("description", ""), message.text)
        for choice, title, row in zip(message.choices, titles, rows, strict=True)
    )
    opener = cutting.cut(_readable(message.opener or ""), limits.LIST_OPENER) or OPENER
    for start in range(0, len(rows), limits.LIST_ROWS):
        page = rows[start : start + limits.LIST_ROWS]
        span = f"{start + 1}–{start + len(page)}"
        legend = _numbered(message.choices) if unseen and start == 0 else ""
        stand_in = POINTER if len(rows) <= limits.LIST_ROWS else span
        yield _Action(
            "list", {"button": opener, "sections": [{"rows": page}]}, legend=legend, stand_in=stand_in
        )


def _row(choice: Choice, title: str, identity: str) -> Json:
    whole = _one_line(choice.title)
    parts = ["" if title == whole else whole, _one_line(choice.description or "")]
    description = cutting.cut(" · ".join(part for part in parts if part), limits.ROW_DESCRIPTION)
    row = {"id": identity, "title": title}
    return {**row, "description": description} if description else row


def _titles(choices: Tuple[Choice, ...], limit: int) -> List[str]:
    """Titles within the limit that no shopper can take for one another: a number tells equal ones apart."""
    titles: List[str] = []
    taken: Set[str] = set()
    for place, choice in enumerate(choices, start=1):
        title = cutting.cut(_readable(choice.title), limit) or str(place)
        number = place
        while title.casefold() in taken:
            tail = f" {number}"
            title = cutting.cut(_readable(choice.title) or str(place), limit - len(tail)) + tail
            number += len(choices)
        taken.add(title.casefold())
        titles.append(title)
    return titles


def _says_more(whole: Optional[str], shown: str, text: str) -> bool:
    """Whether ``whole`` has words that neither what is shown nor the text has."""
    words = _one_line(whole or "")
    return bool(words) and words not in shown and words not in _one_line(text)


def _numbered(choices: Tuple[Choice, ...]) -> str:
    lines = []
    for place, choice in enumerate(choices, start=1):
        described = (_one_line(choice.title), _one_line(choice.description or ""))
        lines.append(f"{place}. " + " – ".join(part for part in described if part))
    return "\n".join(lines)


def _plain(text: str, image: Optional[str]) -> Iterator[Json]:
    if image and cutting.width(text) <= limits.CAPTION:
        yield _image(image, text)
        return
    if image:
        yield _image(image)
    for piece in cutting.split(text, limits.TEXT_BODY):
        yield _text(piece)


def _text(body: str) -> Json:
    return {"type": "text", "text": {"body": body, "preview_url": "https://" in body or "http://" in body}}


def _image(link: str, caption: str = "") -> Json:
    return {"type": "image", "image": {"link": link, **({"caption": caption} if caption else {})}}


def _lead_and_body(text: str) -> Tuple[Tuple[str, ...], str]:
    """A text as plain messages and, last, what fits the body of an interactive one."""
    pieces = cutting.split(text, limits.INTERACTIVE_BODY)
    if len(pieces) < 2:
        return (), pieces[0] if pieces else ""
    last = pieces[-1]
    return cutting.split(text[: text.rindex(last)], limits.TEXT_BODY), last


def _readable(text: str) -> str:
    """``text`` as it can travel; empty when nothing of it would be seen."""
    return "" if cutting.is_blank(text) else payload.clean(text).strip()


def _one_line(text: str) -> str:
    return " ".join(_readable(text).split())
