"""The outbox's way out: a conversation's queued messages, sent over HTTP in order until none is left."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from channels.provider import SendOutcome, SendResult
from commerce_api.conversations import outbox, sending, ways
from commerce_api.conversations.seats import Seats
from commerce_api.conversations.senders import Senders
from commerce_api.core import jobs, tenancy
from commerce_api.core.database import Database
from commerce_api.core.secrets import Vault
from commerce_api.core.settings import Settings

# A worker that is told to stop finishes its try, and has ten seconds to do so.
PATIENCE = 7.0
MOST_SWEPT = 500
# Then it is others' turn.
MOST_IN_A_ROW = 25
# The request never left, so a later try can't double it.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
UNSENDABLE = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)

FORGOTTEN = text(
    "select due.tenant_id, due.conversation_id"
    " from lookup.conversations_with_due_messages(:now, :most) due where not exists ("
    " select from procrastinate_jobs job where job.status in ('todo', 'doing')"
    " and job.lock = :task || ':' || due.conversation_id)"
)


Step = sending.Attempt | sending.Hopeless | None
Clock = Callable[[AsyncSession], Awaitable[datetime]]


class Stop(Protocol):
    """Whether the process was told to stop (an ``asyncio.Event``)."""

    def is_set(self) -> bool:
        """True from then on."""


class Delivery:
    """Sends what conversations have queued. One a process; ``clock`` stands in for the database's."""

    def __init__(
        self,
        database: Database,
        http: httpx.AsyncClient,
        vault: Vault,
        settings: Settings,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._http = http
        self._senders = Senders(settings, vault)
        self._clock = clock or database.clock.now
        self._seats = Seats()

    async def drain(self, tenant_id: UUID, conversation_id: UUID, stop: Stop) -> None:
        """Sends the conversation's messages in order, until none is left, one must wait, or ``stop`` is set.

        What is left then has a job that comes back to it; so it does when the account has no seat free.
        """
        with ExitStack() as seat:
            async with self._tenant(tenant_id) as session:
                account_id, channel = await ways.account_of(session, conversation_id)
                wait = self._seats.take(account_id, channel, monotonic())
                if wait is not None:
                    await self._ask_again(session, conversation_id, wait)
                    return
                seat.callback(self._seats.leave, account_id, channel)
                is_stopping = stop.is_set()
                step = None if is_stopping else await self._begin(session, conversation_id)
            is_done = not is_stopping and await self._send_some(tenant_id, conversation_id, step, stop)
        if not is_done:
            await self._come_back(tenant_id, conversation_id)

    async def _send_some(self, tenant_id: UUID, conversation_id: UUID, step: Step, stop: Stop) -> bool:
        """Sends what is begun and some messages behind it; False when there may be more to send at once."""
        sent = 0
        while step is not None and await self._finish(tenant_id, conversation_id, step):
            sent += 1
            # What is begun is sent, so nothing more is begun.
            if sent == MOST_IN_A_ROW or stop.is_set():
                return False
            async with self._tenant(tenant_id) as session:
                step = await self._begin(session, conversation_id)
        return True

    async def _finish(
        self, tenant_id: UUID, conversation_id: UUID, step: sending.Attempt | sending.Hopeless
    ) -> bool:
        """Sends it, or gives it up, and writes what became of it; whether there is more to send."""
        result = await self._send(step) if isinstance(step, sending.Attempt) else None
        async with self._tenant(tenant_id) as session:
            now = await self._clock(session)
            if isinstance(step, sending.Hopeless):
                await sending.give_up(session, conversation_id, step, now)
            else:
                jitter = random.random()  # noqa: S311 -- spreads retries, guards nothing
                await sending.mark(session, step, result, now, jitter=jitter)
            return await sending.has_more(session, conversation_id)

    async def sweep(self) -> int:
        """Asks for the delivery of what is due and has no job, as after a crash; how many conversations."""
        async with self._database.transaction() as session:
            facts = {"now": await self._clock(session), "most": MOST_SWEPT, "task": outbox.DELIVER}
            forgotten = (await session.execute(FORGOTTEN, facts)).all()
            await jobs.lift(session)
        for row in forgotten:
            await self._come_back(row.tenant_id, row.conversation_id)
        return len(forgotten)

    async def _begin(self, session: AsyncSession, conversation_id: UUID) -> Step:
        step = await sending.begin(session, conversation_id, self._senders.of, await self._clock(session))
        if isinstance(step, sending.Later):
            tenant_id = tenancy.current(session)
            await outbox.ask_for_delivery(session, tenant_id, conversation_id, at=step.at)
            return None
        return step

    async def _come_back(self, tenant_id: UUID, conversation_id: UUID) -> None:
        async with self._tenant(tenant_id) as session:
            await self._ask_again(session, conversation_id)

    async def _ask_again(
        self, session: AsyncSession, conversation_id: UUID, wait: float | None = None
    ) -> None:
        at = await self._clock(session) + timedelta(seconds=wait) if wait is not None else None
        await outbox.ask_for_delivery(session, tenancy.current(session), conversation_id, at=at)

    @asynccontextmanager
    async def _tenant(self, tenant_id: UUID) -> AsyncIterator[AsyncSession]:
        async with self._database.transaction() as session:
            await tenancy.enter(session, tenant_id)
            yield session

    async def _send(self, attempt: sending.Attempt) -> SendResult | None:
        """The provider's answer; None when the request may have arrived and no answer came back."""
        request = attempt.request
        try:
            async with asyncio.timeout(PATIENCE):
                response = await self._http.request(
                    request.method,
                    request.url,
                    headers=dict(request.headers),
                    json=request.json_body,
                    data=request.form,
                )
        except NEVER_SENT as fault:
            return SendResult(SendOutcome.RETRY, error_code="unreachable", error_text=type(fault).__name__)
        except UNSENDABLE as fault:
            return SendResult(SendOutcome.REFUSED, error_code="unsendable", error_text=type(fault).__name__)
        except (httpx.HTTPError, TimeoutError):
            return None
        return attempt.provider.read(response.status_code, response.headers, response.content)
