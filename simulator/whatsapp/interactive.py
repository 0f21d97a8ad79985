"""Meta's rules for interactive messages: buttons, lists, links, requests, carousels, products, flows."""

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
    _link_button(action["parameters"])


def _link_button(value: Any) -> None:
    parameters = fields(value, "interactive['action']['parameters']", need=("display_text", "url"))
    text(parameters["display_text"], "parameters['display_text']", 20)
    web_address(parameters["url"], "parameters['url']")


def _request(name: str) -> Callable[[Json], None]:
    """The rule for a request that the phone answers with a button of its own."""

    def check(part: Json) -> None:
        fields(part, "interactive", need=("type", "body", "action"))
        if fields(_frame(part), "interactive['action']", need=("name",))["name"] != name:
            raise GraphRefusal(131009, f"interactive['action']['name'] must be '{name}'.")

    return check


def _carousel(part: Json) -> None:
    fields(part, "interactive", need=("type", "body", "action"))
    cards = items(
        fields(_frame(part), "interactive['action']", need=("cards",))["cards"], "cards", 10, least=2
    )
    shapes = {_card(card, place) for place, card in enumerate(cards)}
    if len(shapes) > 1:
        raise GraphRefusal(131009, "cards: all need the same header and the same buttons.")


def _card(card: Any, place: int) -> tuple[str, int]:
    """Checks a card; its header's kind and how many quick replies it has, which all cards must share."""
    where = f"cards[{place}]"
    fields(card, where, need=("card_index", "type", "header", "action"), may=("body",))
    if card["card_index"] != place:
        raise GraphRefusal(131009, f"{where}['card_index'] must be {place}.")
    _header(card["header"], ("image", "video"))
    if "body" in card:
        words = text(
            fields(card["body"], f"{where}['body']", need=("text",))["text"], f"{where}['body']", 160
        )
        if words.count("\n") > 2:
            raise GraphRefusal(131009, f"{where}['body'] has more than 2 line breaks.")
    action = card["action"]
    if isinstance(action, dict) and action.get("name") == "cta_url":
        fields(action, f"{where}['action']", need=("name", "parameters"))
        _link_button(action["parameters"])
        return card["header"]["type"], 0
    buttons = items(
        fields(action, f"{where}['action']", need=("buttons",))["buttons"], f"{where}['buttons']", 3
    )
    for button in buttons:
        if fields(button, where, need=("type", "quick_reply"))["type"] != "quick_reply":
            raise GraphRefusal(131009, f"{where}: a button's type must be 'quick_reply'.")
        reply = fields(button["quick_reply"], f"{where}['quick_reply']", need=("id", "title"))
        text(reply["id"], f"{where}['quick_reply']['id']", 256)
        text(reply["title"], f"{where}['quick_reply']['title']", 20)
    return card["header"]["type"], len(buttons)


def _product(part: Json) -> None:
    fields(part, "interactive", need=("type", "action"), may=("body", "footer"))
    need = ("catalog_id", "product_retailer_id")
    action = fields(part["action"], "interactive['action']", need=need)
    for name in need:
        text(action[name], f"action['{name}']", 200)


def _product_list(part: Json) -> None:
    if "header" not in part:
        raise GraphRefusal(131008, "The parameter interactive['header'] is required.")
    action = _frame(part, headers=("text",))
    fields(action, "interactive['action']", need=("catalog_id", "sections"))
    products: list[Any] = []
    sections = items(action["sections"], "interactive['action']['sections']", 10)
    for place, section in enumerate(sections):
        where = f"sections[{place}]"
        text(fields(section, where, need=("title", "product_items"))["title"], f"{where}['title']", 24)
        products += items(section["product_items"], f"{where}['product_items']", 30)
    for product in items(products, "the products of all sections", 30):
        item = fields(product, "product_items", need=("product_retailer_id",))
        text(item["product_retailer_id"], "product_retailer_id", 200)


def _catalog(part: Json) -> None:
    action = fields(_frame(part, headers=()), "interactive['action']", need=("name",), may=("parameters",))
    if action["name"] != "catalog_message":
        raise GraphRefusal(131009, "interactive['action']['name'] must be 'catalog_message'.")
    fields(action.get("parameters", {}), "parameters", may=("thumbnail_product_retailer_id",))


def _flow(part: Json) -> None:
    action = fields(_frame(part), "interactive['action']", need=("name", "parameters"))
    need = ("flow_message_version", "flow_cta")
    may = ("flow_id", "flow_name", "flow_token", "flow_action", "flow_action_payload", "mode")
    parameters = fields(action["parameters"], "parameters", need=need, may=may)
    if action["name"] != "flow" or ("flow_id" in parameters) == ("flow_name" in parameters):
        raise GraphRefusal(131009, "A flow needs the name 'flow' and one of 'flow_id' and 'flow_name'.")
    text(parameters["flow_cta"], "parameters['flow_cta']", 30)


KINDS: dict[str, Callable[[Json], None]] = {
    "button": _button,
    "list": _list,
    "cta_url": _cta_url,
    "location_request_message": _request("send_location"),
    "request_contact_info": _request("request_contact_info"),
    "carousel": _carousel,
    "product": _product,
    "product_list": _product_list,
    "catalog_message": _catalog,
    "flow": _flow,
}
