"""A tracker that knows what of it is stored, and doesn't replay its events to be copied or looked back on.

Rasa copies a tracker for each action, by replaying its events one by one, and asks each event what it is by
way of abstract classes, some thousand times a turn.
"""

from __future__ import annotations

import copy
from collections import deque
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.past import Past

_STATE = ("_paused", "followup_action", "latest_action", "latest_message", "latest_bot_utterance")
"""With slots and the active loop, all that events leave in a tracker."""
_TOLD_APART = (Restarted, SessionStarted, ActionReverted, UserUtteranceReverted, ActionExecuted, ActiveLoop)
_kinds: Dict[type, Optional[type]] = {}


@dataclass(frozen=True)
class Stored:
    """What of a tracker is in the database: its first ``count`` events, as version ``version``.

    Events after ``position`` give way to the next save's. A ``checkpoint`` is to be stored with it. Version
    None is of a tracker that wasn't read from here: saved, it replaces what there is.
    """

    version: Optional[int] = None
    position: int = 0
    count: int = 0
    checkpoint: Optional[str] = None


class StoredTracker(DialogueStateTracker):  # type: ignore[misc]  # Rasa ships no types for it
    """Rasa's tracker, with ``stored``; what it says is what Rasa's own says."""

    stored = Stored()

    def past_states(
        self,
        domain: Domain,
        omit_unset_slots: bool = False,
        ignore_rule_only_turns: bool = False,
        rule_only_data: Optional[Dict[str, Any]] = None,
    ) -> List[State]:
        """As Rasa's; of the states with hidden turns the latest alone, more than any rule looks back on."""
        if omit_unset_slots:
            states: List[State] = super().past_states(
                domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data
            )
            return states
        past: Past = self.__dict__.setdefault("_past", Past())
        if ignore_rule_only_turns:
            return past.states(self, domain, rule_only_data)
        return past.latest_states(self, domain)

    def applied_events(self) -> List[Event]:
        """As Rasa's: the events without what later ones take back."""
        loops = {event.name for event in self.events if _kind(type(event)) is ActiveLoop and event.name}
        applied: List[Event] = []
        for event in self.events:
            kind = _kind(type(event))
            if kind is None or kind is ActiveLoop:
                applied.append(event)
            elif kind is ActionExecuted:
                self._apply_action(event, applied, is_loop=event.action_name in loops)
            elif kind is ActionReverted:
                self._undo_till_previous(ActionExecuted, applied)
            elif kind is UserUtteranceReverted:
                # It takes back the listening before the words, too.
                self._undo_till_previous(UserUttered, applied)
                self._undo_till_previous(ActionExecuted, applied)
            else:
                applied.clear()
        return applied

    def _apply_action(self, event: ActionExecuted, applied: List[Event], *, is_loop: bool) -> None:
        """A loop that goes on is one execution, however often it ran."""
        name = event.action_name
        if is_loop and not self._first_loop_execution_or_unhappy_path(name, applied):
            self._undo_till_previous_loop_execution(name, applied)
        else:
            applied.append(event)

    def init_copy(self) -> DialogueStateTracker:
        """A tracker of the same slots, with their initial values and no events."""
        made = DialogueStateTracker(
            self.sender_id, (), self._max_event_history, is_rule_tracker=self.is_rule_tracker
        )
        made.slots = {name: _slot_copied(slot) for name, slot in self.slots.items()}
        made._reset_slots()  # noqa: SLF001 -- Rasa's own way to it
        return made

    def copy(self) -> DialogueStateTracker:
        """A tracker of the same events and state; the events are shared."""
        made = DialogueStateTracker(
            self.sender_id, (), self._max_event_history, is_rule_tracker=self.is_rule_tracker
        )
        made.slots = {name: _slot_copied(slot) for name, slot in self.slots.items()}
        made.events = deque(self.events, self._max_event_history)
        for name in _STATE:
            setattr(made, name, getattr(self, name))
        made.active_loop = copy.copy(self.active_loop)
        return made


def _kind(one: type) -> Optional[type]:
    """Which of the events that are told apart those of a class are."""
    if one not in _kinds:
        _kinds[one] = next((kind for kind in _TOLD_APART if issubclass(one, kind)), None)
    return _kinds[one]


def _slot_copied(slot: Slot) -> Slot:
    """As ``copy.copy``, which takes five times as long."""
    made = object.__new__(type(slot))
    made.__dict__.update(slot.__dict__)
    return made
