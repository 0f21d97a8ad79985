"""The outbox's way out: a conversation's queued messages, sent over HTTP in order until none is left."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

import httpx
from sqlalchemy import text

from channels.provider import SenderAccount, SendOutcome, SendResult
from commerce_api.conversations import accounts, outbox, sending
from commerce_api.conversations.models import ChannelAccount
from commerce_api.core import tenancy
from commerce_api.core.database import Database
from commerce_api.core.secrets import Vault
from commerce_api.core.settings import Settings

# A worker that is told to stop finishes its try, and has ten seconds to do so.
PATIENCE = 7.0
MOST_SWEPT = 500
# The request never left, so a later try can't double it.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
UNSENDABLE = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)

FORGOTTEN = text(
    "select due.tenant_id, due.conversation_id"
    " from lookup.conversations_with_due_messages(:now, :most) due where not exists ("
    " select from procrastinate_jobs job where job.status in ('todo', 'doing')"
    " and job.lock = :task || ':' || due.conversation_id)"
)


class Stop(Protocol):
    """Whether the process was told to stop (an ``asyncio.Event``)."""

    def is_set(self) -> bool:
        """True from then on."""


class Delivery:
    """Sends what conversations have queued. One a process; ``clock`` gives the time."""

    def __init__(
        self,
        database: Database,
        http: httpx.AsyncClient,
        vault: Vault,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._http = http
        self._vault = vault
        self._settings = settings
        self._clock = clock

    async def drain(self, tenant_id: UUID, conversation_id: UUID, stop: Stop) -> None:
        """Sends the conversation's messages in order, until none is left, one must wait, or ``stop`` is set.

        What is left then has a job that comes back to it.
        """
        while not stop.is_set():
            attempt = await self._begin(tenant_id, conversation_id)
            if attempt is None:
                return
            result = await self._send(attempt)
            async with self._database.transaction() as session:
                await tenancy.enter(session, tenant_id)
                jitter = random.random()  # noqa: S311 -- spreads retries, guards nothing
                await sending.mark(session, attempt, result, self._clock(), jitter=jitter)
        await self._come_back(tenant_id, conversation_id)

    async def sweep(self) -> int:
        """Asks for the delivery of what is due and has no job, as after a crash; how many conversations."""
        async with self._database.transaction() as session:
            facts = {"now": self._clock(), "most": MOST_SWEPT, "task": outbox.DELIVER}
            forgotten = (await session.execute(FORGOTTEN, facts)).all()
        for row in forgotten:
            await self._come_back(row.tenant_id, row.conversation_id)
        return len(forgotten)

    async def _begin(self, tenant_id: UUID, conversation_id: UUID) -> sending.Attempt | None:
        async with self._database.transaction() as session:
            await tenancy.enter(session, tenant_id)
            step = await sending.begin(session, conversation_id, self._sender, self._clock())
            if isinstance(step, sending.Later):
                await outbox.ask_for_delivery(session, tenant_id, conversation_id, at=step.at)
                return None
            return step

    async def _come_back(self, tenant_id: UUID, conversation_id: UUID) -> None:
        async with self._database.transaction() as session:
            await tenancy.enter(session, tenant_id)
            await outbox.ask_for_delivery(session, tenant_id, conversation_id)

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

    def _sender(self, account: ChannelAccount) -> SenderAccount:
        sending = self._settings.channels[account.channel]
        return SenderAccount(
            address=account.address,
            base_url=sending.base_url,
            credentials=accounts.credentials_of(account, self._vault) or sending.credentials,
            api_version=sending.api_version,
        )
