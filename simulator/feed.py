"""Who listens to what happens on the phones: pages by server-sent events, tests by waiting."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from simulator.wire import Json

QUEUE = 500


class Feed:
    """Hands every event to every listener. One that lags gets ``resync`` in place of what it missed."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json]] = set()
        self.closed = asyncio.Event()

    def publish(self, event: Json) -> None:
        """Gives an event to everybody; never waits."""
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait({"kind": "resync"})
            queue.put_nowait(event)

    @contextlib.contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Json]]:
        """A queue of everything from now on."""
        queue: asyncio.Queue[Json] = asyncio.Queue(QUEUE)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        """Ends every stream: the process is stopping."""
        self.closed.set()
        self.publish({"kind": "closed"})

    async def stream(self, queue: asyncio.Queue[Json], beat: float) -> AsyncIterator[Json]:
        """The events of a queue, and ``beat`` when nothing came for that many seconds; ends on ``close``."""
        while not self.closed.is_set():
            try:
                event = await asyncio.wait_for(queue.get(), beat)
            except TimeoutError:
                event = {"kind": "beat"}
            if event["kind"] != "closed":
                yield event
