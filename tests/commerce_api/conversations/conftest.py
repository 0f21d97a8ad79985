"""A seller's number, and webhooks that reach it through the API."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, InboundMessage, OutboundMessage, Receipt, ReceiptStatus
from channels.registry import PROVIDERS
from commerce_api.conversations import accounts, ordering, queries
from commerce_api.conversations.models import ChannelAccount, Conversation, Message, Turn
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant, User
from tests.conftest import SERVICE, MakeTenant

INBOUND = "/api/v1/bot/inbound"


@dataclass(frozen=True)
class Number:
    """A seller's connected number."""

    tenant: Tenant
    account: ChannelAccount

    @property
    def address(self) -> str:
        return self.account.address


MakeNumber = Callable[..., Awaitable[Number]]


@pytest.fixture
def make_number(database: Database, settings: Settings, make_tenant: MakeTenant) -> MakeNumber:
    """Connects and commits a WhatsApp number, of a new tenant unless told otherwise."""

    async def make(
        tenant: Tenant | None = None,
        *,
        channel: str = "whatsapp",
        credentials: dict[str, str] | None = None,
        **columns: Any,
    ) -> Number:
        tenant = tenant or await make_tenant(**columns)
        async with database.transaction() as session:
            await enter(session, tenant.id)
            account = await accounts.connect(
                session,
                vault(settings),
                channel=channel,
                address=uuid4().hex[:15],
                name="Main line",
                display_number=None,
                credentials=_usual(channel) if credentials is None else credentials,
                now=now(),
            )
        return Number(tenant, account)

    return make


def _usual(channel: str) -> dict[str, str]:
    """Its own, or the platform's where it lends them."""
    return {} if PROVIDERS[channel].setup.platform_credentials else {"access_token": "token"}


@pytest.fixture
async def number(make_number: MakeNumber) -> Number:
    """A number of a shop in Lagos."""
    return await make_number()


def message(number: Number, text: str | None = "hello", **parts: Any) -> InboundMessage:
    """A message to the number, with an id of its own."""
    facts: dict[str, Any] = {
        "provider_message_id": f"wamid.{uuid4().hex}",
        "account": number.address,
        "sender": "2348031234567",
        "sent_at": now(),
        "kind": InboundKind.TEXT,
        "text": text,
        "sender_name": "Bola",
    }
    return InboundMessage(**{**facts, **parts})


def receipt(number: Number, provider_message_id: str, status: ReceiptStatus, **parts: Any) -> Receipt:
    """A receipt from the number's provider."""
    facts: dict[str, Any] = {"at": now(), "raw": {"status": status.value}}
    return Receipt(number.address, provider_message_id, status, **{**facts, **parts})


class BotSide:
    """The bot side's calls, as ``commerce_client`` makes them."""

    def __init__(self, api: httpx.AsyncClient, database: Database, app: FastAPI) -> None:
        self.api = api
        self.app = app
        self._database = database

    async def post(self, path: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
        """One POST that must answer ``status``."""
        answer = await self.api.post(f"/api/v1/bot{path}", json=body, headers=SERVICE)
        assert answer.status_code == status, answer.text
        data: dict[str, Any] = answer.json() if answer.content else {}
        return data

    async def deliver(
        self,
        *messages: InboundMessage,
        receipts: Sequence[Receipt] = (),
        secret: str = "platform",
        worker: str = "rasa-1",
        is_patient: bool = False,
        **parts: Any,
    ) -> dict[str, Any]:
        """Posts one webhook's content, and claims what is held back, as if the moment had passed.

        A patient one leaves that to the test.
        """
        body = {
            "channel": "whatsapp",
            "secret": secret,
            "worker": worker,
            "messages": [one.to_json() for one in messages],
            "receipts": [one.to_json() for one in receipts],
            "quarantined": [],
        }
        answer = await self.post("/inbound", {**body, **parts})
        for waiting in () if is_patient else answer["waiting"]:
            await self.end_hold(waiting["conversation_id"])
            turn = await self.claim_in(waiting["conversation_id"], worker)
            answer["turns"] += [turn] if turn else []
        return answer

    async def end_hold(self, conversation_id: str) -> None:
        """Lets the moment pass for which a conversation's next turn is held back."""
        async with self._database.transaction() as session:
            held = await queries.enter_conversation(session, UUID(conversation_id))
            held = await queries.lock(session, held.id)
            if held.turn_due_at is not None and held.turn_due_at < now() + ordering.BACKLOG_HOLD_BACK:
                held.turn_due_at = now() - timedelta(seconds=1)

    async def claim_in(self, conversation_id: str, worker: str = "rasa-1") -> dict[str, Any] | None:
        """Claims the next turn of one conversation."""
        body = {"worker": worker, "conversation_id": conversation_id}
        turn: dict[str, Any] | None = (await self.post("/turns/claim", body))["turn"]
        return turn

    async def claim(self, worker: str = "rasa-1") -> dict[str, Any] | None:
        """Claims a turn of any conversation."""
        turn: dict[str, Any] | None = (await self.post("/turns/claim", {"worker": worker}))["turn"]
        return turn

    async def finish(
        self,
        turn: dict[str, Any],
        *replies: OutboundMessage,
        worker: str = "rasa-1",
        failure: str | None = None,
        status: int = 200,
    ) -> dict[str, Any]:
        """Finishes a turn; a next one that is held back is claimed as if the moment had passed."""
        body = {"worker": worker, "replies": [reply.to_json() for reply in replies], "failure": failure}
        answer = await self.post(f"/turns/{turn['id']}/finish", body, status)
        if answer.get("wait_ms") is not None:
            await self.end_hold(answer["conversation_id"])
            answer["turn"] = await self.claim_in(answer["conversation_id"], worker)
        return answer


@pytest.fixture
def bot(api: httpx.AsyncClient, database: Database, app: FastAPI) -> BotSide:
    """The bot side."""
    return BotSide(api, database, app)


class Shop:
    """What the database holds of a number's tenant."""

    def __init__(self, database: Database, number: Number) -> None:
        self._database = database
        self._number = number

    async def rows[T](self, kind: type[T], *, order: Any = None) -> list[T]:
        """Every row of one table."""
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            statement = select(kind)
            return list(await session.scalars(statement if order is None else statement.order_by(order)))

    async def messages(self) -> list[Message]:
        """Every message, in order."""
        return await self.rows(Message, order=Message.position)

    async def turns(self) -> list[Turn]:
        """Every turn, in order."""
        return await self.rows(Turn, order=Turn.position)

    async def conversation(self) -> Conversation:
        """The only conversation."""
        (only,) = await self.rows(Conversation)
        return only


@pytest.fixture
def shop(database: Database, number: Number) -> Shop:
    """The tenant of ``number``."""
    return Shop(database, number)


async def inside(session: AsyncSession, number: Number, moment: datetime | None = None) -> datetime:
    """Enters the number's tenant; the time to act at."""
    await enter(session, number.tenant.id)
    return moment or now()


async def a_seller(session: AsyncSession) -> UUID:
    """Somebody who may have a conversation."""
    user = User(email=f"{uuid4().hex}@test.example", name="Ada")
    session.add(user)
    await session.flush()
    return user.id
