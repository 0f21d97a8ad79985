"""Resolves an answer to what the last reply offered: a number, an ordinal, a title, a yes or a no.

The choices come with the message, in ``metadata["offered"]``: dictionaries of ``title``, ``intent`` and
``entities``. A choice that is picked gives the message its intent, with confidence 1, and its entities. Two
entities of a choice speak to this component: ``answer`` (``yes`` or ``no``) makes it what a plain yes or no
means, and ``takes_quantity`` makes a bare number an amount of it rather than a place in the list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Dict, List, Optional, Set, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from spacy.tokens import Doc

from bot.components.grammar import MEASURES, Grammar
from bot.components.letters import plain
from bot.components.lexicon import LANGUAGES, words
from bot.components.places import pointed_at
from bot.components.pointing import Pointer, pointed_by
from bot.components.weighing import Found

Json = Dict[str, Any]
CARRIERS = LANGUAGES["en"].carriers | LANGUAGES["en"].articles | LANGUAGES["en"].pronouns
CLOSE_ENOUGH = 0.84
_WORD = re.compile(r"[^\W_]+")
_LEADING = re.compile(r"\d\s+[^\W\d]")
"""An amount before what it counts: "999 ankara", but not "iphone 13"."""
_THINGS = frozenset({"product_id", "variant_id", "line_id", "order"})
_ASKING = frozenset(
    {
        "ask_product_details",
        "ask_price",
        "ask_availability",
        "add_to_cart",
        "remove_from_cart",
        "update_cart",
        "cancel_order",
        "track_order",
    }
)

# Questions that are about no choice, whatever words they share with one.
_ELSEWHERE = words(
    "ask_delivery ask_opening_hours ask_shop_location ask_payment_methods return_or_refund help"
)
_QUESTIONS = words(
    "how what wat where when which do does can is are hw wetin abi una combien quel quelle quels quelles est"
    " ou quand comment livrez faites ngapi gani wapi lini je mna mnafika mnaleta nawa ina yaushe yaya kuna"
    " shin elo nibo nigba bawo se nje ki"
)

_COUNTING = frozenset({"QUANTITY", "FRACTION", "NEGATIVE"})
_FILLERS = words("just only please pls plz abeg ok okay no for now me is fine make it am x then")
_PICKING = words("the please pls i want choose pick select ok one it is go for with")
_AMOUNTS = frozenset({"update_cart", "add_to_cart", "remove_from_cart"})


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=False)
class ChoiceResolver(GraphComponent):  # type: ignore[misc]  # Rasa ships no types for it
    """Runs last: it may overrule the intent, never the entities that say how many."""

    def __init__(self) -> None:
        self._grammar = Grammar()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ChoiceResolver:
        """Made by Rasa."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Resolves each message that answers an offer; a bare amount that doesn't is a ``give_quantity``."""
        for message in messages:
            text = message.get("text")
            if text:
                self._resolve(message, text)
        return messages

    def _resolve(self, message: Message, text: str) -> None:
        offered = (message.get("metadata") or {}).get("offered") or []
        reading = self._grammar.read(text[:200])
        said = Said(message, text, reading.doc, reading.found)
        pointer = None if _titled(text, offered) else pointed_by(text[:200])
        is_pointed = pointer is not None and pointer.is_all
        picked, keeps_intent = _pick(said, offered) if offered and not is_pointed else (None, False)
        if picked is not None:
            intent = _intent(message) if keeps_intent else picked["intent"]
            _apply(message, intent, picked.get("entities") or {})
        elif pointer:
            _point(message, pointer)
        else:
            _mend(message, said.is_bare)


@dataclass(frozen=True)
class Said:
    """One message with its tokens and what the grammar found in them."""

    message: Message
    text: str
    doc: Doc
    found: List[Found]

    @property
    def is_bare(self) -> bool:
        """Whether it is an amount and nothing else: "2", "2 yards", "just 3 please"."""
        amounts = [span for span in self.found if span.label in _COUNTING]
        if len(amounts) != 1:
            return False
        taken = {
            index
            for span in self.found
            if span.label in _COUNTING or span.label == "UNIT"
            for index in range(span.start, span.end)
        }
        return all(token.i in taken or _is_filler(token.text) for token in self.doc)


