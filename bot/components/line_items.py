"""Draws what is being asked for out of a message: how many, of what, in which colour and size.

Each thing named becomes one entity ``line_item`` with the value
``{"quantity": int | None, "unit": str | None, "words": str, "attributes": {str: str},
"problem": str | None, "text": str}``.
``words`` is what to search the catalogue for, empty when the shopper points at what is in focus ("3 more",
"the blue one"). A quantity is always a whole number from 1 to 999; anything else leaves it None and
``problem`` says ``zero``, ``negative``, ``fraction`` or ``too_many``. A price ceiling ("under 5k") becomes
one entity ``price_limit``, in whole units of the shop's money; "number 2" or "the last one" one entity
``place``, counted from 1, -1 being the last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional, Set, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.tokens import Doc

from bot.components import vocabulary
from bot.components.carriers import CARRIERS, POINTERS
from bot.components.grammar import COLOURS, LARGEST_QUANTITY, MEASURES, Found, Grammar, Reading

LONGEST_TEXT = 1000
MOST_ITEMS = 10
_SIGNS = frozenset({",", ";", "&", "+", "/"})
# "d'oeufs", "l'huile": the shortened word before it isn't the thing's name.
_ELIDED = re.compile(r"\b(?:d|l|qu|j|m|n|s|t)['’](?=\w{2})")
_CONDITIONAL = frozenset({"and", "n", "/", "et", "na", "da", "ati"})


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class LineItemExtractor(GraphComponent):  # type: ignore[misc]  # Rasa ships no types for it
    """Adds ``line_item`` and ``price_limit`` entities; needs no training."""

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
                found = self.extract(text, (message.get("language") or {}).get("name"))
                message.set("entities", [*message.get("entities", []), *found], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples stay as they are: no later component learns from these entities."""
        return training_data

    def extract(self, text: str, language: Optional[str] = None) -> List[Dict[str, Any]]:
        """The entities of one text, thought to be in ``language``. Never raises for any text."""
        reading = self._grammar.read(text[:LONGEST_TEXT])
        speech = _Speech.of(language)
        limits = [span for span in reading.found if span.label == "PRICE"]
        rest = [span for span in reading.found if span.label != "PRICE"]
        entities = [_entity("price_limit", reading, span.start, span.end, span.value) for span in limits[:1]]
        places = [span for span in rest if span.label == "REFERENCE" and isinstance(span.value, int)]
        entities += [_entity("place", reading, span.start, span.end, span.value) for span in places[:1]]
        for start, end in _segments(reading.doc, rest, limits, speech)[:MOST_ITEMS]:
            value = _line_item(reading, start, end, rest, speech)
            if value:
                entities.append(_entity("line_item", reading, start, end, value))
        return entities


@dataclass(frozen=True)
class _Speech:
    """The words of a language that part things named, and those that only carry a request."""

    separators: FrozenSet[str]
    carriers: FrozenSet[str]

    @classmethod
    def of(cls, language: Optional[str]) -> _Speech:
        """English's, since everybody mixes it in, and the language's own; Pidgin's when none is known."""
        own = language if language in vocabulary.SEPARATORS else "pcm"
        return cls(
            _SIGNS | vocabulary.SEPARATORS["en"] | vocabulary.SEPARATORS[own],
            CARRIERS | vocabulary.CARRIERS.get(own, frozenset()),
        )


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


def _segments(doc: Doc, found: List[Found], limits: List[Found], speech: _Speech) -> List[Tuple[int, int]]:
    """Where each thing named begins and ends. "And" parts two things unless it joins two colours."""
    inside = {index for span in (*found, *limits) for index in range(span.start, span.end)}
    price = {index for span in limits for index in range(span.start, span.end)}
    segments, start = [], 0
    for token in doc:
        parts = (
            token.i in price
            or "\n" in token.text
            or (token.lower_ in speech.separators and token.i not in inside)
        )
        if not parts or (token.lower_ in _CONDITIONAL and _joins_colours(doc, token.i)):
            continue
        if token.i > start:
            segments.append((start, token.i))
        start = token.i + 1
    if start < len(doc):
        segments.append((start, len(doc)))
    return segments


def _joins_colours(doc: Doc, index: int) -> bool:
    around = [doc[place].lower_ for place in (index - 1, index + 1) if 0 <= place < len(doc)]
    return len(around) == 2 and all(word in COLOURS for word in around)


