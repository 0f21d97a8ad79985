"""Reads what a shopper would pay: "4k last", "half price", "remove 500", "2 for 5k", "elfu tatu".

Runs last. A message that bargains, or answers a price the shop has just named with a sum, gets one entity
``price_offer`` whose value holds what was said: ``amount`` or ``amount_off`` in whole units of the shop's
money, ``percent_off``, and ``quantity`` when so many were spoken of. An amount of money is no amount of
goods, so line items made of one are taken out.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.components.letters import plain
from bot.components.places import NUMBERS

Json = Dict[str, Any]
HAGGLE = "haggle"
ANSWERED = "accept_bargain"
LEAST_SUM = 20
"""A smaller number, with no word of money beside it, is a place in a list or an amount of goods."""
MOST = 10**12
MOST_WORDS = 8
_OTHER_BUSINESS = frozenset(
    {"add_to_cart", "update_cart", "remove_from_cart", "ask_delivery", "set_delivery_address", "checkout"}
)
_LAST = re.compile(r"\b(?:last|final|mwisho|dernier|derniere|karshe|ikeyin)\b")
_ONES = "|".join(sorted(NUMBERS, key=len, reverse=True))
_MONEY = r"(?:₦|#|ngn|naira|n|ksh|kshs|kes|sh|shillings?|shilingi|bob|fcfa|cfa|xof|francs?|f|kudi)"
_SUM = re.compile(
    rf"(?<![\w.,])(?P<before>{_MONEY}\s?)?(?P<digits>\d{{1,3}}(?:[ ,.]\d{{3}})+|\d+(?:[.,]\d{{1,2}})?)\s?"
    rf"(?P<scale>k|m|thousand|mille|elfu)?(?P<after>\s?{_MONEY}|\s?/=)?(?![\w%])"
)
_THOUSANDS = re.compile(
    rf"\b(?:(?:(?P<first>{_ONES})\s+)?(?P<after>thousand|mille)"
    rf"|(?P<before>elfu|dubu|egberun)\s+(?P<last>{_ONES}))\b"
    rf"(?:\s+(?:and\s+|na\s+|da\s+)?(?:(?P<h1>{_ONES})\s+(?:hundred|cents?)|(?:mia|dari)\s+(?P<h2>{_ONES})))?"
)
_PERCENT = re.compile(
    r"(\d{1,3})\s*(?:%|per\s?cents?\b|pct\b|pour\s?cents?\b|pourcents?\b)|(?:asilimia|kashi)\s+(\d{1,3})\b"
)
_HALF = re.compile(
    r"\bhalf\s+(?:the\s+|of\s+the\s+)?(?:price|am|it|money)?\b|\bmoitie\b|\bnusu\s+(?:ya\s+)?bei\b|"
    r"\brabin?\s+(?:kudi|farashi)\w*|\bidaji\b"
)
_OFF = re.compile(
    r"\b(?:remove|comot|minus|take off|knock off|knock|reduce(?: it| am| the price)? by|discount of|"
    r"punguza|toa|enleve[rz]?|baisse[rz]? de|remise de|reduction de|rage|cire|yo)\s+$"
)
_OFF_AFTER = re.compile(r"^\s*(?:off\b|less\b|de moins|de remise|de reduction|for body|kuro\b)")
_TAKING = re.compile(
    r"\b(?:buy|take|carry|get|for|want|pick|chukua\w*|nikichukua|nikinunua|nunua|prends?|achete|saya|dauka"
    r"|ra|mu)\s*$"
)
# "Half a yard" is an amount: only what speaks of a price is left out here.
_SHARE_WORDS = re.compile(r"\b(?:give me|for me|off|price|discount|please|pls|abeg|prix|bei|farashi|for)\b")
_BARE = re.compile(
    r"^\W*(?:ok|okay|oya|no|pls|please|abeg|last|final|just|only|make it|give me for|i go pay|i'?ll pay|for|"
    r"at|je donne|nitatoa|zan biya|maa san|how about|what about|so|me|[₦#]|\W)*$"
)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class PriceOfferExtractor(GraphComponent):  # type: ignore[misc]  # Rasa ships no types for it
    """Adds ``price_offer`` entities; needs no training."""

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PriceOfferExtractor:
        """Made by Rasa."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Reads each message that bargains."""
        for message in messages:
            text = message.get("text")
            if text:
                self._read(message, text[:300])
        return messages

    def _read(self, message: Message, text: str) -> None:
        intent = str((message.get("intent") or {}).get("name") or "")
        is_asked = _is_asked(message) or _is_a_share(text)
        if intent != HAGGLE and not is_asked:
            return
        offer = read(text)
        if intent != HAGGLE and not _goes_on(intent, offer, text):
            return
        if intent != HAGGLE:
            _make_haggle(message)
        if offer:
            _put(message, offer, len(text))


