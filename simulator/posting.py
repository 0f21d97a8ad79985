"""Posting webhooks as their senders do: signed over the very bytes, and again until the receiver says 2xx."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from simulator.chats import now
from simulator.wire import Json

AT_ONCE = 50
REMEMBERED = 500


@dataclass(frozen=True)
class Attempt:
    """One post. ``status`` is None when no answer came, and then ``error`` says why."""

    url: str
    status: int | None
    error: str | None
    at: str

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver took it over."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def reason(self) -> str:
        """Why it wasn't accepted, in a few words."""
        return f"HTTP {self.status}" if self.status else self.error or "no answer"


class Poster:
    """Posts webhooks, keeps the last attempts for people to look at, and owns the background tasks."""

    def __init__(self, http: httpx.AsyncClient, pauses: tuple[float, ...]) -> None:
        self._http = http
        self._pauses = pauses
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.attempts: deque[Attempt] = deque(maxlen=REMEMBERED)

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Attempt:
        """Posts once. Never raises for what the receiver does."""
        try:
            async with self._at_once:
                answer = await self._http.post(
                    url, content=body, headers={"Content-Type": "application/json", **headers}
                )
            attempt = Attempt(url, answer.status_code, None, now().isoformat())
        except httpx.HTTPError as error:
            attempt = Attempt(url, None, f"{type(error).__name__} {error}".strip(), now().isoformat())
        self.attempts.append(attempt)
        return attempt

    async def deliver(
        self,
        url: str,
        body: bytes,
        headers: dict[str, str],
        *,
        on_failure: Callable[[Attempt], None] | None = None,
    ) -> bool:
        """Posts until it is accepted, pausing longer each time; False when the last try failed too."""
        attempt = await self.post(url, body, headers)
        for pause in self._pauses:
            if attempt.is_accepted:
                break
            if on_failure:
                on_failure(attempt)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            attempt = await self.post(url, body, headers)
        return attempt.is_accepted

    def soon(self, work: Coroutine[Any, Any, Any]) -> None:
        """Runs work in the background, to be cancelled when the process stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def history(self) -> list[Json]:
        """The last attempts, oldest first."""
        return [asdict(attempt) for attempt in self.attempts]

    async def forget(self) -> None:
        """Drops the work under way and the history."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.attempts.clear()

    async def close(self) -> None:
        """Ends everything under way."""
        await self.forget()
        await self._http.aclose()
