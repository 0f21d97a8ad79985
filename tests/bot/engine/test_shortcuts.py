"""The shortcuts through Rasa lead where its own ways lead."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import rasa
import threadpoolctl
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import State
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

from bot.components import sentences
from bot.engine import shortcuts
from tests.bot.engine.test_tails import Turn, live, slowly, turns

SAID = (
    "2 bags of rice and 3 yards of ankara",
    "nataka mchele kilo mbili",
    "hello",
    "remove it",
    "!?",
    "4k last",
)
LOOKUPS = ("rules", "rules_for_loop_unhappy_path")
PLACES = (DaskGraphRunner, "run"), (Event, "resolve_by_type"), (RulePolicy, "_get_possible_keys")


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa's own functions at the beginning, and at the end what there was before."""
    for (owner, name), own in zip(PLACES, shortcuts.RASAS, strict=True):
        monkeypatch.setattr(owner, name, staticmethod(own) if owner is Event else own)


def rules_of(agent: Agent) -> RulePolicy:
    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    return next(node._component for node in nodes if isinstance(node._component, RulePolicy))


async def parsed(agent: Agent) -> list[Any]:
    return [await agent.processor.parse_message(UserMessage(text, message_id="m")) for text in SAID]


async def test_messages_are_understood_as_by_rasas_own_graph(agent: Agent) -> None:
    before = await parsed(agent)
    shortcuts.install()
    assert await parsed(agent) == before


@settings(slowly, max_examples=50)
@given(script=turns)
def test_the_assistant_does_next_what_it_does_without_shortcuts(agent: Agent, script: list[Turn]) -> None:
    tracker = live(agent.domain, script)
    chosen = []
    for replaced in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            for (owner, name), own in zip(PLACES, shortcuts.RASAS, strict=True):
                patch.setattr(owner, name, staticmethod(own) if owner is Event else own)
            if replaced:
                shortcuts.install()
            prediction = agent.processor._predict_next_with_tracker(tracker.copy())
            chosen.append(prediction)
    assert chosen[0] == chosen[1]


@settings(slowly, max_examples=50)
@given(script=turns, is_by_text=st.booleans(), lookup=st.sampled_from(LOOKUPS))
def test_the_rules_found_by_index_are_those_found_by_going_through_all(
    agent: Agent, script: list[Turn], is_by_text: bool, lookup: str
) -> None:
    policy = rules_of(agent)
    tracker = live(agent.domain, script)
    states: list[State] = policy._prediction_states(tracker, agent.domain, is_by_text)
    for end in range(len(states) + 1):
        found = shortcuts.possible_keys(policy, policy.lookup[lookup], states[:end])
        assert found == shortcuts.RASAS.possible_keys(policy, policy.lookup[lookup], states[:end])


def test_every_rule_is_found_by_its_own_states(agent: Agent) -> None:
    policy = rules_of(agent)
    for lookup in LOOKUPS:
        for key in policy.lookup[lookup]:
            states: list[State] = [{}, *json.loads(key)]
            found = shortcuts.possible_keys(policy, policy.lookup[lookup], states)
            assert found == shortcuts.RASAS.possible_keys(policy, policy.lookup[lookup], states)


def test_a_rule_learnt_later_is_found_too(agent: Agent) -> None:
    policy = rules_of(agent)
    states: list[State] = [{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "greet"}}]
    lookup: dict[str, str] = {}
    assert shortcuts.possible_keys(policy, lookup, states) == set()
    lookup[json.dumps(states)] = "action_greet"
    assert shortcuts.possible_keys(policy, lookup, states) == set(lookup)


async def test_a_message_runs_each_step_once_and_the_encoder_once(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    encoded: list[str] = []
    call, encode = GraphNode.__call__, sentences._encoder().encode

    def counted(node: GraphNode, *inputs: Any) -> Any:
        steps.append(node._node_name)
        return call(node, *inputs)

    def encoding(texts: list[str]) -> Any:
        encoded.extend(texts)
        return encode(texts)

    monkeypatch.setattr(GraphNode, "__call__", counted)
    monkeypatch.setattr(sentences._encoder(), "encode", encoding)
    shortcuts.install()
    await agent.processor.parse_message(UserMessage("please how much is the red one and do you deliver"))
    assert sorted(steps) == sorted(set(steps))
    assert encoded == ["please how much is the red one and do you deliver"]


def test_an_input_named_like_a_step_is_refused(agent: Agent) -> None:
    shortcuts.install()
    runner = agent.processor.graph_runner
    with pytest.raises(GraphRunError):
        runner.run(inputs={next(iter(runner._graph_schema.nodes)): "value"})


def test_events_are_of_the_classes_that_rasa_finds() -> None:
    for kind in {one.type_name for one in all_subclasses(Event)}:
        assert shortcuts.resolve_by_type(kind) is shortcuts.RASAS.resolve_by_type(kind)
    assert shortcuts.resolve_by_type("topic") is None
    assert shortcuts.resolve_by_type("unheard of", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="unheard of"):
        shortcuts.resolve_by_type("unheard of")


def test_rasa_reads_events_without_going_through_all_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    shortcuts.install()
    tracker = DialogueStateTracker.from_dict("c", [{"event": "slot", "name": "a", "value": 1}])
    monkeypatch.setattr(shortcuts, "all_subclasses", None)
    again = DialogueStateTracker.from_dict("c", [event.as_dict() for event in tracker.events])
    assert again.events == tracker.events


def test_arithmetic_stays_on_one_thread() -> None:
    with threadpoolctl.threadpool_limits(limits=2):
        shortcuts.install()
        assert {pool["num_threads"] for pool in threadpoolctl.threadpool_info()} == {1}


def test_with_another_rasa_its_own_ways_are_left_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rasa, "__version__", "3.6.22")
    with caplog.at_level(logging.WARNING):
        shortcuts.install()
    assert DaskGraphRunner.run is shortcuts.RASAS.run
    assert "Rasa is 3.6.22" in caplog.text


def test_it_was_written_for_the_rasa_that_is_here() -> None:
    assert rasa.__version__ == shortcuts.WRITTEN_FOR
