"""The states that policies see are those of Rasa's own replay, however far the conversation has come."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.agent import Agent
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.past import LATEST
from bot.engine.stored_tracker import StoredTracker
from tests.bot.engine.test_tails import Turn, live, plain, slowly, turns

RULE_ONLY = {"rule_only_slots": ["checkout_ready"], "rule_only_loops": ["checkout_form"]}


def hide(events: list[Event], hidden: list[bool]) -> list[Event]:
    """With actions that stories don't know, as rules predict them."""
    for place, event in enumerate(events):
        if isinstance(event, ActionExecuted):
            event.hide_rule_turn = hidden[place % len(hidden)]
    return events


def asked(tracker: DialogueStateTracker, domain: Domain) -> list[list[State]]:
    """Each way in which policies ask for states."""
    return [
        tracker.past_states(domain)[-LATEST:],
        tracker.past_states(domain, ignore_rule_only_turns=True, rule_only_data=RULE_ONLY),
        tracker.past_states(domain, ignore_rule_only_turns=True),
        tracker.past_states(domain, omit_unset_slots=True),
    ]


@settings(slowly, max_examples=60)
@given(
    script=turns,
    hidden=st.lists(st.booleans(), min_size=1, max_size=7),
    steps=st.lists(st.integers(1, 60), min_size=1, max_size=5),
)
def test_after_any_events_the_states_are_those_that_rasa_works_out(
    domain: Domain, script: list[Turn], hidden: list[bool], steps: list[int]
) -> None:
    events = hide(list(live(domain, script).events), hidden)
    ours = StoredTracker("c", domain.slots)
    for number, event in enumerate(events):
        ours.update(event)
        if number % steps[number % len(steps)] == 0 or number == len(events) - 1:
            rasas = DialogueStateTracker.from_events("c", list(ours.events), domain.slots)
            assert asked(ours, domain) == asked(rasas, domain)


def test_what_a_policy_does_to_its_states_nobody_else_sees(domain: Domain) -> None:
    tracker = StoredTracker.from_events("c", list(live(domain, [plain] * 4).events), domain.slots)
    before = asked(tracker, domain)[:3]
    for states in asked(tracker, domain)[:3]:
        for state in states:
            for part in state.values():
                part.clear()
            state.clear()
    assert asked(tracker, domain)[:3] == before


def test_an_event_is_replayed_once_for_all_predictions(domain: Domain, monkeypatch: Any) -> None:
    tracker = StoredTracker("c", domain.slots)
    replayed: list[Event] = []
    update = DialogueStateTracker.update

    def counted(self: DialogueStateTracker, event: Event, domain: Domain | None = None) -> None:
        if self is not tracker:
            replayed.append(event)
        update(self, event, domain)

    monkeypatch.setattr(DialogueStateTracker, "update", counted)
    for event in live(domain, [plain] * 10).events:
        tracker.update(event)
    tracker.past_states(domain)
    tracker.update(ActionExecuted("action_greet"))
    replayed.clear()
    for _ in range(3):
        tracker.past_states(domain)
        tracker.past_states(domain, ignore_rule_only_turns=True)
    assert [event.action_name for event in replayed] == ["action_greet"]


def test_no_rule_and_no_policy_looks_back_further_than_the_states_that_are_kept(agent: Agent) -> None:
    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    rules = next(node._component for node in nodes if isinstance(node._component, RulePolicy))
    keys = [key for lookup in ("rules", "rules_for_loop_unhappy_path") for key in rules.lookup[lookup]]
    assert max(len(RulePolicy._rule_key_to_state(key)) for key in keys) < LATEST
    memory = next(node._component for node in nodes if isinstance(node._component, MemoizationPolicy))
    assert memory.featurizer.max_history < LATEST
