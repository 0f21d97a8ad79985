"""Words that point at one of several things, in six languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.components.choices import ChoiceResolver
from bot.components.pointing import pointed_by

NO = [{"title": "No, thanks", "intent": "deny", "entities": {"answer": "no", "number": 1}}]
ZONES = [
    {"title": "Westlands & Kilimani", "intent": "choose", "entities": {"zone_id": "w", "number": 1}},
    {"title": "Eastlands", "intent": "choose", "entities": {"zone_id": "e", "number": 2}},
]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the cheaper one", "cheapest"),
        ("give me the one wey cheap pass", "cheapest"),
        ("nipe ile ya bei nafuu", "cheapest"),
        ("la moins chère svp", "cheapest"),
        ("mai araha", "cheapest"),
        ("èyí tó pọ́ọ́kú jù", "cheapest"),
        ("the more expensive one", "dearest"),
        ("i'll take both", "both"),
        ("nipe zote mbili", "both"),
        ("je prends les deux", "both"),
        ("duka biyun", "both"),
        ("mejeeji", "both"),
        ("not that, the other", "other"),
        ("hapana, ile nyingine", "other"),
        ("non, l'autre", "other"),
        ("ba wannan ba, ɗayan", "other"),
        ("same again please", "same"),
        ("hiyo hiyo tena", "same"),
        ("encore la même", "same"),
    ],
)
def test_a_reference_is_heard_and_nothing_else_is_said(text: str, kind: str) -> None:
    pointer = pointed_by(text)
    assert pointer is not None
    assert (pointer.kind, pointer.is_all) == (kind, True)


@pytest.mark.parametrize(
    "text",
    ["can you make it cheaper", "same again as last time", "two of them", "punguza bei iwe rahisi", "rice"],
)
def test_bargaining_and_last_times_order_point_at_nothing(text: str) -> None:
    assert pointed_by(text) is None


def resolved(text: str, intent: str, offered: list[Any]) -> tuple[str, dict[str, Any]]:
    message = Message(
        {"text": text, "intent": {"name": intent, "confidence": 0.6}, "metadata": {"offered": offered}}
    )
    ChoiceResolver().process([message])
    found = {one["entity"]: one["value"] for one in message.get("entities", [])}
    return message.get("intent")["name"], found


@pytest.mark.parametrize(
    ("text", "intent", "meant"),
    [
        ("not that, the other", "deny", "pick_shown"),
        ("the cheaper one", "haggle", "pick_shown"),
        ("give me the cheaper one", "haggle", "add_to_cart"),
        ("how much is the cheaper one", "ask_price", "ask_price"),
        ("remove both", "remove_from_cart", "remove_from_cart"),
        ("same again", "affirm", "reorder"),
    ],
)
def test_a_reference_is_picked_taken_or_asked_about(text: str, intent: str, meant: str) -> None:
    heard, entities = resolved(text, intent, NO)
    assert heard == meant
    assert "reference" in entities


def test_the_very_word_of_one_choice_beats_one_that_is_only_like_it() -> None:
    assert resolved("Westlands", "ask_delivery", ZONES)[1]["zone_id"] == "w"


def test_a_question_about_a_choice_does_not_pick_it() -> None:
    assert "zone_id" not in resolved("how much is delivery to Eastlands", "ask_delivery", ZONES)[1]


@given(st.text(max_size=80))
def test_any_text_points_at_something_we_know_or_at_nothing(text: str) -> None:
    pointer = pointed_by(text)
    assert pointer is None or pointer.kind in {"cheapest", "dearest", "both", "other", "same"}