def read(text: str) -> Json:
    """What a text says of a price; empty when it says nothing of it. Never raises."""
    letters = plain(text)[0].lower()
    percent = _PERCENT.search(letters)
    if percent:
        share = int(percent.group(1) or percent.group(2))
        return {"percent_off": share} if 1 <= share <= 100 else {}
    if _HALF.search(letters) and "dozen" not in letters:
        return {"percent_off": 50}
    sums, counts = _sums(letters)
    quantity = {"quantity": counts[0]} if counts else {}
    if not sums:
        return quantity
    amount, start, end = sums[-1]
    is_off = _OFF.search(letters[:start]) or _OFF_AFTER.search(letters[end:])
    return {"amount_off" if is_off else "amount": amount, **quantity}


def _sums(letters: str) -> Tuple[List[Tuple[float, int, int]], List[int]]:
    """The sums of money in a text, with where they stand, and the amounts of goods."""
    sums: List[Tuple[float, int, int]] = []
    counts: List[int] = []
    for found in _SUM.finditer(letters):
        value = _value(found)
        is_money = any(found.group(name) for name in ("before", "scale", "after")) or value >= 100
        is_taken = _TAKING.search(letters[: found.start()]) and value < 100
        if 0 <= value <= MOST and (is_money or (value >= LEAST_SUM and not is_taken)):
            sums.append((value, *found.span()))
        elif 1 < value < LEAST_SUM * 5 and value == int(value):
            counts.append(int(value))
    sums += [(_worded(found), *found.span()) for found in _THOUSANDS.finditer(letters)]
    return sorted(sums, key=lambda one: one[1]), counts


def _value(found: re.Match[str]) -> float:
    digits = found.group("digits")
    grouped = re.fullmatch(r"\d{1,3}(?:[ ,.]\d{3})+", digits)
    number = float(re.sub(r"[ ,.]", "", digits)) if grouped else float(digits.replace(",", "."))
    scale = found.group("scale")
    return number * (1_000_000 if scale == "m" else 1_000 if scale else 1)


def _worded(found: re.Match[str]) -> float:
    thousands = NUMBERS.get(found.group("first") or found.group("last") or "", 1)
    hundreds = NUMBERS.get(found.group("h1") or found.group("h2") or "", 0)
    return float(1000 * thousands + 100 * hundreds)


def _is_a_share(text: str) -> bool:
    """Whether a message asks for part of the price and hardly anything else: "half price", "20% off"."""
    letters = plain(text)[0].lower()
    if "dozen" in letters or not (_HALF.search(letters) or _PERCENT.search(letters)):
        return False
    return not re.findall(r"[^\W\d_]{2,}", _SHARE_WORDS.sub(" ", _PERCENT.sub(" ", _HALF.sub(" ", letters))))


def _is_asked(message: Message) -> bool:
    """Whether the last reply named a price to agree on."""
    offered = (message.get("metadata") or {}).get("offered") or []
    return any(choice.get("intent") == ANSWERED for choice in offered)


def _goes_on(intent: str, offer: Json, text: str) -> bool:
    """Whether an answer to a price is more bargaining: a sum, an offer in few words, "last price"."""
    if _is_a_sum(offer, text):
        return True
    if intent in _OTHER_BUSINESS or len(text.split()) > MOST_WORDS:
        return False
    return "amount" in offer or bool(_LAST.search(plain(text)[0].lower()))


def _is_a_sum(offer: Json, text: str) -> bool:
    """Whether a message is a sum and hardly anything else: "3500", "ok 4k", "make it 4,000"."""
    if "amount" not in offer:
        return "percent_off" in offer or "amount_off" in offer
    letters = plain(text)[0].lower()
    spans = [span for _, *span in _sums(letters)[0]]
    left = letters[: spans[-1][0]] if spans else letters
    return bool(_BARE.match(left))


def _make_haggle(message: Message) -> None:
    """What was taken for an amount of goods, or for a yes, is an offer."""
    understood = {"name": HAGGLE, "confidence": 1.0}
    message.set("intent", understood, add_to_output=True)
    others = [rank for rank in message.get("intent_ranking", []) if rank.get("name") != HAGGLE]
    message.set("intent_ranking", [understood, *others], add_to_output=True)
    kept = [found for found in message.get("entities", []) if found.get("extractor") != "ChoiceResolver"]
    message.set("entities", kept, add_to_output=True)


def _put(message: Message, offer: Json, end: int) -> None:
    others = [found for found in message.get("entities", []) if not _is_money(found)]
    entity = {"entity": "price_offer", "value": offer, "start": 0, "end": end, "confidence": 1.0}
    message.set("entities", [*others, {**entity, "extractor": "PriceOfferExtractor"}], add_to_output=True)


def _is_money(found: Json) -> bool:
    """Whether a line item is made of the sum alone."""
    if found.get("entity") != "line_item":
        return False
    words: Optional[str] = found["value"].get("words")
    return not found["value"].get("attributes") and not re.search(r"[^\W\d_]{3,}", words or "")