def _pick(said: Said, offered: List[Json]) -> Tuple[Optional[Json], bool]:
    """The choice meant, and whether the message's own intent says what to do with it."""
    message, text = said.message, said.text
    pointed = _pointed(text, offered)
    if pointed is not None:
        return pointed, False
    reference = next(
        (span for span in said.found if span.label == "REFERENCE" and span.value is not None), None
    )
    if reference is not None:
        choice = _at(offered, int(float(reference.value or 0)))
        rest = _content(said.doc, {*range(reference.start, reference.end)})
        if not rest or choice is None or _asks_about(message, choice):
            return choice, bool(rest)
        return (None if _intent(message) in _ASKING else choice), False
    if said.is_bare:
        return _by_number(message, text, offered), False
    yes_or_no = {"affirm": "yes", "deny": "no", "stop": "no"}.get(_intent(message))
    if yes_or_no and not _titled(text, offered):
        return next((c for c in offered if (c.get("entities") or {}).get("answer") == yes_or_no), None), False
    return _by_title(message, text, offered)


def _point(message: Message, pointer: Pointer) -> None:
    """One of several things is meant by how it differs: to be asked about, taken, or picked alone."""
    intent = _intent(message)
    if pointer.kind == "same" and pointer.is_all:
        intent = "reorder"
    elif pointer.is_all and intent not in _ASKING - {"add_to_cart"}:
        intent = "add_to_cart" if pointer.is_taken else "pick_shown"
    if pointer.is_all or intent in _ASKING:
        _apply(message, intent, {"reference": pointer.kind})


def _pointed(text: str, offered: List[Json]) -> Optional[Json]:
    """The choice that the words point at: not where they are a title, or the amount that a choice takes."""
    pointed = pointed_at(text)
    if pointed is None or _titled(text, offered):
        return None
    takes_amount = any((choice.get("entities") or {}).get("takes_quantity") for choice in offered)
    return _at(offered, pointed.place) if pointed.is_surely or not takes_amount else None


def _is_filler(word: str) -> bool:
    return word.lower() in _FILLERS or not _WORD.search(word)


def _mend(message: Message, bare: bool) -> None:
    """An amount alone is an amount; an amount of something named is something to buy."""
    item, intent = _item(message), _intent(message)
    if item is None:
        return
    if bare and intent not in _AMOUNTS:
        _apply(message, "give_quantity", {})
    elif not bare and item["words"] and (item["quantity"] or item["problem"]):
        is_odd = item["problem"] and intent in {"search_product", "update_cart"}
        is_counted = (
            intent == "search_product" and (item["quantity"] or 0) > 1 and _LEADING.search(item["text"])
        )
        if (
            is_odd
            or (is_counted and item["unit"] not in MEASURES)
            or intent in {"give_quantity", "nlu_fallback"}
        ):
            _apply(message, "add_to_cart", {})


def _by_number(message: Message, text: str, offered: List[Json]) -> Optional[Json]:
    """A bare "2" is the second choice, unless a choice takes it as an amount; "2 yards" is an amount."""
    counted = next(
        (choice for choice in offered if (choice.get("entities") or {}).get("takes_quantity")), None
    )
    titled = next((choice for choice in offered if _plain(choice["title"]) == _plain(text)), None)
    if titled or counted:
        return titled or counted
    sized = [choice for choice in offered if _tight(text) and _tight(text) in _tight(choice["title"])]
    if len(sized) == 1 and not text.strip().isdigit():
        _forget_amount(message)
        return sized[0]
    number = re.fullmatch(r"\W*(\d{1,2})\W*", text)
    return _at(offered, int(number.group(1))) if number else None


def _tight(text: str) -> str:
    return "".join(word for word in _WORD.findall(text.lower()) if word not in _FILLERS)


def _forget_amount(message: Message) -> None:
    """The amount was the size of what is picked ("5 l"), not how many of it."""
    kept = [found for found in message.get("entities", []) if found["entity"] != "line_item"]
    message.set("entities", kept, add_to_output=True)


