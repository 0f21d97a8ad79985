"""What a person sees of Instagram's message objects."""

from simulator.chats import Face
from simulator.wire import Json

SHARE = "Share my number"


def face(message: Json) -> Face:
    """The face of a message's ``message`` object, a seller's or a shopper's."""
    replies = [
        {
            "id": reply.get("payload", reply["content_type"]),
            "title": reply.get("title", SHARE),
            "as": "quick",
        }
        for reply in message.get("quick_replies", ())
    ]
    asks_phone = any(one["content_type"] == "user_phone_number" for one in message.get("quick_replies", ()))
    words = str(message.get("text", ""))
    attachment = message.get("attachment") or next(iter(message.get("attachments", ())), None)
    if attachment is None:
        return Face(words, choices=tuple(replies), ask="phone" if asks_phone else None)
    payload = attachment.get("payload", {})
    if attachment["type"] == "template" and payload.get("template_type") == "generic":
        return _cards(payload["elements"], replies)
    if attachment["type"] == "template":
        taps, links = _split(payload["buttons"])
        return Face(str(payload["text"]), choices=(*taps, *replies), links=tuple(links))
    image = payload.get("url") if attachment["type"] == "image" else None
    return Face(words, choices=tuple(replies), image=image)


def _cards(elements: list[Json], replies: list[Json]) -> Face:
    cards: list[Json] = []
    choices: list[Json] = []
    links: list[Json] = []
    for place, element in enumerate(elements):
        card = {"title": element["title"], "text": element.get("subtitle", "")}
        taps, opened = _split(element.get("buttons", ()))
        choices += [{**tap, "card": place} for tap in taps]
        links += opened
        link = {"link": opened[0]} if opened else {}
        cards.append({**card, "image": element.get("image_url"), **link})
    return Face(choices=(*choices, *replies), cards=tuple(cards), links=tuple(links))


def _split(buttons: list[Json] | tuple[Json, ...]) -> tuple[list[Json], list[Json]]:
    """The buttons that are tapped, and those that open a page."""
    taps = [
        {"id": one["payload"], "title": one["title"], "as": "postback"}
        for one in buttons
        if one["type"] == "postback"
    ]
    links = [{"title": one["title"], "url": one["url"]} for one in buttons if one["type"] == "web_url"]
    return taps, links
