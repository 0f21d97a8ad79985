"""Which of a response's wordings is said: any of those that fit, but not what was said a moment ago.

Rasa's own generator throws a die each time, so that a question asked twice may be the same sentence twice.
"""

from __future__ import annotations

import copy
import random
from typing import Any, Dict, List, Optional, Text

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

LOOKED_BACK = 6
"""Replies a wording must differ from, while there is another."""


class FreshWording(TemplatedNaturalLanguageGenerator):  # type: ignore[misc]  # Rasa ships no types for it
    """Rasa's generator with a memory: named as ``nlg`` in ``bot/endpoints.yml``."""

    def __init__(self, endpoint_config: Optional[EndpointConfig], domain: Domain) -> None:
        super().__init__(domain.responses)

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        """A wording with its facts; None for a response the domain doesn't have."""
        if utter_action not in self.responses:
            return None
        slots = tracker.current_slot_values()
        fitting = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, slots
        )
        filled = [self._fill_response(copy.deepcopy(one), slots, **kwargs) for one in fitting]
        return _freshest(filled, _said_lately(tracker))


def _said_lately(tracker: DialogueStateTracker) -> List[Text]:
    """The latest replies, the newest first."""
    said = [event.text for event in reversed(tracker.events) if isinstance(event, BotUttered) and event.text]
    return said[:LOOKED_BACK]


def _freshest(filled: List[Dict[Text, Any]], said: List[Text]) -> Optional[Dict[Text, Any]]:
    """One that wasn't said lately; when all were, the one that is longest ago."""
    if not filled:
        return None
    fresh = [one for one in filled if one.get("text") not in said]
    if fresh:
        return random.choice(fresh)  # noqa: S311 -- a wording, not a secret
    return max(filled, key=lambda one: said.index(one["text"]) if one.get("text") in said else 0)
