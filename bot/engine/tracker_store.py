"""The tracker store: what a conversation's next turn needs, saved once, by whoever may, or not at all.

Rasa's own counts events and skips as many as are stored, so that a second writer's words are lost; it loads a
whole session, blocks the event loop, and with a wrong setting keeps everything in memory. This one

- appends a turn's events in one statement, if the tracker is still as it was read and the turn's lock still
  held (``lock_store``): else it raises ``StaleTracker`` and nothing is stored;
- reads a bounded tail: a checkpoint, which is the past in short (``tails``), and the events since;
- knows the message each event belongs to (``answering``): a turn that is run again starts from the tracker
  before that message, and its new events take the place of the old ones;
- goes on with the slots of a tracker whose events can't be read.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple
from uuid import uuid4

from psycopg.rows import DictRow
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot.engine import remote_action, shortcuts, tails
from bot.engine.database import reach
from bot.engine.lock_store import HELD
from bot.engine.stored_tracker import Stored, StoredTracker

logger = logging.getLogger(__name__)

# A turn makes about seven events of 2.5 KB together: the tail is cut short every ten to twenty turns.
TAIL_EVENTS = 120
TAIL_CHARACTERS = 100_000
# Beyond these nothing of ours would go; they keep what did from being read in every turn.
MOST_EVENTS = 2_000
MOST_CHARACTERS = 1_000_000
LOOK_BACK = 400
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)

ANSWERING: ContextVar[Optional[str]] = ContextVar("answering", default=None)

READ = """
select t.version, t.last_position, t.checkpoint, t.checkpoint_position, tail.*
from trackers t
left join lateral (
    select array_agg(e.position order by e.position) as positions,
           array_agg(e.message_id order by e.position) as messages,
           array_agg(e.data order by e.position) as data
    from (
        select position, message_id, case when length(data) <= %(longest)s then data end as data
        from tracker_events
        where conversation_id = t.conversation_id and position > t.checkpoint_position
        order by position desc limit %(most)s
    ) e
) tail on true
where t.conversation_id = %(conversation)s
"""
# ``fence`` finds the lock that the turn was begun with; ``moved`` moves the version on by one.
SAVE = """
with fence as (
    select 1 from conversation_locks
    where conversation_id = %(conversation)s and token = %(token)s and lease_until > clock_timestamp()
    for no key update
), moved as (
    insert into trackers as t
        (conversation_id, version, last_position, saved_by, checkpoint, checkpoint_position)
    select %(conversation)s, coalesce(%(version)s, 0) + 1, json_array_length(%(data)s::json), %(save)s,
           %(checkpoint)s, %(position)s
    where %(token)s::bigint is null or exists (select from fence)
    on conflict (conversation_id) do update
    set version = t.version + 1, last_position = t.last_position + excluded.last_position,
        saved_by = excluded.saved_by,
        checkpoint = case when %(keeps)s then t.checkpoint else excluded.checkpoint end,
        checkpoint_position = case when %(keeps)s then t.checkpoint_position else %(position)s end
    where %(version)s::bigint is null or t.version = %(version)s
    returning version, last_position, last_position - json_array_length(%(data)s::json) as base
), superseded as (
    delete from tracker_events e using moved
    where e.conversation_id = %(conversation)s and e.position > %(position)s and e.position <= moved.base
), added as (
    insert into tracker_events (conversation_id, position, message_id, data)
    select %(conversation)s, moved.base + event.place, %(message)s, event.data
    from moved, json_array_elements_text(%(data)s::json) with ordinality as event (data, place)
)
select version, last_position from moved
"""
SAVED_BEFORE = """
select version, last_position from trackers where conversation_id = %(conversation)s and saved_by = %(save)s
"""
READ_ALL = """
select data from tracker_events where conversation_id = %(conversation)s order by position
"""
READ_BACK = """
select data from tracker_events
where conversation_id = %(conversation)s and length(data) <= %(longest)s
order by position desc limit %(most)s
"""


class StaleTracker(RasaException):  # type: ignore[misc]  # Rasa ships no types for it
    """The conversation moved on, or its lock was lost, while this turn ran: nothing of the turn is stored."""


class ConversationTrackerStore(TrackerStore):  # type: ignore[misc]  # Rasa ships no types for it
    """Trackers in the assistant's schema: the tables ``trackers`` and ``tracker_events``.

    ``host`` is ``url`` of ``bot/endpoints.yml``. Raises SystemExit with a sentence when the database can't be
    used at start, and psycopg.Error when it can't later: nobody is taken for a stranger meanwhile.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
    ) -> None:
        super().__init__(domain, event_broker)
        self._database = reach(host or "")
        # Rasa has no setting for it, and loads this class in every process that runs turns.
        remote_action.install()
        shortcuts.install()

    @contextmanager
    def answering(self, message_id: str) -> Iterator[None]:
        """Within it, turns are of the inbound message ``message_id``."""
        before = ANSWERING.set(message_id)
        try:
            yield
        finally:
            ANSWERING.reset(before)

    async def close(self) -> None:
        """Closes what the running event loop has open, for actions too."""
        await self._database.close()
        await remote_action.close()

    def init_tracker(self, sender_id: str) -> StoredTracker:
        """A new conversation's."""
        tracker = StoredTracker(sender_id, self.domain.slots)
        tracker.stored = Stored(version=0)
        return tracker

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The tracker as the next turn needs it; None of a new conversation.

        Without what an unfinished turn of the message being answered left there.
        """
        facts = {"conversation": sender_id, "most": MOST_EVENTS, "longest": MOST_CHARACTERS}
        rows = await self._database.fetch(READ, facts)
        if not rows:
            return None
        row = rows[0]
        tail, position = _unfinished_left_out(row)
        try:
            events, is_long = _read(row["checkpoint"], tail)
            tracker = StoredTracker.from_events(sender_id, events, self.domain.slots)
        except UNREADABLE as fault:
            logger.error("The tracker of conversation %s can't be read: %s.", sender_id, type(fault).__name__)
            return await self._recover(sender_id, row["version"], row["last_position"])
        if is_long:
            shorter = tails.shorten(events, self.domain.slots)
            return self._with_checkpoint(sender_id, shorter, row["version"], position)
        tracker.stored = Stored(row["version"], position, len(events))
        return tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> Optional[DialogueStateTracker]:
        """Every event there ever was and can be read, in order; for reading alone."""
        rows = await self._database.fetch(READ_ALL, {"conversation": conversation_id})
        events = [event for row in rows for event in _readable(row["data"])]
        return DialogueStateTracker.from_events(conversation_id, events, self.domain.slots) if rows else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores what is new. Raises StaleTracker when this turn has lost its say."""
        stored: Stored = getattr(tracker, "stored", Stored())
        new = list(islice(tracker.events, stored.count, None))
        if not new and stored.checkpoint is None:
            return
        held = HELD.get()
        facts = {
            "conversation": tracker.sender_id,
            "token": held.token if held and held.conversation_id == tracker.sender_id else None,
            "version": stored.version,
            "position": stored.position,
            "checkpoint": stored.checkpoint,
            "keeps": stored.checkpoint is None and stored.version is not None,
            "save": uuid4().hex,
            "message": ANSWERING.get(),
            # A JSON list of them, each as text: psycopg takes long over the quotes in a list of PostgreSQL's.
            "data": json.dumps([json.dumps(event.as_dict()) for event in new]),
        }
        # A save that was run again because its answer was lost finds that it has moved the version already.
        rows = await self._database.fetch(SAVE, facts) or await self._database.fetch(SAVED_BEFORE, facts)
        if not rows:
            raise StaleTracker(f"The conversation {tracker.sender_id} has moved on.")
        tracker.stored = Stored(rows[0]["version"], rows[0]["last_position"], len(tracker.events))
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return [
            row["conversation_id"]
            for row in await self._database.fetch("select conversation_id from trackers")
        ]

    async def _recover(self, conversation_id: str, version: int, position: int) -> StoredTracker:
        """A tracker of the slots that can be read, to go on with instead of failing for ever."""
        facts = {"conversation": conversation_id, "most": LOOK_BACK, "longest": MOST_CHARACTERS}
        rows = await self._database.fetch(READ_BACK, facts)
        events = [event for row in reversed(rows) for event in _readable(row["data"])]
        left = tails.context(events, self.domain.slots)
        logger.error("The conversation %s goes on with %d slots.", conversation_id, len(left) - 1)
        return self._with_checkpoint(conversation_id, left, version, position)

    def _with_checkpoint(
        self, conversation_id: str, events: Sequence[Event], version: int, position: int
    ) -> StoredTracker:
        tracker: StoredTracker = StoredTracker.from_events(conversation_id, list(events), self.domain.slots)
        checkpoint = json.dumps([event.as_dict() for event in events])
        tracker.stored = Stored(version, position, len(tracker.events), checkpoint)
        return tracker


