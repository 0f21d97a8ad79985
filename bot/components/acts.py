"""Several acts in one message: "remove the rice and add 2 beans then checkout" is three, in that order.

Where a message names two or more different things to do with the cart, it gets the intent ``several_acts``
and an entity ``acts``: a list of ``{"intent": str, "entities": {name: value}}`` in the order they are to be
done; ``entities`` has ``line_item`` as a list. To pay comes last, wherever it stands. Each part is read as if
it had been written alone, so an act may point at what was offered.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Dict, Iterator, List, Optional, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.components.choices import ChoiceResolver
from bot.components.grammar import Grammar, Reading
from bot.components.lexicon import words
from bot.components.line_items import LineItemExtractor

Json = Dict[str, Any]
SEVERAL = "several_acts"
LAST = "checkout"
MOST = 5
# What a message is about beyond the cart; its verbs are no acts there.
_ELSEWHERE = frozenset(
    {
        "cancel_order",
        "change_checkout",
        "change_order",
        "complaint",
        "opt_out",
        "payment_issue",
        "return_or_refund",
        "set_delivery_address",
        "talk_to_human",
        "track_order",
    }
)
# These are done to something that must be named or pointed at.
_OF_GOODS = frozenset({"add_to_cart", "remove_from_cart", "update_cart"})
_COURTESIES = words("please pls abeg tafadhali jowo svp also")
_SIGNS = frozenset({",", ".", ";", "&", "+", "!"})


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class ActReader(GraphComponent):  # type: ignore[misc]  # Rasa ships no types for it
    """Runs behind everything else; messages with one act stay as they are."""

    def __init__(self) -> None:
        self._grammar = Grammar()
        self._items = LineItemExtractor()
        self._choices = ChoiceResolver()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ActReader:
        """Made by Rasa."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Says of each message with several acts which they are."""
        for message in messages:
            if message.get("text") and (message.get("intent") or {}).get("name") not in _ELSEWHERE:
                acts = self.read(message)
                if len(acts) > 1:
                    _apply(message, acts)
        return messages

    def read(self, message: Message) -> List[Json]:
        """The acts of a message in the order they are to be done; none of a message with fewer than two."""
        text = message.get("text")
        language = (message.get("language") or {}).get("name")
        reading = self._grammar.read(text[:1000], language)
        acts = [self._act(message, intent, said) for intent, said in _clauses(reading)][:MOST]
        clear = [act for act in acts if act is not None]
        done = _last_things_last(_merged(clear))
        return done if len(done) > 1 and len(clear) == len(acts) else []

    def _act(self, message: Message, intent: str, said: str) -> Optional[Json]:
        part = Message({"text": said, "intent": {"name": intent, "confidence": 1.0}})
        part.set("metadata", message.get("metadata"))
        part.set("language", message.get("language"))
        self._items.process([part])
        if intent not in _OF_GOODS:
            return {"intent": intent, "entities": {}}
        self._choices.process([part])
        entities: Json = {}
        for found in part.get("entities", []):
            if found["entity"] == "line_item":
                entities.setdefault("line_item", []).append(found["value"])
            elif found["entity"] != "language":
                entities[found["entity"]] = found["value"]
        heard = (part.get("intent") or {}).get("name")
        return {"intent": heard if heard in _OF_GOODS else intent, "entities": entities} if entities else None


def _clauses(reading: Reading) -> Iterator[Tuple[str, str]]:
    """Each part of the message that begins with an act, and its intent."""
    marks = _marks(reading)
    for (intent, start), (_, after) in pairwise([*marks, ("", len(reading.said))]):
        end = after
        while end > start + 1 and _is_between(reading, end - 1):
            end -= 1
        yield intent, reading.typed(0 if start == marks[0][1] else start, end)


def _marks(reading: Reading) -> List[Tuple[str, int]]:
    """Where acts begin: at the beginning, and behind what parts two of them."""
    marks: List[Tuple[str, int]] = []
    for place in range(len(reading.said)):
        intent = _act_at(reading, place)
        is_apart = place > 0 and _is_between(reading, place - 1)
        if intent and (is_apart or not marks) and not (marks and place < marks[-1][1] + 1):
            marks.append((intent, place))
    return marks


def _act_at(reading: Reading, place: int) -> Optional[str]:
    """The longest name of an act that begins here."""
    for length in (6, 5, 4, 3, 2, 1):
        if place + length <= len(reading.said):
            said = " ".join(reading.said[place : place + length])
            if said in reading.lexicon.acts:
                return reading.lexicon.acts[said]
    return None


def _is_between(reading: Reading, place: int) -> bool:
    lexicon, said = reading.lexicon, reading.said
    if said[place] in _SIGNS or said[place] in lexicon.separators or not said[place].strip():
        return True
    return (
        any(
            " ".join(said[start : place + 1]) in lexicon.thens
            for start in range(max(0, place - 2), place + 1)
        )
        or said[place] in _COURTESIES
    )


def _merged(acts: List[Json]) -> List[Json]:
    """Neighbours that do the same are one act, with the things of both."""
    merged: List[Json] = []
    for act in acts:
        same = merged and merged[-1]["intent"] == act["intent"] == "add_to_cart"
        if same and set(act["entities"]) <= {"line_item"} and set(merged[-1]["entities"]) <= {"line_item"}:
            merged[-1]["entities"]["line_item"] += act["entities"].get("line_item", [])
        elif not (merged and merged[-1] == act):
            merged.append(act)
    return merged


def _last_things_last(acts: List[Json]) -> List[Json]:
    """To pay, once, behind all else."""
    return [act for act in acts if act["intent"] != LAST] + [act for act in acts if act["intent"] == LAST][:1]


def _apply(message: Message, acts: List[Json]) -> None:
    understood = {"name": SEVERAL, "confidence": 1.0}
    message.set("intent", understood, add_to_output=True)
    message.set("intent_ranking", [understood], add_to_output=True)
    kept = [found for found in message.get("entities", []) if found["entity"] == "language"]
    said = {
        "entity": "acts",
        "value": acts,
        "start": 0,
        "end": len(message.get("text")),
        "confidence": 1.0,
        "extractor": "ActReader",
    }
    message.set("entities", [*kept, said], add_to_output=True)
