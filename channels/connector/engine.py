"""Rasa's turns, in a thread and an event loop of their own: no webhook waits while Rasa thinks.

Rasa understands and decides on the event loop it was called on, some ten milliseconds at a time. Here that is
not the loop which answers webhooks; the two share the processor in slices of a millisecond.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from typing import Any, Awaitable, Callable, ContextManager, Optional, Protocol, Set, cast

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import FailSafeTrackerStore

from channels.connector.output import CollectingOutput
from channels.connector.speaking import user_message
from channels.connector.turns import Answer
from commerce_client.turns import Turn

logger = logging.getLogger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

SLICE_SECONDS = 0.001
STOP_SECONDS = 3.0
# A turn makes some thousands that are soon gone; Python's own number is 700.
YOUNG_OBJECTS = 10_000
NO_STORE = (
    "Rasa would keep conversations in memory: the tracker store or the lock store of its endpoints file is "
    "missing or could not be loaded."
)


class TurnStore(Protocol):
    """What a tracker store must be able to do beyond Rasa's own: see ``bot/engine/tracker_store.py``."""

    def answering(self, message_id: str) -> ContextManager[None]:
        """Within it, turns are of this inbound message: run again, it starts from before."""

    async def close(self) -> None:
        """Closes what the running event loop has open."""


class Engine:
    """Runs turns with ``handle``, which is Rasa's; none for longer than ``turn_seconds``."""

    def __init__(self, handle: OnNewMessage, turn_seconds: float) -> None:
        self._handle = handle
        self._turn_seconds = turn_seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="turns", daemon=True)
        self._store: Optional[TurnStore] = None

    def start(self, agent: Agent) -> None:
        """Begins. Raises SystemExit with a sentence when the agent's stores are not ours."""
        self._store = _keeping_store(agent)
        sys.setswitchinterval(SLICE_SECONDS)
        _leave_the_loaded_alone()
        self._thread.start()

    async def stop(self) -> None:
        """Calls off what still runs, closes the store and ends the thread."""
        if not self._thread.is_alive():
            return
        ending = asyncio.run_coroutine_threadsafe(self._close(), self._loop)
        await asyncio.wait({asyncio.wrap_future(ending)}, timeout=STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join, STOP_SECONDS)

    async def say(self, turn: Turn) -> Answer:
        """Runs Rasa for a turn, which must not take longer than the shopper would wait; never raises.

        Rasa swallows the faults of actions: ours tell the output of them. It swallows those of a missing
        model too, and then says nothing. Whether that is a failure the API decides: not of a reaction.
        """
        output = CollectingOutput(turn.channel)
        running = asyncio.run_coroutine_threadsafe(self._run(turn, output), self._loop)
        try:
            # Not wait_for, which waits for whatever it calls off: a lost database might never let go of it.
            done, _ = await asyncio.wait({asyncio.wrap_future(running)}, timeout=self._turn_seconds)
        finally:
            running.cancel()
        failure = output.fault
        if not done:
            failure = "timeout"
        elif running.cancelled():
            failure = "cancelled"
        elif fault := running.exception():
            logger.error("Turn %s broke off.", turn.id, exc_info=fault)
            failure = f"error {type(fault).__name__}"
        return Answer(tuple(output.replies), failure)

    async def _run(self, turn: Turn, output: CollectingOutput) -> None:
        assert self._store is not None  # noqa: S101 -- start comes first
        with self._store.answering(turn.message_id):
            await self._handle(user_message(turn, output))

    async def _close(self) -> None:
        others: Set[asyncio.Task[Any]] = asyncio.all_tasks() - {
            cast("asyncio.Task[Any]", asyncio.current_task())
        }
        for task in others:
            task.cancel()
        if self._store is not None:
            await self._store.close()


def _leave_the_loaded_alone() -> None:
    """Has Python's garbage collection look at what turns make, and not at the model and its libraries.

    They stay for good, and are so many objects that to go through them takes a good part of a second, in
    which no webhook is acknowledged.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def _keeping_store(agent: Agent) -> TurnStore:
    """The agent's tracker store, without Rasa's wrapper: that meets a shopper as a stranger when it fails."""
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        store = store._tracker_store  # noqa: SLF001 -- Rasa offers no other way to it
    if not hasattr(store, "answering") or isinstance(agent.lock_store, InMemoryLockStore):
        raise SystemExit(NO_STORE)
    agent.tracker_store = store
    if agent.processor:
        agent.processor.tracker_store = store
    return cast("TurnStore", store)
