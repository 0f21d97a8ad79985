"""A tracker's past in short: what the next turn needs of it, whatever the conversation's length.

Rasa replays every event of a session several times a turn. All that comes of the old ones is the state they
left (slots, the form that goes on) and, for policies, the last few states. So old events give way to a
prelude that leaves the same state, and the latest turns are kept as Rasa applies them
(``DialogueStateTracker.applied_events``): what it has taken back is left out.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

# A turn makes two states or more, and the policies look at the last six (max_history in bot/config.yml).
KEEP_TURNS = 6
LONGEST = 200
_SAID = ("text", "intent", "entities", "message_id")
_RESETS = (AllSlotsReset, Restarted, SessionStarted)


def shorten(
    events: Sequence[Event], slots: Iterable[Slot], *, keep_turns: int = KEEP_TURNS, longest: int = LONGEST
) -> List[Event]:
    """Fewer events that leave the same slots, form, pause and latest states as ``events``.

    ``events`` end where a turn ends. At most ``keep_turns`` turns are kept, and fewer when they are more than
    ``longest`` events.
    """
    domain_slots = list(slots)
    whole = DialogueStateTracker.from_events("", list(events), domain_slots)
    applied = whole.applied_events()
    shorter = list(applied)
    while keep_turns:
        shorter = _cut(applied, domain_slots, keep_turns)
        if len(shorter) <= longest:
            break
        keep_turns //= 2
    return _slim(shorter)


def context(events: Iterable[Event], slots: Iterable[Slot]) -> List[Event]:
    """What is left of a tracker that can't be replayed: the slots that ``events`` set. No form goes on."""
    known = {slot.name for slot in slots}
    values: Dict[str, Any] = {}
    for event in events:
        if isinstance(event, SlotSet) and event.key in known:
            values[event.key] = event.value
        elif isinstance(event, _RESETS):
            values.clear()
    values.pop(REQUESTED_SLOT, None)
    return [*(SlotSet(name, value) for name, value in values.items()), ActionExecuted(ACTION_LISTEN_NAME)]


def _cut(applied: Sequence[Event], slots: List[Slot], keep_turns: int) -> List[Event]:
    turns = [place for place, event in enumerate(applied) if isinstance(event, UserUttered)]
    if len(turns) <= keep_turns:
        return _without_repeats(applied)
    place = turns[-keep_turns]
    before = DialogueStateTracker.from_events("", list(applied[:place]), slots)
    prelude = _prelude(before, slots)
    for event in prelude:
        event.timestamp = applied[place].timestamp
    return [*prelude, *_without_repeats(applied[place:])]


def _prelude(before: DialogueStateTracker, slots: List[Slot]) -> List[Event]:
    """Events that leave a new tracker in the state of ``before``, listening."""
    initial = {slot.name: slot.initial_value for slot in slots}
    changed = [
        SlotSet(name, slot.value)
        for name, slot in before.slots.items()
        if slot.value != initial.get(name) or slot.has_been_set
    ]
    prelude: List[Event] = [*changed, ActionExecuted(ACTION_LISTEN_NAME)]
    loop = before.active_loop
    if loop is not None and loop.name:
        said = loop.trigger_message or {}
        if said.get("text") or (said.get("intent") or {}).get("name"):
            prelude.append(UserUttered(said.get("text"), said.get("intent"), said.get("entities")))
        # As it was begun: a form that goes on is one execution to Rasa, however many messages it has read.
        prelude += [ActionExecuted(loop.name), ActiveLoop(loop.name)]
        if loop.rejected:
            prelude.append(ActionExecutionRejected(loop.name))
        prelude += [*changed, ActionExecuted(ACTION_LISTEN_NAME)]
    if before.is_paused():
        prelude.append(ConversationPaused())
    return prelude


def _without_repeats(events: Sequence[Event]) -> List[Event]:
    """Without what is overwritten before any policy could see it: slots set again, older replies."""
    kept: List[Event] = []
    seen: Set[Tuple[type, Optional[str]]] = set()
    for event in reversed(events):
        if isinstance(event, (SlotSet, BotUttered)):
            mark = (type(event), event.key if isinstance(event, SlotSet) else None)
            if mark in seen:
                continue
            seen.add(mark)
        else:
            seen.clear()
        kept.append(event)
    return kept[::-1]


def _slim(events: Sequence[Event]) -> List[Event]:
    """Without what only an answer to that very message could need; the last turn stays whole."""
    last = max((place for place, event in enumerate(events) if isinstance(event, UserUttered)), default=0)
    return [_slimmed(event) if place < last else event for place, event in enumerate(events)]


def _slimmed(event: Event) -> Event:
    if isinstance(event, BotUttered):
        used = {name: event.metadata[name] for name in ("utter_action",) if name in event.metadata}
        return BotUttered(event.text, {}, used, event.timestamp)
    if isinstance(event, UserUttered):
        said = {name: event.parse_data[name] for name in _SAID if name in event.parse_data}
        return UserUttered(
            event.text,
            event.intent,
            event.entities,
            said,
            event.timestamp,
            event.input_channel,
            event.message_id,
            {},
            use_text_for_featurization=event.use_text_for_featurization,
        )
    return event