def _line_item(
    reading: Reading, start: int, end: int, found: List[Found], speech: _Speech
) -> Optional[Dict[str, Any]]:
    doc = reading.doc
    spans = [span for span in found if start <= span.start and span.end <= end]
    counted, measure = _counted(doc, spans)
    quantity, problem = _whole(counted)
    unit = _unit_of(counted, spans)
    attributes: Dict[str, str] = {}
    taken: Set[int] = set()
    for span in spans:
        if span is counted or (unit and span is unit):
            taken.update(range(span.start, span.end))
        elif span.label in {"COLOUR", "SIZE"}:
            name = "colour" if span.label == "COLOUR" else "size"
            attributes[name] = f"{attributes[name]} {span.value}" if name in attributes else str(span.value)
            taken.update(range(span.start, span.end))
        elif span.label == "REFERENCE":
            taken.update(range(span.start, span.end))
            attributes.update(_pointed_attributes(doc, span))
    if measure:
        attributes["size"] = doc[measure[0] : measure[1]].text.lower().replace(" ", "")
        taken.update(range(*measure))
    words = _words(reading, start, end, taken, speech)
    if unit and not words and attributes and unit.value not in MEASURES:
        # "A red bag" is no amount of anything: the bag itself is meant.
        words, unit = reading.typed(unit.start, unit.end).lower(), None
    if counted is None and not words and not attributes:
        return None
    return {
        "quantity": quantity,
        "unit": str(unit.value) if unit else None,
        "words": words,
        "attributes": attributes,
        "problem": problem,
        "text": reading.typed(start, end).strip()[:200],
    }


def _pointed_attributes(doc: Doc, span: Found) -> Dict[str, str]:
    """ "The blue one" points by its colour, "the big one" by its size."""
    first = doc[span.start].lower_
    if span.end - span.start != 2 or doc[span.end - 1].lower_ not in {"one", "ones"}:
        return {}
    if first in COLOURS:
        return {"colour": first}
    return {} if span.value is not None or first in {"this", "that", "which", "the"} else {"size": first}


def _counted(doc: Doc, spans: List[Found]) -> Tuple[Optional[Found], Optional[Tuple[int, int]]]:
    """The span that says how many, and a second amount that is a size ("2 bags of 5 kg rice")."""
    amounts = [span for span in spans if span.label in {"QUANTITY", "FRACTION", "NEGATIVE"}]
    if not amounts:
        return None, None
    measured = [span for span in amounts if _is_measure(_unit_of(span, spans))]
    loose = [span for span in amounts if span not in measured]
    if measured and loose and len(amounts) > 1 and loose[0].label == "QUANTITY":
        unit = _unit_of(measured[0], spans)
        return loose[0], _both(measured[0], unit)
    return amounts[0], None


def _is_measure(unit: Optional[Found]) -> bool:
    return unit is not None and unit.value in MEASURES


def _unit_of(counted: Optional[Found], spans: List[Found]) -> Optional[Found]:
    """The unit counted in: behind the number, or before it, as in "kilo mbili"."""
    if counted is None:
        return None
    units = [span for span in spans if span.label == "UNIT"]
    behind = next((unit for unit in units if unit.start == counted.end), None)
    return behind or next((unit for unit in units if unit.end == counted.start), None)


def _both(amount: Found, unit: Optional[Found]) -> Tuple[int, int]:
    """From the first to the last token of an amount and its unit."""
    if unit is None:
        return amount.start, amount.end
    return min(amount.start, unit.start), max(amount.end, unit.end)


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


def _words(reading: Reading, start: int, end: int, taken: Set[int], speech: _Speech) -> str:
    """What is left to search for, once amounts, attributes and the words that carry them are gone."""
    left = [index for index in range(start, end) if index not in taken and not reading.doc[index].is_space]
    plain = [reading.doc[index].lower_ for index in left]
    if "per" in plain:
        left = left[: plain.index("per")]
    while left and _is_carrier(reading.doc[left[0]].lower_, speech):
        left.pop(0)
    while left and _is_carrier(reading.doc[left[-1]].lower_, speech):
        left.pop()
    if all(reading.doc[index].lower_ in POINTERS for index in left):
        return ""
    said = (reading.typed(index, index + 1).lower() for index in left)
    return _ELIDED.sub("", " ".join(said))[:120]


def _is_carrier(word: str, speech: _Speech) -> bool:
    return word in speech.carriers or not any(letter.isalnum() for letter in word)