def _unfinished_left_out(row: DictRow) -> Tuple[List[Optional[str]], int]:
    """The tail without the events of the message being answered, which end it; and where that ends."""
    answering = ANSWERING.get()
    positions, messages, data = (list(row[name] or ()) for name in ("positions", "messages", "data"))
    while messages and answering is not None and messages[-1] == answering:
        positions.pop(), messages.pop(), data.pop()
    return data, positions[-1] if positions else row["checkpoint_position"]


def _read(checkpoint: Optional[str], tail: List[Optional[str]]) -> Tuple[List[Event], bool]:
    """The events, and whether there are so many that they should be cut short."""
    if len(tail) >= MOST_EVENTS:
        raise ValueError("too many events")
    if None in tail:
        raise ValueError("an event is too long")
    stored = [*(json.loads(checkpoint) if checkpoint else ()), *json.loads(f"[{','.join(map(str, tail))}]")]
    events = [_event(data) for data in stored]
    characters = sum(len(data or "") for data in [checkpoint, *tail])
    return events, len(tail) > TAIL_EVENTS or characters > TAIL_CHARACTERS


def _event(data: Dict[str, Any]) -> Event:
    event = Event.from_parameters(data)
    if event is None:
        raise ValueError("no event")
    return event


def _readable(data: str) -> List[Event]:
    """The event, if it is one."""
    try:
        return [_event(json.loads(data))]
    except UNREADABLE:
        return []
