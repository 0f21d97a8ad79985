"""A tracker that was cut short goes on exactly as the whole one would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    DefinePrevUserUtteredFeaturization,
    Event,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine import tails

FORM = "checkout_form"
LOOK_BACK = 6
ASKED = ("customer_name", "delivery_method", "zone_id", "address", "payment_method", "order_confirmed")
LISTEN = "action_listen"

Turn = Callable[[bool, int], list[Event]]
"""The events of a turn, by whether the form goes on and a number that makes its values differ."""


def heard(intent: str, number: int) -> list[Event]:
    metadata = {"message_id": f"m{number}", "offered": [{"title": "x" * 50}]}
    parsed = {"intent": {"name": intent, "confidence": 0.9}, "entities": [], "intent_ranking": [{}] * 3}
    return [
        UserUttered(f"{intent} {number}", parsed["intent"], [], parsed, metadata=metadata),
        DefinePrevUserUtteredFeaturization(False),
    ]


def spoke(text: str = "well") -> Event:
    return BotUttered(text, {"buttons": [{"title": "y" * 50}]}, {"utter_action": f"utter_{text}"})


def plain(goes_on: bool, number: int) -> list[Event]:
    intent, action = [
        ("ask_price", "action_tell_price"),
        ("view_cart", "action_view_cart"),
        ("add_to_cart", "action_add_to_cart"),
    ][number % 3]
    if goes_on:
        return digression(goes_on, number)
    said = [spoke(), spoke("more"), SlotSet("product_id", str(number)), SlotSet("line_id", str(number % 2))]
    return [*heard(intent, number), ActionExecuted(action), *said, ActionExecuted(LISTEN)]


def checkout(goes_on: bool, number: int) -> list[Event]:
    if goes_on:
        return answer(goes_on, number)
    begun = [ActionExecuted("action_begin_checkout"), SlotSet("checkout_ready", True)]
    asked = [ActiveLoop(FORM), SlotSet("requested_slot", "customer_name"), spoke("name")]
    return [*heard("checkout", number), *begun, ActionExecuted(FORM), *asked, ActionExecuted(LISTEN)]


def answer(goes_on: bool, number: int) -> list[Event]:
    if not goes_on:
        return plain(goes_on, number)
    slot = ASKED[number % len(ASKED)]
    after = [SlotSet(slot, str(number)), SlotSet("requested_slot", ASKED[(number + 1) % len(ASKED)]), spoke()]
    return [*heard("give_name", number), ActionExecuted(FORM), *after, ActionExecuted(LISTEN)]


def digression(goes_on: bool, number: int) -> list[Event]:
    if not goes_on:
        return plain(goes_on, number)
    strayed = [
        ActionExecutionRejected(FORM),
        LoopInterrupted(True),
        ActionExecuted("action_tell_price"),
        spoke(),
    ]
    back = [ActionExecuted(FORM), spoke("again")] if number % 3 else []
    return [*heard("ask_price", number), *strayed, *back, ActionExecuted(LISTEN)]


def completion(goes_on: bool, number: int) -> list[Event]:
    if not goes_on:
        return plain(goes_on, number)
    done = [SlotSet("requested_slot", None), ActiveLoop(None), ActionExecuted("action_place_order"), spoke()]
    return [*heard("confirm_order", number), ActionExecuted(FORM), *done, ActionExecuted(LISTEN)]


def leaving(goes_on: bool, number: int) -> list[Event]:
    if not goes_on:
        return plain(goes_on, number)
    left = [ActionExecuted("utter_checkout_left"), spoke("left"), ActionExecuted("action_deactivate_loop")]
    over = [ActiveLoop(None), SlotSet("requested_slot", None), ActionExecuted(LISTEN)]
    return [*heard("stop", number), ActionExecutionRejected(FORM), *left, *over]


def session(goes_on: bool, number: int) -> list[Event]:
    carried = [SlotSet("customer_name", str(number)), SlotSet("product_id", None)]
    return [ActionExecuted("action_session_start"), SessionStarted(), *carried, ActionExecuted(LISTEN)]


def restart(goes_on: bool, number: int) -> list[Event]:
    return [*heard("restart", number), ActionExecuted("action_restart"), Restarted(), ActionExecuted(LISTEN)]


def taken_back(goes_on: bool, number: int) -> list[Event]:
    return [*heard("out_of_scope", number), ActionExecuted("action_greet"), UserUtteranceReverted()]


def pause(goes_on: bool, number: int) -> list[Event]:
    change = ConversationPaused() if number % 2 else ConversationResumed()
    return [*heard("deny", number), ActionExecuted("action_greet"), change, ActionExecuted(LISTEN)]


COMMON = (plain, plain, checkout, answer, answer, answer, digression, digression, completion, leaving)
RARE = (session, restart, taken_back, pause)
turns = st.lists(st.sampled_from((*COMMON, *COMMON, *RARE)), min_size=1, max_size=40)


def live(
    domain: Domain, script: list[Turn], cut_every: int = 0, longest: int = tails.LONGEST
) -> DialogueStateTracker:
    """The conversation of ``script``, cut short after each ``cut_every`` turns."""
    tracker = DialogueStateTracker("c", domain.slots)
    for number, turn in enumerate(script):
        if cut_every and number and number % cut_every == 0:
            stored = [
                event.as_dict()
                for event in tails.shorten(list(tracker.events), domain.slots, longest=longest)
            ]
            tracker = DialogueStateTracker.from_dict("c", stored, domain.slots)
        for event in turn(tracker.active_loop is not None, number):
            tracker.update(event)
    return tracker


def seen(tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """What policies, forms and actions see of a tracker."""
    loop = tracker.active_loop
    said = (loop.trigger_message or {}) if loop else {}
    return {
        "slots": tracker.current_slot_values(),
        "loop": loop
        and (loop.name, loop.rejected, loop.is_interrupted, said.get("intent"), said.get("text")),
        "paused": tracker.is_paused(),
        "followup": tracker.followup_action,
        "latest action": tracker.latest_action_name,
        "latest message": tracker.latest_message.text,
        "states": tracker.past_states(domain)[-LOOK_BACK:],
        "states of policies": tracker.past_states(domain, omit_unset_slots=True, ignore_rule_only_turns=True)[
            -LOOK_BACK:
        ],
    }


slowly = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@slowly
@given(script=turns, cut_every=st.integers(1, 12))
def test_a_conversation_cut_short_is_seen_as_the_whole_one(
    domain: Domain, script: list[Turn], cut_every: int
) -> None:
    assert seen(live(domain, script, cut_every), domain) == seen(live(domain, script), domain)


@settings(slowly, max_examples=25)
@given(
    script=turns, cut_every=st.integers(1, 12), intent=st.sampled_from(("ask_price", "checkout", "affirm"))
)
@pytest.mark.filterwarnings("ignore")
def test_the_assistant_does_the_same_next(
    agent: Agent, script: list[Turn], cut_every: int, intent: str
) -> None:
    domain = agent.domain
    chosen = []
    for tracker in (live(domain, script), live(domain, script, cut_every)):
        for event in heard(intent, 1):
            tracker.update(event)
        chosen.append(agent.processor.predict_next_with_tracker(tracker)["scores"])
    assert chosen[0] == chosen[1]


@pytest.mark.parametrize(
    "script",
    [
        [plain] * 400,
        [checkout, *[answer] * 400],
        [checkout, *[digression] * 400],
        [checkout, *[answer, digression] * 200],
        [plain, session] * 200,
        [taken_back, plain] * 200,
    ],
)
def test_what_is_kept_does_not_grow_with_the_conversation(domain: Domain, script: list[Turn]) -> None:
    sizes = []
    for turns_so_far in (200, 400):
        tracker = live(domain, script[:turns_so_far], cut_every=10)
        sizes.append(len(tails.shorten(list(tracker.events), domain.slots)))
    assert max(sizes) <= 90
    assert abs(sizes[1] - sizes[0]) <= 10


def test_a_few_long_turns_are_kept_rather_than_many(domain: Domain) -> None:
    long = [SlotSet("product_id", str(number)) if number % 2 else spoke() for number in range(40)]
    chatty = [event for said in long for event in (said, ActionExecuted("action_tell_price"))]
    events = [event for number in range(8) for event in [*heard("ask_price", number), *chatty]]
    kept = tails.shorten(events, domain.slots, longest=200)
    assert len(kept) <= 200
    assert sum(isinstance(event, UserUttered) for event in kept) == 1


def test_old_turns_are_kept_without_what_was_offered_then(domain: Domain) -> None:
    events = [event for number in range(5) for event in plain(goes_on=False, number=number)]
    *old, last = [e for e in tails.shorten(events, domain.slots) if isinstance(e, UserUttered)]
    assert last.metadata["offered"]
    assert not any(event.metadata or event.parse_data.get("metadata") for event in old)
    assert all(event.intent_name for event in old)


def test_of_a_tracker_that_cannot_be_replayed_the_slots_are_left(domain: Domain) -> None:
    events = [
        SlotSet("customer_name", "Ada"),
        SlotSet("gone_from_the_domain", 1),
        SlotSet("requested_slot", "address"),
        SlotSet("customer_name", "Ada Obi"),
    ]
    left = tails.context(events, domain.slots)
    assert [(event.key, event.value) for event in left if isinstance(event, SlotSet)] == [
        ("customer_name", "Ada Obi")
    ]
    assert tails.context([*events, Restarted()], domain.slots) == [ActionExecuted("action_listen")]
