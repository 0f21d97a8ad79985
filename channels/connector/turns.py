"""Turns run in the background: one conversation's strictly in order, different conversations side by side.

The API leases turns to this process; each run ends in ``finish_turn``, with replies or with the reason there
are none, and that call hands out the conversation's next turn. A sweep picks up turns that nobody holds
(whose process died, or that our own events began), and those this process was given without learning of it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Optional, Set, Tuple

from channels.messages import OutboundMessage
from commerce_client.client import CommerceClient
from commerce_client.errors import ApiRefused, ApiUnavailable
from commerce_client.turns import Recorded, Turn, Waiting

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
SWEEP_LONGEST = 5.0
# Shorter than a lease (60 s) by a turn and the handing in of its result.
LONGEST_WAIT = 30.0
RELEASE_SECONDS = 2.0
FINISH_SECONDS = 30.0
STOP_SECONDS = 5.0
# Webhooks are acknowledged with the same processor and the same API: a few turns at a time keep both busy,
# and more would only stand in the way. One that is slow waits for something else, and lets another begin.
AT_ONCE = 6
BRISK_SECONDS = 1.0
MOST_NAMED = 1000


@dataclass(frozen=True)
class Answer:
    """What came of running a turn: its replies, and why it failed if it did."""

    replies: Tuple[OutboundMessage, ...]
    failure: Optional[str] = None


Say = Callable[[Turn], Awaitable[Answer]]


@dataclass(frozen=True)
class Moment:
    """A moment by both clocks: one may be put right, the other stands still while the machine sleeps."""

    ticks: float
    wall: float

    @classmethod
    def now(cls) -> Moment:
        return cls(time.monotonic(), time.time())

    @property
    def seconds_ago(self) -> float:
        """By whichever clock it is longer: a turn left alone is run elsewhere, a late one is run twice."""
        return max(time.monotonic() - self.ticks, time.time() - self.wall)


@dataclass(frozen=True)
class Held:
    """A turn this process was given by a call it began at ``asked``: the lease is no older than that."""

    turn: Turn
    asked: Moment


class TurnRunner:
    """Runs turns with ``say``, at most ``side_by_side`` conversations at once, as ``worker``.

    ``say`` must not raise. A turn asked for more than ``LONGEST_WAIT`` ago isn't begun, whether it waited for
    its place or the whole process stood still: its lease may be gone, and the sweep of the first free process
    takes it up.
    """

    def __init__(self, client: CommerceClient, worker: str, say: Say, *, side_by_side: int) -> None:
        self._client = client
        self.worker = worker
        self._say = say
        self._free = side_by_side
        self._places = asyncio.Semaphore(side_by_side)
        self._starts = asyncio.Semaphore(AT_ONCE)
        self._in_hand: Set[str] = set()
        self._tasks: Set[asyncio.Task[None]] = set()
        self._sweep: Optional[asyncio.Task[None]] = None
        self.is_stopping = False

    def start(self) -> None:
        """Begins to sweep."""
        self._sweep = asyncio.get_running_loop().create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        """Ends the sweep, lets the turns under way finish for a few seconds, and gives back the rest."""
        self.is_stopping = True
        if self._sweep:
            self._sweep.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._release()

    async def _release(self) -> None:
        """Gives back every turn this process was given and won't run, so that none waits for its lease."""
        try:
            await asyncio.wait_for(self._client.release_turns(self.worker), RELEASE_SECONDS)
        except (ApiRefused, ApiUnavailable, asyncio.TimeoutError) as fault:
            logger.warning("Turns are left until their leases end: %s %s.", type(fault).__name__, fault)

    def take_up(self, recorded: Recorded, asked: Moment) -> None:
        """Runs what a webhook brought: at once, or when what is held back for a moment may be run.

        ``asked`` is when the call began that recorded it.
        """
        self.take(recorded.turns, asked)
        for waiting in () if self.is_stopping else recorded.waiting:
            self._begin(self._wait_for(waiting))

    def take(self, turns: Iterable[Turn], asked: Moment) -> None:
        """Runs each of ``turns``, and after it the rest of its conversation, in the background.

        ``asked`` is when the call began that gave them. Of a process that is stopping they are given back.
        """
        for turn in () if self.is_stopping else turns:
            if turn.id in self._in_hand:
                continue
            self._in_hand.add(turn.id)
            self._free -= 1
            self._begin(self._run_conversation(Held(turn, asked)))

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _wait_for(self, waiting: Waiting) -> None:
        asked = Moment.now()
        try:
            turn = await self._client.claim_waiting(self.worker, waiting)
        except (ApiRefused, ApiUnavailable) as fault:
            logger.warning("A turn that was held back is left to the sweep: %s.", fault)
        else:
            self.take([turn] if turn else [], asked)

    async def _run_conversation(self, first: Held) -> None:
        held: Optional[Held] = first
        try:
            async with self._places:
                while held:
                    async with self._start():
                        following = await self._run(held) if self._may_run(held) else None
                    held = self._pass_on(held, following)
        except Exception:
            logger.exception("A conversation's turns broke off; they are left to be claimed.")
        finally:
            self._free += 1
            if held:
                self._in_hand.discard(held.turn.id)

    def _may_run(self, held: Held) -> bool:
        """Asked right before it is run: whoever stood still may have lost it while waiting for that, too."""
        is_stale = held.asked.seconds_ago > LONGEST_WAIT
        if is_stale:
            logger.warning("Turn %s waited too long; it is left to be claimed.", held.turn.id)
        return not (is_stale or self.is_stopping)

    def _pass_on(self, ran: Held, following: Optional[Held]) -> Optional[Held]:
        """From a turn to the next; not to one that the sweep was given meanwhile, and runs."""
        self._in_hand.discard(ran.turn.id)
        if following is None or following.turn.id in self._in_hand:
            return None
        self._in_hand.add(following.turn.id)
        return following

    @asynccontextmanager
    async def _start(self) -> AsyncIterator[None]:
        """One of the few turns that are begun at once; one that takes longer is not counted any more."""
        await self._starts.acquire()
        held = [self._starts]

        def release() -> None:
            while held:
                held.pop().release()

        slow = asyncio.get_running_loop().call_later(BRISK_SECONDS, release)
        try:
            yield
        finally:
            slow.cancel()
            release()

    async def _run(self, held: Held) -> Optional[Held]:
        turn, began = held.turn, time.monotonic()
        answer = await self._say(turn)
        seconds = time.monotonic() - began
        if answer.failure:
            logger.error("Turn %s failed after %.2f s: %s.", turn.id, seconds, answer.failure)
        elif not answer.replies:
            logger.error("Turn %s said nothing, after %.2f s.", turn.id, seconds)
        else:
            logger.info("Turn %s: %d replies in %.2f s.", turn.id, len(answer.replies), seconds)
        return await self._finish(turn, answer)

    async def _finish(self, turn: Turn, answer: Answer) -> Optional[Held]:
        """Hands the answer in, again and again while the API is away; the conversation's next turn.

        A process that is stopping leaves the next one to others.
        """
        ends = time.monotonic() + FINISH_SECONDS
        pause = 0.2
        while True:
            asked = Moment.now()
            try:
                following = await self._client.finish_turn(
                    turn.id,
                    self.worker,
                    answer.replies,
                    failure=answer.failure,
                    claim_next=not self.is_stopping,
                )
                return Held(following, asked) if following else None
            except ApiRefused as refusal:
                return await self._after_refusal(turn, answer, refusal)
            except ApiUnavailable:
                if time.monotonic() > ends:
                    logger.exception("Turn %s could not be handed in; it is left to be claimed.", turn.id)
                    return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    async def _after_refusal(self, turn: Turn, answer: Answer, refusal: ApiRefused) -> Optional[Held]:
        """Another process has the turn, or its replies can't be stored: then a person must answer instead."""
        if refusal.code == "lease_lost" or refusal.status == 404 or (answer.failure and not answer.replies):
            logger.warning("Turn %s was not accepted: %s.", turn.id, refusal.code)
            return None
        logger.error("The replies of turn %s were refused: %s.", turn.id, refusal.code)
        return await self._finish(turn, Answer((), f"refused {refusal.code}"))

    async def _sweep_for_ever(self) -> None:
        pause = SWEEP_SECONDS
        while True:
            # Spread, so that several processes don't ask in step.
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
            try:
                # Not broken off midway, which would leave a turn given to nobody.
                await asyncio.shield(self._begin(self._claim_all()))
            except Exception as fault:  # noqa: BLE001 -- a sweep that ended would leave turns for ever
                if pause == SWEEP_SECONDS:
                    logger.warning("Turns can't be claimed (%s: %s); they wait.", type(fault).__name__, fault)
                pause = min(pause * 2, SWEEP_LONGEST)
                continue
            if pause != SWEEP_SECONDS:
                logger.warning("Turns can be claimed again.")
                pause = SWEEP_SECONDS

    async def _claim_all(self) -> None:
        while self._free > 0 and not self.is_stopping:
            asked, in_hand = Moment.now(), sorted(self._in_hand)
            turn = await self._client.claim_turn(
                self.worker, in_hand=in_hand if len(in_hand) <= MOST_NAMED else None
            )
            if turn is None:
                return
            self.take([turn], asked)
