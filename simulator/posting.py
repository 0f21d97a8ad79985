"""Posting webhooks as their senders do: signed over the very bytes, and again until the receiver says 2xx."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from simulator.chats import Chat, now
from simulator.faults import OF_WEBHOOKS, Fault, FaultKind, Faults
from simulator.ledger import Ledger, Posted
from simulator.wire import Json

AT_ONCE = 50
LONGEST_ANSWER = 4000
REMEMBERED = 500


@dataclass(frozen=True)
class Post:
    """A webhook ready to go, and what it is about; ``chat`` is None for callbacks of the gateway."""

    url: str
    body: bytes
    headers: dict[str, str]
    kind: str = "message"
    chat: Chat | None = None
    message_id: str | None = None
    status: str | None = None

    @property
    def about(self) -> dict[str, str | None]:
        """The ledger's columns."""
        names = self.chat.names if self.chat else {}
        return {
            "channel": names.get("channel"),
            "account": self.chat.line.account if self.chat else None,
            "shopper": names.get("shopper"),
            "message_id": self.message_id,
            "status": self.status,
        }


@dataclass(frozen=True)
class Attempt:
    """One post. ``status`` is None when no answer came, and then ``error`` says why."""

    url: str
    status: int | None
    error: str | None
    at: str
    content_type: str = field(default="", compare=False)
    answer: str = field(default="", compare=False)

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver took it over."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def reason(self) -> str:
        """Why it wasn't accepted, in a few words."""
        return f"HTTP {self.status}" if self.status else self.error or "no answer"


class Poster:
    """Posts webhooks, with the faults on order, writes the ledger, and owns the background tasks."""

    def __init__(self, http: httpx.AsyncClient, faults: Faults, ledger: Ledger) -> None:
        self._http = http
        self._faults = faults
        self._ledger = ledger
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._answered: defaultdict[str | None, asyncio.Event] = defaultdict(asyncio.Event)

    async def once(self, post: Post, entry: Posted | None = None) -> Attempt:
        """Posts once, without faults. Never raises for what the receiver does."""
        at = now().isoformat()
        entry = entry or self._ledger.begin(at=at, kind=post.kind, url=post.url, about=post.about)
        headers = {"Content-Type": "application/json", **post.headers}
        try:
            async with self._at_once:
                answer = await self._http.post(post.url, content=post.body, headers=headers)
            kind = answer.headers.get("content-type", "")
            attempt = Attempt(post.url, answer.status_code, None, at, kind, answer.text[:LONGEST_ANSWER])
        except httpx.HTTPError as error:
            attempt = Attempt(post.url, None, f"{type(error).__name__} {error}".strip(), at)
        self._note(entry, attempt)
        self._answered.pop(post.about["shopper"], asyncio.Event()).set()
        return attempt

    async def deliver(
        self,
        post: Post,
        pauses: Sequence[float],
        *,
        on_failure: Callable[[Attempt], None] | None = None,
    ) -> Attempt:
        """Posts until it is accepted, with ``pauses`` in between; the last attempt."""
        entry = self._ledger.begin(at=now().isoformat(), kind=post.kind, url=post.url, about=post.about)
        attempt = await self._try(post, entry)
        for pause in pauses:
            if attempt.is_accepted:
                break
            if on_failure:
                on_failure(attempt)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            attempt = await self._try(post, entry)
        return attempt

    async def _try(self, post: Post, entry: Posted) -> Attempt:
        """One try, with whatever fault is on order for it."""
        fault = self._fault(post)
        if fault is None:
            return await self.once(post, entry)
        if fault.kind is FaultKind.DROP:
            if fault.accepted:
                await self.once(post, entry)
            lost = Attempt(post.url, None, "lost, as ordered", now().isoformat())
            self._note(entry, lost)
            return lost
        if fault.kind is FaultKind.DUPLICATE:
            self.soon(self._again(post, entry, fault))
        elif fault.kind is FaultKind.DELAY:
            await asyncio.sleep(fault.pause)
        else:
            await self._hold(post, fault.pause)
        return await self.once(post, entry)

    def _fault(self, post: Post) -> Fault | None:
        if post.chat is None:
            return None
        line, of = post.chat.line, "receipts" if post.kind == "receipt" else "messages"
        names = (line.account, line.seller.phone_number_id)
        return self._faults.take(OF_WEBHOOKS, line.channel, names, post.chat.shopper.wa_id, of)

    async def _again(self, post: Post, entry: Posted, fault: Fault) -> None:
        for _ in range(fault.copies):
            await asyncio.sleep(fault.pause)
            await self.once(post, entry)

    async def _hold(self, post: Post, seconds: float) -> None:
        """Waits until another webhook about this shopper has been answered."""
        overtaken = self._answered[post.about["shopper"]]
        try:
            async with asyncio.timeout(seconds):
                await overtaken.wait()
        except TimeoutError:
            self._answered.pop(post.about["shopper"], None)

    @staticmethod
    def _note(entry: Posted, attempt: Attempt) -> None:
        entry.tries.append({"at": attempt.at, "status": attempt.status, "error": attempt.error})
        entry.is_accepted = entry.is_accepted or attempt.is_accepted

    def soon(self, work: Coroutine[Any, Any, Any]) -> None:
        """Runs work in the background, to be cancelled when the process stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def history(self) -> list[Json]:
        """Every try of the newest webhooks, oldest first."""
        newest = list(self._ledger.posted)[-REMEMBERED:]
        return [{"url": one.url, **attempt} for one in newest for attempt in one.tries]

    async def forget(self) -> None:
        """Drops the work under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._answered.clear()

    async def close(self) -> None:
        """Ends everything under way."""
        await self.forget()
        await self._http.aclose()
