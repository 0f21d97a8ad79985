"""What a shopper means and in which language they say it: ``understanding.Understanding`` as a part of Rasa.

Sets ``intent`` and ``intent_ranking`` as Rasa's own classifiers do. Of a message that is surely in one
language, an entity ``language`` says which: the one its training examples are marked with. A message that
leaves doubt (a name, a number, "ok") says nothing, and the slot keeps what was spoken so far.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.openings import behind_greeting, is_no_word
from bot.components.understanding import Reading, Understanding

LANGUAGE = "language"
UNMARKED = "en"
NOTHING = {"name": None, "confidence": 0.0}
# One word alone is often a product's name; these intents are not said with one.
SURE, SURE_OF_ONE_WORD = 0.8, 0.9
GREET, OUT_OF_SCOPE = "greet", "out_of_scope"
# How sure what comes after a greeting must be; and how sure one is of letters that are no words at all.
CLEAR, NOT_A_WORD = 0.45, 0.1
SMALL_TALK = frozenset({"greet", "goodbye", "thank", "affirm", "deny", "help"})


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):  # type: ignore[misc]  # Rasa has no types
    """``ranking_length`` is how many intents the ranking keeps."""

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self._kept = int(config["ranking_length"])
        self._storage = storage
        self._resource = resource
        self._understanding: Optional[Understanding] = None

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The settings ``config.yml`` may change."""
        return {"ranking_length": 3}

    @staticmethod
    def required_packages() -> List[Text]:
        """What must be installed."""
        return ["sklearn"]

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Made by Rasa to be trained."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> LinearIntentClassifier:
        """Made by Rasa from a trained archive."""
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            made._understanding = Understanding.load(Path(folder))
        return made

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from every example that has an intent."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        self._understanding = Understanding.train(
            [example.get(TEXT) for example in examples],
            [example.get(INTENT) for example in examples],
            [language_of(example) for example in examples],
        )
        with self._storage.write_to(self._resource) as folder:
            self._understanding.save(Path(folder))
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Says of each message what it means."""
        for message in messages:
            text = message.get(TEXT)
            if text and self._understanding:
                read = self._read(text)
                ranking = _ranking(read.intents[: self._kept])
                message.set(INTENT, ranking[0], add_to_output=True)
                message.set("intent_ranking", ranking, add_to_output=True)
                language = _ranking(read.languages[:1])[0]
                message.set(LANGUAGE, language)
                spoken = _spoken(language, text, ranking[0]["name"])
                message.set(ENTITIES, [*message.get(ENTITIES, []), *spoken], add_to_output=True)
            else:
                message.set(INTENT, dict(NOTHING), add_to_output=True)
        return messages

    def _read(self, text: str) -> Reading:
        """What a text means: beside a greeting, what comes after it; letters that are no words, nothing."""
        read = self._understanding.read(text)  # type: ignore[union-attr]  # asked only when there is one
        name = read.intents[0][0]
        if name == OUT_OF_SCOPE and is_no_word(text):
            return Reading([(name, NOT_A_WORD)], read.languages)
        rest = behind_greeting(text) if name == GREET else ""
        if not rest:
            return read
        after = self._understanding.read(rest)  # type: ignore[union-attr]
        wanted, confidence = after.intents[0]
        is_clear = confidence >= CLEAR and wanted not in SMALL_TALK | {OUT_OF_SCOPE}
        return Reading(after.intents, read.languages) if is_clear else read


def language_of(example: Message) -> str:
    """The language its block of the training data is marked with."""
    marked = (example.get("metadata") or {}).get("intent") or {}
    return str(marked.get(LANGUAGE) or UNMARKED)


def _spoken(language: Dict[str, Any], text: str, intent: str) -> List[Dict[str, Any]]:
    """The ``language`` entity of a text, if there is no doubt."""
    confidence = language["confidence"]
    words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
    # Everybody says "ok" and writes street names: English is a sentence.
    if len(words) >= (3 if language["name"] == UNMARKED else 2):
        is_sure = confidence >= SURE
    else:
        is_small_talk = len(words) == 1 and intent in SMALL_TALK and language["name"] != UNMARKED
        is_sure = is_small_talk and confidence >= SURE_OF_ONE_WORD
    if not is_sure:
        return []
    return [
        {
            "entity": LANGUAGE,
            "start": 0,
            "end": len(text),
            "value": language["name"],
            "confidence": confidence,
            "extractor": "LinearIntentClassifier",
        }
    ]


def _ranking(shares: Sequence[Tuple[str, float]]) -> List[Dict[str, Any]]:
    return [{"name": name, "confidence": confidence} for name, confidence in shares]
