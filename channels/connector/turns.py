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
from commerce_client.models import Recorded, Turn, Waiting

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
SWEEP_LONGEST = 5.0
# Shorter than a lease (60 s) by a turn and the handing in of its result.
LONGEST_WAIT = 30.0
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


class TurnRunner:
    """Runs turns with ``say``, at most ``side_by_side`` conversations at once, as ``worker``.

    ``say`` must not raise. A turn that waited longer than ``LONGEST_WAIT`` for its place isn't begun: its
    lease may be gone, and the sweep of the first free process takes it up.
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
        """Ends the sweep, and lets the turns in hand finish for a few seconds; the rest are claimed again."""
        self.is_stopping = True
        if self._sweep:
            self._sweep.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def take_up(self, recorded: Recorded) -> None:
        """Runs what a webhook brought: at once, or when what is held back for a moment may be run."""
        self.take(recorded.turns)
        for waiting in recorded.waiting:
            self._begin(self._wait_for(waiting))

    def take(self, turns: Iterable[Turn]) -> None:
        """Runs each of ``turns``, and after it the rest of its conversation, in the background."""
        for turn in turns:
            if turn.id in self._in_hand:
                continue
            self._in_hand.add(turn.id)
            self._free -= 1
            self._begin(self._run_conversation(turn, time.monotonic()))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wait_for(self, waiting: Waiting) -> None:
        try:
            turn = await self._client.claim_waiting(self.worker, waiting)
        except (ApiRefused, ApiUnavailable) as fault:
            logger.warning("A turn that was held back is left to the sweep: %s.", fault)
        else:
            self.take([turn] if turn else [])

    async def _run_conversation(self, first: Turn, taken: float) -> None:
        turn: Optional[Turn] = first
        try:
            async with self._places:
                if time.monotonic() - taken > LONGEST_WAIT:
                    logger.warning(
                        "Turn %s waited too long for its place; it is left to be claimed.", first.id
                    )
                    return
                while turn and not self.is_stopping:
                    self._in_hand.add(turn.id)
                    async with self._start():
                        ran, turn = turn, await self._run(turn)
                    self._in_hand.discard(ran.id)
        except Exception:
            logger.exception("A conversation's turns broke off; they are left to be claimed.")
        finally:
            self._free += 1
            self._in_hand.discard(turn.id if turn else first.id)

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

    async def _run(self, turn: Turn) -> Optional[Turn]:
        began = time.monotonic()
        answer = await self._say(turn)
        seconds = time.monotonic() - began
        if answer.failure:
            logger.error("Turn %s failed after %.2f s: %s.", turn.id, seconds, answer.failure)
        elif not answer.replies:
            logger.error("Turn %s said nothing, after %.2f s.", turn.id, seconds)
        else:
            logger.info("Turn %s: %d replies in %.2f s.", turn.id, len(answer.replies), seconds)
        return await self._finish(turn, answer)

    async def _finish(self, turn: Turn, answer: Answer) -> Optional[Turn]:
        """Hands the answer in, again and again while the API is away; the conversation's next turn."""
        ends = time.monotonic() + FINISH_SECONDS
        pause = 0.2
        while True:
            try:
                return await self._client.finish_turn(
                    turn.id, self.worker, answer.replies, failure=answer.failure
                )
            except ApiRefused as refusal:
                return await self._after_refusal(turn, answer, refusal)
            except ApiUnavailable:
                if time.monotonic() > ends:
                    logger.exception("Turn %s could not be handed in; it is left to be claimed.", turn.id)
                    return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    async def _after_refusal(self, turn: Turn, answer: Answer, refusal: ApiRefused) -> Optional[Turn]:
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
                await self._claim_all()
            except Exception as fault:  # noqa: BLE001 -- a sweep that ended would leave turns for ever
                if pause == SWEEP_SECONDS:
                    logger.warning("Turns can't be claimed (%s: %s); they wait.", type(fault).__name__, fault)
                pause = min(pause * 2, SWEEP_LONGEST)
                continue
            if pause != SWEEP_SECONDS:
                logger.warning("Turns can be claimed again.")
                pause = SWEEP_SECONDS

    async def _claim_all(self) -> None:
        while self._free > 0:
            in_hand = sorted(self._in_hand)
            turn = await self._client.claim_turn(
                self.worker, in_hand=in_hand if len(in_hand) <= MOST_NAMED else None
            )
            if turn is None:
                return
            self.take([turn])
