"""Draws what is being asked for out of a message: how many, of what, in which colour and size.

Each thing named becomes one entity ``line_item`` with the value
``{"quantity": int | None, "unit": str | None, "words": str, "attributes": {str: str},
"problem": str | None, "text": str}``.
``words`` is what to search the catalogue for, each a word of the text and in its order; empty when the
shopper points at what is in focus ("3 more", "the blue one"). A quantity is always a whole number from 1 to
999; anything else leaves it None and ``problem`` says ``zero``, ``negative``, ``fraction`` or ``too_many``. A
price ceiling ("under 5k") becomes one entity ``price_limit``, in whole units of the shop's money; "number 2"
or "the last one" one entity ``place``, counted from 1, -1 being the last.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Set, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.grammar import LARGEST_QUANTITY, Grammar, Reading
from bot.components.lexicon import LANGUAGES, words
from bot.components.naming import words_of
from bot.components.segments import Span, amounts_in, is_pack, segments, spans_in
from bot.components.weighing import Found

LONGEST_TEXT = 1000
MOST_ITEMS = 10
# Units that are goods too where nothing else is named: "one dozen cups", and "the bag" without an amount.
_GOODS_FIRST = words("cup basket bucket drum jar")
_GOODS = _GOODS_FIRST | words("tray bottle bag box set")
_NAMING = frozenset({"NAME", "PART", "UNIT", "CARRIER", "CUT", "BESIDE", "PRICED_AT"})
_ARTICLES = frozenset({"a", "an"})
# Where "un sac" is a bag, not one bag.
_LOOKING = frozenset(
    {"search_product", "ask_price", "ask_availability", "ask_product_details", "browse_catalog", "haggle"}
)
_LOOSE_ONES = frozenset({"un", "une"})


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class LineItemExtractor(GraphComponent):  # type: ignore[misc]  # Rasa ships no types for it
    """Adds ``line_item``, ``price_limit`` and ``place`` entities; needs no training."""

    def __init__(self) -> None:
        self._grammar = Grammar()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LineItemExtractor:
        """Made by Rasa."""
        return cls()

    @staticmethod
    def required_packages() -> List[Text]:
        """What must be installed."""
        return ["spacy"]

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the entities to each message."""
        for message in messages:
            text = message.get("text")
            if text:
                intent = (message.get("intent") or {}).get("name")
                found = self.extract(text, (message.get("language") or {}).get("name"), intent)
                message.set("entities", [*message.get("entities", []), *found], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples stay as they are: no later component learns from these entities."""
        return training_data

    def extract(
        self, text: str, language: Optional[str] = None, intent: Optional[str] = None
    ) -> List[Dict[str, Any]]:
        """The entities of one text, thought to be in ``language`` and to mean ``intent``. Never raises for
        any text."""
        reading = self._grammar.read(text[:LONGEST_TEXT], language)
        limits = [span for span in reading.found if span.label == "PRICE"]
        entities = [_entity("price_limit", reading, span.start, span.end, span.value) for span in limits[:1]]
        places = [span for span in reading.found if span.label == "REFERENCE" and isinstance(span.value, int)]
        entities += [_entity("place", reading, span.start, span.end, span.value) for span in places[:1]]
        for start, end in segments(reading, is_asking=intent in _LOOKING)[:MOST_ITEMS]:
            value = _line_item(reading, start, end, intent)
            if value:
                entities.append(_entity("line_item", reading, start, end, value))
        return entities


def _entity(name: str, reading: Reading, start: int, end: int, value: Any) -> Dict[str, Any]:
    first, last = reading.span(start, end)
    return {
        "entity": name,
        "start": first,
        "end": last,
        "value": value,
        "confidence": 1.0,
        "extractor": "LineItemExtractor",
    }


def _line_item(reading: Reading, start: int, end: int, intent: Optional[str]) -> Optional[Dict[str, Any]]:
    spans = spans_in(reading, start, end)
    group, packs = _amount(reading, start, end)
    counted, unit = _counted(spans, group)
    unit = unit or _loose_unit(reading, spans, start, end, has_amount=counted is not None)
    quantity, problem = _whole(counted)
    if counted is not None and intent in _LOOKING and _is_loose(reading, counted, unit):
        quantity = None
    taken, attributes = _attributes(spans, packs)
    taken |= {place for span in (counted, unit) if span for place in range(span.start, span.end)}
    named = words_of(reading, start, end, taken)
    if unit is not None and not named and attributes:
        # "A red bag" is no amount of anything: the bag itself is meant.
        named, unit = reading.typed(unit.start, unit.end).lower(), None
    if unit is not None and not named and unit.value in (_GOODS if counted is None else _GOODS_FIRST):
        named, unit = reading.typed(unit.start, unit.end).lower(), None
    if unit is not None and quantity is None and problem is None and _has_article(reading, unit):
        quantity = 1
    if quantity is None and problem is None and not named and not attributes:
        return None
    return {
        "quantity": quantity,
        "unit": str(unit.value) if unit else None,
        "words": named,
        "attributes": attributes,
        "problem": problem,
        "text": reading.typed(start, end).strip()[:200],
    }


def _amount(reading: Reading, start: int, end: int) -> Tuple[Optional[Span], List[Span]]:
    """The amount that says how many, and those that say how much one of it holds."""
    groups = amounts_in(reading, start, end)
    packs = [group for group in groups if is_pack(reading, group, groups)]
    counting = [group for group in groups if group not in packs]
    return (counting[0] if counting else None), packs


def _counted(spans: List[Found], group: Optional[Span]) -> Tuple[Optional[Found], Optional[Found]]:
    if group is None:
        return None, None
    inside = [span for span in spans if group[0] <= span.start and span.end <= group[1]]
    unit = next((span for span in inside if span.label == "UNIT"), None)
    return next(span for span in inside if span.label != "UNIT"), unit


def _loose_unit(
    reading: Reading, spans: List[Found], start: int, end: int, *, has_amount: bool
) -> Optional[Found]:
    """A unit apart from its number: "apo iresi meji", "a bag of rice", "per yard"."""
    for unit in (span for span in spans if span.label == "UNIT"):
        before = reading.said[unit.start - 1] if unit.start > start else ""
        after = reading.said[unit.end] if unit.end < end else ""
        if before in {"per", "/", "each"} or (before in _ARTICLES and after):
            return unit
        names_follow = bool(words_of(reading, unit.end, end, set()))
        is_first = not words_of(reading, start, unit.start, set())
        is_bound = after in reading.lexicon.links and after != "da"
        is_english = _is_english(reading, unit)
        if is_first and names_follow and (is_bound or not is_english or unit.value in _MARKET):
            return unit
    return None


# Measures of the market that are nothing else.
_MARKET = words("derica mudu congo debe gorogoro carton crate sachet kg litre tuber")


def _is_english(reading: Reading, unit: Found) -> bool:
    return reading.said[unit.start] in LANGUAGES["en"].units


def _has_article(reading: Reading, unit: Found) -> bool:
    return unit.start > 0 and reading.said[unit.start - 1] in _ARTICLES


def _is_loose(reading: Reading, counted: Found, unit: Optional[Found]) -> bool:
    """Whether the number may be an article as well."""
    return unit is None and counted.end - counted.start == 1 and reading.said[counted.start] in _LOOSE_ONES


def _attributes(spans: List[Found], packs: List[Span]) -> Tuple[Set[int], Dict[str, str]]:
    """Colours and sizes, and the tokens that name nothing."""
    taken: Set[int] = set()
    attributes: Dict[str, str] = {}
    for span in spans:
        if span.label in {"COLOUR", "SIZE"}:
            name = "colour" if span.label == "COLOUR" else "size"
            said = attributes.get(name, "").split(" and ") if name in attributes else []
            attributes[name] = " ".join(dict.fromkeys([*said, str(span.value)]))
        if span.label not in _NAMING and not _is_in(span, packs):
            taken |= set(range(span.start, span.end))
    return taken, attributes


def _is_in(span: Found, packs: List[Span]) -> bool:
    return any(start <= span.start and span.end <= end for start, end in packs)


def _whole(counted: Optional[Found]) -> Tuple[Optional[int], Optional[str]]:
    if counted is None:
        return None, None
    if counted.label != "QUANTITY" or not isinstance(counted.value, (int, float)):
        return None, counted.label.lower()
    if counted.value < 1:
        return None, "zero"
    if counted.value > LARGEST_QUANTITY:
        return None, "too_many"
    return int(counted.value), None
