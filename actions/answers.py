"""What a message answers of the checkout form's questions, asked or not."""

import re
from typing import Any

from actions.address import ADDRESS, address_in, is_question, is_wrong_address, looks_like_address
from actions.delivery import pin_address, zone_named
from actions.methods import method_in
from actions.names import name_in
from actions.visit import Visit

Answers = dict[str, Any]
PARTS = {
    "name": "customer_name",
    "method": "delivery_method",
    "zone": "zone_id",
    "address": "address",
    "payment": "payment_method",
}
_PART_WORDS = (
    ("address", re.compile(rf"\b({ADDRESS}|house|street|where you)\b", re.IGNORECASE)),
    ("name", re.compile(r"\bname\b", re.IGNORECASE)),
    ("payment", re.compile(r"\b(pay|payment|cash|card)\b", re.IGNORECASE)),
    ("zone", re.compile(r"\b(area|zone|place)\b", re.IGNORECASE)),
    ("method", re.compile(r"\b(delivery|pickup|pick up)\b", re.IGNORECASE)),
    ("items", re.compile(r"\b(items?|cart|product|quantity)\b", re.IGNORECASE)),
)
_TALK = frozenset(
    {
        "greet",
        "start_over",
        "goodbye",
        "thank",
        "help",
        "bot_challenge",
        "stop",
        "opt_out",
        "browse_catalog",
        "search_product",
        "show_more",
        "ask_product_details",
        "ask_price",
        "ask_availability",
        "haggle",
        "add_to_cart",
        "update_cart",
        "remove_from_cart",
        "view_cart",
        "clear_cart",
        "checkout",
        "confirm_order",
        "change_checkout",
        "choose_delivery_method",
        "choose_payment_method",
        "ask_delivery",
        "ask_opening_hours",
        "ask_shop_location",
        "track_order",
        "cancel_order",
        "change_order",
        "return_or_refund",
        "ask_payment_methods",
        "payment_issue",
        "talk_to_human",
        "complaint",
        "affirm",
        "deny",
        "switch_language",
    }
)
ASK_PART = "asked"
"""The value of the slot ``part_to_change`` while it is being asked."""
_SURE = 0.65
ASKED_AGAIN = frozenset(
    {
        "affirm",
        "deny",
        "checkout",
        "confirm_order",
        "change_checkout",
        "change_order",
        "choose_delivery_method",
    }
    | {"choose_payment_method", "give_name", "set_delivery_address", "share_location", "give_quantity"}
)
"""What is the form's own business: when it answers nothing, the question is asked again."""


async def read(visit: Visit, requested: str | None) -> Answers:
    """The slots this message fills or, with None, wants asked again. Empty when it answers nothing."""
    change = _change(visit)
    if change:
        return change
    if requested and is_wrong_address(visit.heard.text):
        return {"address": None, "location": None}
    answers = {**_picked(visit), **_pinned(visit), **_confirmed(visit, requested)}
    if answers:
        return answers
    if visit.heard.intent == "give_name":
        name = name_in(visit.heard.text)
        return {"customer_name": name} if name else {}
    if visit.heard.intent == "set_delivery_address" and looks_like_address(visit.heard.text):
        return {"address": address_in(visit.heard.text), "location": None}
    return await _typed(visit, requested)


def _change(visit: Visit) -> Answers:
    """Something to be asked again, unless the new answer is in the same breath."""
    heard = visit.heard
    if heard.intent not in {"change_checkout", "change_order"}:
        return {}
    part = heard.value("part") or next(
        (part for part, words in _PART_WORDS if words.search(heard.text)), None
    )
    if part == "address" and looks_like_address(_after_to(heard.text)):
        return {"address": address_in(_after_to(heard.text)), "location": None}
    name = name_in(_after_to(heard.text)) if part == "name" and _after_to(heard.text) else None
    if name:
        return {"customer_name": name}
    if part == "zone":
        return {"zone_id": None, "address": None, "location": None}
    if part == "address":
        return {"address": None, "location": None}
    return {PARTS[part]: None} if part in PARTS else {"part_to_change": part or ASK_PART}


def _after_to(text: str) -> str:
    _, found, rest = text.partition(" to ")
    return rest if found else ""


def _picked(visit: Visit) -> Answers:
    """Answers that came as a choice, or as a word for a method."""
    heard = visit.heard
    answers = {}
    if heard.value("zone_id"):
        answers["zone_id"] = heard.value("zone_id")
        if heard.is_picked and heard.value("address"):
            answers |= {"address": str(heard.value("address")), "location": None}
    if heard.value("delivery_method") in {"delivery", "pickup"} and heard.intent == "choose_delivery_method":
        answers["delivery_method"] = heard.value("delivery_method")
    if heard.value("payment_method") and heard.intent == "choose_payment_method":
        answers["payment_method"] = heard.value("payment_method")
    return answers


def _pinned(visit: Visit) -> Answers:
    pin = visit.heard.metadata.get("location")
    return {"location": pin, "address": pin_address(pin)} if pin else {}


def _confirmed(visit: Visit, requested: str | None) -> Answers:
    """A yes to the summary; one that came late only shows the summary again."""
    is_yes = visit.heard.intent in {"confirm_order", "affirm"}
    return (
        {"order_confirmed": True}
        if requested == "order_confirmed" and is_yes and not visit.heard.is_late
        else {}
    )


async def _typed(visit: Visit, requested: str | None) -> Answers:
    text = visit.heard.text
    if requested in {"delivery_method", "payment_method"} and not is_question(text):
        method = method_in(text, requested)
        return {requested: method} if method else {}
    if requested == "address" and (looks_like_address(text) or (_is_answer(visit) and len(text) > 3)):
        return {"address": address_in(text), "location": None}
    if requested == "customer_name" and _is_answer(visit):
        name = name_in(text)
        return {"customer_name": name} if name else {}
    if requested == "zone_id" and not is_question(text):
        zone = zone_named(await visit.shop.delivery_zones(), text)
        return {"zone_id": zone.id} if zone else {}
    return {}


def _is_answer(visit: Visit) -> bool:
    """Whether free text is rather the answer than talk of something else."""
    heard = visit.heard
    is_talk = heard.intent in _TALK and heard.confidence >= _SURE
    return bool(heard.text) and not is_talk and not is_question(heard.text)
