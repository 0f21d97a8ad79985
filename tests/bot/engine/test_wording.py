"""A reply is worded otherwise than the last ones, in the shopper's language and channel."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.wording import FreshWording

FRENCH = [{"type": "slot", "name": "language", "value": "fr"}]
RESPONSES: dict[str, list[dict[str, Any]]] = {
    "utter_again": [
        {"text": "One, {name}?"},
        {"text": "Two, {name}?"},
        {"text": "Un, {name} ?", "condition": FRENCH},
    ],
    "utter_only": [{"text": "Only this"}],
}
SLOTS = [TextSlot("language", mappings=[{"type": "custom"}])]
DOMAIN = Domain([], [], SLOTS, RESPONSES, [], {}, {})


def tracker(*said: str, language: str | None = None) -> DialogueStateTracker:
    events: list[Any] = [SlotSet("language", language), *(BotUttered(text) for text in said)]
    return DialogueStateTracker.from_events("c1", events, SLOTS)


async def worded(response: str, *said: str, language: str | None = None) -> str | None:
    made = await FreshWording(None, DOMAIN).generate(
        response, tracker(*said, language=language), "whatsapp", name="Bola"
    )
    return made["text"] if made else None


@pytest.mark.parametrize(("said", "follows"), [("One, Bola?", "Two, Bola?"), ("Two, Bola?", "One, Bola?")])
async def test_the_other_wording_follows(said: str, follows: str) -> None:
    assert {await worded("utter_again", said) for _ in range(8)} == {follows}


async def test_when_all_were_said_the_longest_ago_is_said() -> None:
    assert await worded("utter_again", "One, Bola?", "Two, Bola?") == "One, Bola?"


async def test_a_response_with_one_wording_is_said_again() -> None:
    assert await worded("utter_only", "Only this") == "Only this"


async def test_the_language_is_kept_even_when_it_has_one_wording() -> None:
    assert await worded("utter_again", "Un, Bola ?", language="fr") == "Un, Bola ?"


async def test_what_the_domain_does_not_have_is_not_said() -> None:
    assert await worded("utter_unknown") is None
