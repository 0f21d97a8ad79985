"""The tracker our store gives out says what Rasa's own would say of the same events."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    Event,
    LegacyForm,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.stored_tracker import StoredTracker
from tests.bot.engine.test_tails import Turn, heard, live, slowly, turns


def facts(tracker: DialogueStateTracker) -> dict[str, Any]:
    """All that a tracker consists of."""
    own = {name: value for name, value in vars(tracker).items() if name not in {"slots", "stored", "_past"}}
    slots = {name: (type(slot), vars(slot)) for name, slot in tracker.slots.items()}
    return {**own, "events": list(tracker.events), "slots": slots}


def both(events: list[Event], domain: Domain) -> tuple[StoredTracker, DialogueStateTracker]:
    made: tuple[StoredTracker, DialogueStateTracker] = (
        StoredTracker.from_events("c", events, domain.slots),
        DialogueStateTracker.from_events("c", events, domain.slots),
    )
    return made


@settings(slowly, max_examples=50)
@given(script=turns)
def test_the_same_events_are_applied(domain: Domain, script: list[Turn]) -> None:
    tracker = StoredTracker("c", domain.slots)
    for event in live(domain, script).events:
        tracker.update(event)
        rasas = DialogueStateTracker.applied_events(tracker)
        assert [id(one) for one in tracker.applied_events()] == [id(one) for one in rasas]


def test_what_actions_take_back_is_not_applied(domain: Domain) -> None:
    events = [
        *heard("greet", 1),
        ActionExecuted("action_greet"),
        LegacyForm("checkout_form"),
        ActionExecuted("checkout_form"),
        ActionExecuted("checkout_form"),
        ActionExecuted("action_view_cart"),
        ActionReverted(),
    ]
    ours, rasas = both(events, domain)
    assert ours.applied_events() == rasas.applied_events()
    assert len(ours.applied_events()) < len(events)
    ours.update(SessionStarted())
    assert ours.applied_events() == []


@settings(slowly, max_examples=50)
@given(script=turns)
def test_a_copy_is_the_one_that_rasa_makes(domain: Domain, script: list[Turn]) -> None:
    ours, rasas = both(list(live(domain, script).events), domain)
    for tracker in (ours, rasas):
        tracker.model_id = "m"
    assert facts(ours.copy()) == facts(rasas.copy())
    assert facts(ours.init_copy()) == facts(rasas.init_copy())


def test_what_is_done_to_a_copy_is_not_done_to_the_tracker(domain: Domain) -> None:
    tracker = both([*heard("greet", 1), SlotSet("customer_name", "Ada")], domain)[0]
    tracker.change_loop_to("checkout_form")
    before = facts(both([*tracker.events], domain)[0])["slots"]
    copied = tracker.copy()
    copied.update(SlotSet("customer_name", "Obi"))
    copied.update(UserUttered("hi", {"name": "greet"}))
    copied.active_loop.rejected = True
    copied.update(ActionExecuted("action_greet"))
    assert facts(tracker)["slots"] == before
    assert (tracker.latest_message.text, tracker.latest_action) == ("greet 1", {})
    assert not tracker.active_loop.rejected
    assert len(tracker.events) == 3
