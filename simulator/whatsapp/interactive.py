"""Meta's rules for interactive messages: reply buttons, lists, a link button, a request for a location."""

from collections.abc import Callable
from typing import Any

from simulator.whatsapp.checks import fields, items, media, text, unique, web_address
from simulator.whatsapp.errors import GraphRefusal
from simulator.wire import Json

HEADER_MEDIA = ("image", "video", "document")


def _frame(part: Json, *, headers: tuple[str, ...] = ("text", *HEADER_MEDIA)) -> Any:
    """Checks what surrounds every action; the action comes back."""
    fields(part, "interactive", need=("type", "body", "action"), may=("header", "footer"))
    text(
        fields(part["body"], "interactive['body']", need=("text",))["text"],
        "interactive['body']['text']",
        1024,
    )
    if "footer" in part:
        text(
            fields(part["footer"], "interactive['footer']", need=("text",))["text"],
            "interactive['footer']['text']",
            60,
        )
    if "header" in part:
        _header(part["header"], headers)
    return part["action"]


def _header(header: Any, allowed: tuple[str, ...]) -> None:
    kind = header.get("type") if isinstance(header, dict) else None
    if kind not in allowed:
        raise GraphRefusal(131009, f"interactive['header']['type']: {kind!r} is not supported here.")
    fields(header, "interactive['header']", need=("type", kind))
    if kind == "text":
        text(header["text"], "interactive['header']['text']", 60)
    else:
        media(header[kind], f"interactive['header']['{kind}']")


def _button(part: Json) -> None:
    action = fields(_frame(part), "interactive['action']", need=("buttons",))
    replies = []
    for place, button in enumerate(items(action["buttons"], "interactive['action']['buttons']", 3)):
        where = f"buttons[{place}]"
        if fields(button, where, need=("type", "reply"))["type"] != "reply":
            raise GraphRefusal(131009, f"{where}['type'] must be 'reply'.")
        reply = fields(button["reply"], f"{where}['reply']", need=("id", "title"))
        text(reply["id"], f"{where}['reply']['id']", 256)
        text(reply["title"], f"{where}['reply']['title']", 20)
        replies.append(reply)
    unique((reply["id"] for reply in replies), "button ids")
    unique((reply["title"] for reply in replies), "button titles")


def _list(part: Json) -> None:
    action = fields(_frame(part, headers=("text",)), "interactive['action']", need=("button", "sections"))
    text(action["button"], "interactive['action']['button']", 20)
    sections = items(action["sections"], "interactive['action']['sections']", 10)
    rows: list[Json] = []
    for place, section in enumerate(sections):
        where = f"sections[{place}]"
        fields(section, where, need=("title", "rows") if len(sections) > 1 else ("rows",), may=("title",))
        if "title" in section:
            text(section["title"], f"{where}['title']", 24)
        rows += items(section["rows"], f"{where}['rows']", 10)
    items(rows, "the rows of all sections", 10)
    for place, row in enumerate(rows):
        _row(row, f"rows[{place}]")
    unique((row["id"] for row in rows), "row ids")


def _row(row: Any, where: str) -> None:
    fields(row, where, need=("id", "title"), may=("description",))
    text(row["id"], f"{where}['id']", 200)
    text(row["title"], f"{where}['title']", 24)
    if "description" in row:
        text(row["description"], f"{where}['description']", 72)


def _cta_url(part: Json) -> None:
    action = fields(_frame(part), "interactive['action']", need=("name", "parameters"))
    if action["name"] != "cta_url":
        raise GraphRefusal(131009, "interactive['action']['name'] must be 'cta_url'.")
    parameters = fields(
        action["parameters"], "interactive['action']['parameters']", need=("display_text", "url")
    )
    text(parameters["display_text"], "parameters['display_text']", 20)
    web_address(parameters["url"], "parameters['url']")


def _location_request(part: Json) -> None:
    fields(part, "interactive", need=("type", "body", "action"))
    if fields(_frame(part), "interactive['action']", need=("name",))["name"] != "send_location":
        raise GraphRefusal(131009, "interactive['action']['name'] must be 'send_location'.")


KINDS: dict[str, Callable[[Json], None]] = {
    "button": _button,
    "list": _list,
    "cta_url": _cta_url,
    "location_request_message": _location_request,
}