def _by_title(message: Message, text: str, offered: List[Json]) -> Tuple[Optional[Json], bool]:
    """The one choice whose title the message says, whole or nearly, or by words only that title has."""
    exact = [choice for choice in offered if _plain(choice["title"]) == _plain(text)]
    if exact:
        return exact[0], False
    item = _item(message)
    wanted = _wanted(text)
    if not wanted or len(wanted) > 6 or _is_another_question(message, text):
        return None, False
    likest = max(offered, key=lambda choice: _likeness(wanted, _plain(choice["title"])))
    is_like = _likeness(wanted, _plain(likest["title"])) >= CLOSE_ENOUGH
    # "Westlands" is no "Eastlands", however alike: the very words come first.
    picked = _only_one_saying(wanted, offered) or (likest if is_like else _only_one_with(wanted, offered))
    if picked is None:
        return None, False
    is_more = item is None or not item["quantity"] or _intent(message) == "add_to_cart"
    return picked, _asks_about(message, picked) and is_more


def _is_another_question(message: Message, text: str) -> bool:
    """ "How much is delivery to Lekki" asks, though "Lekki" is on offer; "Lekki" alone picks it."""
    asked = set(_plain(plain(text)[0]).split()) & _QUESTIONS or "?" in text
    return bool(asked) and _intent(message) in _ELSEWHERE


def _titled(text: str, offered: List[Json]) -> bool:
    return any(_plain(choice["title"]) == _plain(text) for choice in offered)


def _wanted(text: str) -> List[str]:
    """The message's own words, without an amount and the words that carry a request."""
    said = _plain(text).split()
    kept = [word for word in said if word not in CARRIERS and not word.isdigit()]
    return kept or ([] if any(word.isdigit() for word in said) else said)


def _likeness(wanted: List[str], title: str) -> float:
    said = " ".join(wanted)
    return SequenceMatcher(None, said, title).ratio() if len(said) > 3 else float(said == title)


def _only_one_saying(wanted: List[str], offered: List[Json]) -> Optional[Json]:
    """The only choice with these very words in its title."""
    saying = [choice for choice in offered if set(wanted) <= set(_plain(choice["title"]).split())]
    return saying[0] if len(saying) == 1 else None


def _only_one_with(wanted: List[str], offered: List[Json]) -> Optional[Json]:
    """The only choice with every one of these words in its title or description of attributes."""
    having = [choice for choice in offered if all(_has(choice, word) for word in wanted)]
    return having[0] if len(having) == 1 else None


def _has(choice: Json, word: str) -> bool:
    title = _plain(choice["title"]).split()
    return any(
        word == part or (len(word) > 3 and SequenceMatcher(None, word, part).ratio() >= CLOSE_ENOUGH)
        for part in title
    )


def _asks_about(message: Message, choice: Json) -> bool:
    """ "How much is the second one" asks about the second one, and does not just pick it."""
    return _intent(message) in _ASKING and bool(_THINGS & set(choice.get("entities") or {}))


def _at(offered: List[Json], place: int) -> Optional[Json]:
    """The choice at a place of the last list; they carry a ``number``, since a reply may hold two lists."""
    if place == -1:
        return next((choice for choice in reversed(offered) if choice["intent"] != "show_more"), None)
    if not any(_number(choice) for choice in offered):
        return offered[place - 1] if 1 <= place <= len(offered) else None
    return next((choice for choice in reversed(offered) if _number(choice) == place), None)


def _number(choice: Json) -> Optional[int]:
    return (choice.get("entities") or {}).get("number")


def _content(doc: Doc, taken: Set[int]) -> List[str]:
    """The words that say more than "the second one please"."""
    left = (token.lower_ for token in doc if token.i not in taken and _WORD.search(token.text))
    return [word for word in left if word not in _PICKING]


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _intent(message: Message) -> str:
    return str((message.get("intent") or {}).get("name") or "")


def _item(message: Message) -> Optional[Json]:
    values = [entity["value"] for entity in message.get("entities", []) if entity["entity"] == "line_item"]
    return values[0] if values else None


def _apply(message: Message, intent: str, entities: Json) -> None:
    understood = {"name": intent, "confidence": 1.0}
    message.set("intent", understood, add_to_output=True)
    others = [rank for rank in message.get("intent_ranking", []) if rank.get("name") != intent]
    message.set("intent_ranking", [understood, *others], add_to_output=True)
    end = len(message.get("text"))
    own = [
        {
            "entity": name,
            "value": value,
            "start": 0,
            "end": end,
            "confidence": 1.0,
            "extractor": "ChoiceResolver",
        }
        for name, value in entities.items()
    ]
    message.set("entities", [*message.get("entities", []), *own], add_to_output=True)
