"""The states that a conversation went through, as policies ask for them: worked out once for each event.

Rasa replays the whole tracker for each policy and prediction, six times a turn or more, and works out every
state anew. Here the replay goes on where it stopped.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from rasa.shared.core.constants import PREVIOUS_ACTION
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker

LATEST = 12
"""States that rules can look back on: four times as many as the longest one of ours has."""


class Moment(NamedTuple):
    """A conversation before one of its actions.

    ``state`` is None of one too old to be asked for; ``is_shown`` says whether policies that learn from
    stories see it, and ``action`` what they take for the action before it.
    """

    state: Optional[State]
    is_shown: bool
    action: Optional[Dict[str, str]]


class Past:
    """The states of one tracker. What it says is what ``Domain.states_for_tracker_history`` says."""

    def __init__(self) -> None:
        self._begin(None)

    def states(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only: Optional[Dict[str, Any]]
    ) -> List[State]:
        """The states before each action that is shown to policies that learn from stories, the current last.

        ``rule_only`` names the slots and loops that are left out.
        """
        states: List[State] = []
        for moment in self._moments(tracker, domain):
            if not moment.is_shown:
                continue
            state = _copied(moment.state)
            domain._remove_rule_only_features(state, rule_only)  # noqa: SLF001 -- Rasa's own way to it
            if states:
                domain._substitute_rule_only_user_input(state, states[-1])  # noqa: SLF001
            if moment.action:
                state[PREVIOUS_ACTION] = dict(moment.action)
            states.append(domain._clean_state(state))  # noqa: SLF001
        return states

    def latest_states(self, tracker: DialogueStateTracker, domain: Domain) -> List[State]:
        """The latest states before each action, at most ``LATEST`` of them, the current one last."""
        return [_copied(moment.state) for moment in self._moments(tracker, domain)[-LATEST:]]

    def _begin(self, tracker: Optional[DialogueStateTracker]) -> None:
        self._replay = tracker.init_copy() if tracker else None
        self._replayed: List[Event] = []
        self._before: List[Moment] = []
        self._is_hidden = False
        self._action: Optional[Dict[str, str]] = None
        self._count = -1
        self._all: List[Moment] = []

    def _moments(self, tracker: DialogueStateTracker, domain: Domain) -> List[Moment]:
        """The moments of a tracker. Its events only ever grow in number; what they take back may be any."""
        if len(tracker.events) == self._count:
            return self._all
        applied: List[Event] = tracker.applied_events()
        if self._replay is None or not _goes_on(self._replayed, applied):
            self._begin(tracker)
        replay: DialogueStateTracker = self._replay
        new = applied[len(self._replayed) :]
        left = sum(isinstance(event, ActionExecuted) for event in new) + 1
        for event in new:
            if isinstance(event, ActionExecuted):
                self._before.append(self._moment(domain, event.hide_rule_turn, is_late=left <= LATEST))
                left -= 1
            replay.update(event)
        self._replayed = applied
        carried = self._is_hidden, self._action
        self._all = [*self._before, self._moment(domain, is_hidden=False, is_late=True)]
        self._is_hidden, self._action = carried
        self._count = len(tracker.events)
        return self._all

    def _moment(self, domain: Domain, is_hidden: bool, *, is_late: bool) -> Moment:
        """The replay's moment before an action that is hidden or not, by the rules of Rasa's own function."""
        replay: DialogueStateTracker = self._replay
        if not self._is_hidden:
            self._action = replay.latest_action
        if not replay.followup_action and replay.latest_action_name != replay.active_loop_name:
            self._is_hidden = is_hidden
        is_asked_for = is_late or not self._is_hidden
        state = domain.get_active_state(replay) if is_asked_for else None
        return Moment(state, not self._is_hidden, self._action)


def _goes_on(before: List[Event], events: List[Event]) -> bool:
    return len(before) <= len(events) and all(
        one is other for one, other in zip(before, events, strict=False)
    )


def _copied(state: Optional[State]) -> State:
    """Whoever asks may change what they get."""
    return {name: dict(part) for name, part in (state or {}).items()}
