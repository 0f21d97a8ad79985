"""An ``OutboundMessage`` as Instagram requests: cut to its limits, losing neither a word nor a choice.

A picture goes first, then the text with the buttons that open pages, then cards, and last the choices: quick
replies are shown under the newest message alone, and nowhere on a computer, so what they don't say in full,
and whatever there are more than thirteen of, is numbered in the text. Instagram can't ask for a pin.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from channels import cutting
from channels.instagram import cards, limits
from channels.messages import Ask, Link, OutboundMessage, choice_id
from channels.meta import offering
from channels.meta.offering import Placed
from channels.provider import ProviderRequest, SenderAccount

Json = Dict[str, Any]
# Shares of a limit in bytes that letters of one byte, of up to two and of up to three leave.
SHARES = (1.0, 0.75, 0.5, 0.33)


def build(
    message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
) -> Tuple[ProviderRequest, ...]:
    """The requests that say ``message``, in order; none when it says nothing."""
    url = "/".join(
        part for part in (account.base_url, account.api_version, account.address, "messages") if part
    )
    headers = {
        "Authorization": f"Bearer {account.credentials.get('access_token', '')}",
        "Content-Type": "application/json",
    }
    return tuple(
        ProviderRequest("POST", url, headers, json_body={"recipient": {"id": recipient}, "message": part})
        for part in _parts(message, message_id)
    )


def _parts(message: OutboundMessage, message_id: str) -> Iterator[Json]:
    text = offering.readable(message.text)
    if message.image_url:
        yield {"attachment": {"type": "image", "payload": {"url": message.image_url}}}
    links = [link for link in (message.pay, message.link) if link]
    if links:
        yield from _links(text, links)
        text = ""
    if message.cards:
        shelf = cards.build(message.cards, len(message.choices), message_id)
        yield from _texts(_joined(text, shelf.legend))
        yield from shelf.messages
        text = ""
    yield from _replies(text, message, message_id)


def _links(text: str, links: Sequence[Link]) -> Iterator[Json]:
    """The text with a button for each page."""
    titles = [offering.readable(link.title) or link.url for link in links]
    shown = offering.titles(titles, limits.BUTTON_TITLE)
    unseen = [
        title for title, label in zip(titles, shown, strict=True) if offering.says_more(title, label, text)
    ]
    *lead, last = pieces(_joined(text, "\n".join(unseen)), limits.BUTTON_TEXT) or (offering.POINTER,)
    for piece in lead:
        yield {"text": piece}
    buttons = [
        {"type": "web_url", "url": link.url, "title": label} for link, label in zip(links, shown, strict=True)
    ]
    yield cards.template("button", text=last, buttons=buttons)


def _replies(text: str, message: OutboundMessage, message_id: str) -> Iterator[Json]:
    """The text, with the choices under it as quick replies, thirteen to a message."""
    offered = offering.placed(message.choices)
    shown = offering.titles([one.choice.title for one in offered], limits.QUICK_REPLY_TITLE)
    replies: List[Json] = [
        {"content_type": "text", "title": title, "payload": choice_id(message_id, one.place)}
        for one, title in zip(offered, shown, strict=True)
    ]
    if message.ask is Ask.PHONE:
        replies.append({"content_type": "user_phone_number"})
    is_long = len(replies) > limits.QUICK_REPLIES or offering.unseen(offered, shown, text)
    said = _joined(text, offering.numbered(offered) if offered and is_long else "")
    if not replies:
        yield from _texts(said)
        return
    for start in range(0, len(replies), limits.QUICK_REPLIES):
        page = replies[start : start + limits.QUICK_REPLIES]
        *lead, last = pieces(said, limits.TEXT_BYTES) or (_span(offered, start, len(page)),)
        for piece in lead:
            yield {"text": piece}
        yield {"text": last, "quick_replies": page}
        said = ""


def _span(offered: Sequence[Placed], start: int, count: int) -> str:
    many = len(offered) > limits.QUICK_REPLIES
    return f"{start + 1}–{min(start + count, len(offered))}" if many else offering.POINTER


def _texts(text: str) -> Iterator[Json]:
    for piece in pieces(text, limits.TEXT_BYTES):
        yield {"text": piece}


def pieces(text: str, limit: int) -> Tuple[str, ...]:
    """``text`` in pieces of at most ``limit`` bytes, broken where a reader would."""
    cut: Tuple[str, ...] = ()
    for share in SHARES:
        cut = cutting.split(text, int(limit * share))
        if all(len(piece.encode()) <= limit for piece in cut):
            break
    return cut


def _joined(*parts: Optional[str]) -> str:
    return "\n\n".join(part for part in parts if part)
