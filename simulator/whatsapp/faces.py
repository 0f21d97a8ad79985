"""What a person sees of WhatsApp's message objects."""

from typing import Any

from simulator.chats import Face
from simulator.wire import Json

ASKS = {"location_request_message": "location", "request_contact_info": "phone"}


def face(kind: str, content: Any) -> Face:
    """The face of a message of type ``kind``, a shopper's or a seller's."""
    if kind == "text":
        return Face(str(content["body"]))
    if kind == "interactive":
        return _interactive(content)
    if kind == "template":
        return Face(_template(content), headline=str(content["name"]))
    if not isinstance(content, dict):
        return Face()
    words = str(content.get("caption") or content.get("text") or "")
    if kind in ("image", "sticker"):
        return Face(words, image=content.get("link"), image_id=content.get("id"))
    return Face(words)


def _template(content: Json) -> str:
    """The template's words are with Meta; what fills them is here."""
    filled = [
        str(parameter.get("text", ""))
        for component in content.get("components", [])
        for parameter in component.get("parameters", [])
    ]
    return " · ".join(filter(None, filled))


def _interactive(content: Json) -> Face:
    for reply in ("button_reply", "list_reply"):
        if reply in content:
            return Face(str(content[reply]["title"]))
    if "nfm_reply" in content:
        return Face(str(content["nfm_reply"].get("body", "")))
    kind, action, header = content["type"], content.get("action", {}), content.get("header", {})
    rows = [row for section in action.get("sections", ()) for row in section.get("rows", ())]
    choices = rows or [button["reply"] for button in action.get("buttons", ())]
    cards = [_card(card) for card in action.get("cards", ())]
    on_cards = [choice for place, card in enumerate(action.get("cards", ())) for choice in _taps(card, place)]
    return Face(
        str(content.get("body", {}).get("text", "")),
        headline=str(header.get("text", "")),
        footline=str(content.get("footer", {}).get("text", "")),
        choices=(*choices, *on_cards),
        cards=tuple(cards + _products(content)),
        links=tuple(_links(content)),
        image=header.get("image", {}).get("link"),
        image_id=header.get("image", {}).get("id"),
        opener=action.get("button") if kind == "list" else None,
        ask=ASKS.get(kind),
    )


def _card(card: Json) -> Json:
    words, _, rest = str(card.get("body", {}).get("text", "")).partition("\n")
    made: Json = {"title": words, "text": rest, "image": card.get("header", {}).get("image", {}).get("link")}
    parameters = card.get("action", {}).get("parameters")
    if parameters:
        made["link"] = {"title": parameters["display_text"], "url": parameters["url"]}
    return made


def _taps(card: Json, place: int) -> list[Json]:
    buttons = card.get("action", {}).get("buttons", ())
    replies = [button.get("quick_reply") or button.get("reply") for button in buttons]
    return [{**reply, "card": place} for reply in replies if reply]


def _products(content: Json) -> list[Json]:
    """The products of the seller's catalogue at Meta, of which only the ids are here."""
    action = content.get("action", {})
    listed = [
        item["product_retailer_id"]
        for section in action.get("sections", ())
        for item in section.get("product_items", ())
    ]
    if content["type"] == "product":
        listed = [action["product_retailer_id"]]
    return [{"title": sku, "text": "", "sku": sku} for sku in listed]


def _links(content: Json) -> list[Json]:
    if content.get("type") != "cta_url":
        return []
    parameters = content["action"]["parameters"]
    return [{"title": parameters["display_text"], "url": parameters["url"]}]
