"""One conversation, and the delivery of what it says, for the tests of delivery."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage
from channels.registry import PROVIDERS
from commerce_api.conversations import contacts, outbox, queries
from commerce_api.conversations.delivery import Delivery
from commerce_api.conversations.models import Author, Message, MessagePart
from commerce_api.core import clock
from commerce_api.core.database import Database
from commerce_api.core.http import open_client
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import Number, Shop
from tests.commerce_api.conversations.provider_stand_in import PlainProvider, StandIn


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StandIn]:
    """A stand-in provider that takes the place of WhatsApp."""
    stand_in = StandIn()
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setitem(PROVIDERS, "whatsapp", PlainProvider(f"http://127.0.0.1:{port}"))
    yield stand_in
    server.close()


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    async def __call__(self, session: AsyncSession) -> datetime:
        told: datetime = (await session.execute(text("select clock_timestamp()"))).scalar_one()
        return told + self.ahead


class Line:
    """One conversation of a number, and the delivery of what it says."""

    def __init__(
        self, database: Database, number: Number, conversation_id: UUID, deliveries: Delivery
    ) -> None:
        self._database = database
        self._number = number
        self.conversation_id = conversation_id
        self.deliveries = deliveries
        self.stop = asyncio.Event()

    async def say(self, *texts: str) -> None:
        """Queues messages."""
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            conversation = await queries.lock(session, self.conversation_id)
            said = [OutboundMessage(one) for one in texts]
            await outbox.enqueue(session, conversation, said, author=Author.ASSISTANT, now=clock.now())

    async def drain(self) -> None:
        """Runs the conversation's delivery once, as its job does, with no job of it waiting."""
        async with self._database.transaction() as session:
            await session.execute(
                text("delete from procrastinate_jobs where lock = :lock"), {"lock": self.lock}
            )
        await self.deliveries.drain(self._number.tenant.id, self.conversation_id, self.stop)

    @property
    def lock(self) -> str:
        return f"deliver:{self.conversation_id}"

    async def next_job(self) -> datetime | None:
        """When the delivery job that waits is due; None for at once. Raises when none waits."""
        async with self._database.transaction() as session:
            found = await session.execute(
                text("select scheduled_at from procrastinate_jobs where lock = :lock"), {"lock": self.lock}
            )
            at: datetime | None = found.one()[0]
            return at

    async def change_parts(self, **columns: Any) -> None:
        """Writes over every part, as a process that died might have left it."""
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            await session.execute(
                update(MessagePart).where(MessagePart.tenant_id == self._number.tenant.id).values(**columns)
            )


LineWith = Callable[..., Awaitable[Line]]


@pytest.fixture
def moving() -> Clock:
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as client:
        yield client


@pytest.fixture
def line_with(
    database: Database, settings: Settings, http: httpx.AsyncClient, moving: Clock, provider: StandIn
) -> LineWith:
    """Makes a conversation with a number, and the delivery of what it says."""

    async def make(number: Number, sender: str = "2348031234567") -> Line:
        conversation_id = await meet(database, number, sender)
        deliveries = Delivery(database, http, vault(settings), settings, moving)
        return Line(database, number, conversation_id, deliveries)

    return make


@pytest.fixture
async def line(number: Number, line_with: LineWith) -> Line:
    return await line_with(number)


async def meet(database: Database, number: Number, sender: str = "2348031234567") -> UUID:
    """The conversation with a shopper who wrote just now."""
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        conversation = await contacts.conversation_with(
            session, number.account, sender, name="Bola", now=clock.now()
        )
        conversation.reply_window_until = clock.now() + timedelta(hours=24)
        return conversation.id


async def outbound(shop: Shop) -> list[Message]:
    return [one for one in await shop.messages() if one.status is not None]


async def statuses(shop: Shop) -> list[str]:
    return [str(one.status) for one in await outbound(shop)]
