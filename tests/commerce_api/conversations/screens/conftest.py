"""A phone on the line with a seller's code, and the same seller's number for text messages."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from channels.gsm import is_plain, septets
from channels.messages import Choice, InboundKind, InboundMessage, OutboundMessage
from channels.ussd.paging import LIMIT
from channels.ussd.words import WORDS
from commerce_api.conversations import accounts, service
from commerce_api.conversations.models import Conversation, HandledBy, Message
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import BotSide, Number, Shop, a_seller
from tests.conftest import MakeTenant

CHANNEL = "ussd_africastalking"
PHONE = "+2348031234501"
WORKER = "rasa-1"
ENGLISH = WORDS["en"]
HOME = OutboundMessage(
    "Welcome! What can I get you?", (Choice("Browse", "browse_catalog"), Choice("My cart", "view_cart"))
)
SHELF = OutboundMessage("Look:", (Choice("Oil", "ask_price"), Choice("Rice", "ask_price")))
LONG = OutboundMessage(
    "\n".join(f"{place}. Thing {place} of the shop, ₦{place},500 per bag" for place in range(1, 10)),
    tuple(Choice(f"Thing {place} of the shop", "ask_price") for place in range(1, 10)),
)

Json = dict[str, Any]


@dataclass
class Line:
    """A shopper's phone on the line with a seller's code."""

    bot: BotSide
    code: str
    session: str = ""
    typed: str = ""

    async def dial(self, *replies: OutboundMessage) -> str:
        """Dials; the screen, once the assistant has said ``replies``."""
        self.session, self.typed = f"ATUid_{uuid4().hex}", ""
        return await self.post(None, *replies)

    async def type(self, text: str, *replies: OutboundMessage) -> str:
        """Types something; the screen after it."""
        self.typed = f"{self.typed}*{text}" if self.typed else text
        return await self.post(text, *replies)

    async def post(self, text: str | None, *replies: OutboundMessage) -> str:
        recorded = await self.record(text)
        for turn in recorded["turns"]:
            await self.bot.finish(turn, *replies)
        assert bool(recorded["turns"]) == bool(replies), "a turn, or none, where none or one was awaited"
        screen = await self.take()
        assert screen["is_ready"]
        shown: str = screen["text"]
        assert is_plain(shown)
        assert septets(shown) <= LIMIT
        return shown

    async def record(self, text: str | None) -> Json:
        return await self.bot.deliver(self.message(text), channel=CHANNEL)

    async def take(self, *, is_final: bool = False) -> Json:
        step = {"channel": CHANNEL, "address": self.code, "provider_message_id": self.step}
        return await self.bot.post("/screens/take", {**step, "is_final": is_final})

    @property
    def step(self) -> str:
        return f"{self.session}:{len(self.typed.split('*')) if self.typed else 0}"

    def message(self, text: str | None) -> InboundMessage:
        return InboundMessage(
            provider_message_id=self.step,
            account=self.code,
            sender=PHONE,
            sent_at=now(),
            kind=InboundKind.TEXT,
            text=text,
            session_id=self.session,
            fields={"typed": self.typed},
        )


@pytest.fixture
async def number(database: Database, settings: Settings, make_tenant: MakeTenant) -> Number:
    """A seller with a code to dial."""
    tenant = await make_tenant(name="Mama Ngozi", languages=["en"])
    async with database.transaction() as session:
        await enter(session, tenant.id)
        account = await connect(session, settings, CHANNEL, f"*384*{uuid4().int % 10**9}#")
    return Number(tenant, account)


async def connect(session: Any, settings: Settings, channel: str, address: str) -> Any:
    return await accounts.connect(
        session,
        vault(settings),
        channel=channel,
        address=address,
        name=channel,
        display_number=None,
        credentials={},
        now=now(),
    )


@pytest.fixture
async def sms(database: Database, settings: Settings, number: Number) -> Any:
    """The same seller's number for text messages."""
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        return await connect(session, settings, "sms_africastalking", f"+23480{uuid4().int % 10**8:08d}")


@pytest.fixture
def line(bot: BotSide, number: Number) -> Line:
    """A phone."""
    return Line(bot, number.address)


async def handled_by(database: Database, number: Number, who: HandledBy) -> None:
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await session.execute(update(Conversation).values(handled_by=who))


async def say(database: Database, number: Number, shop: Shop, text: str) -> None:
    """The seller answers from the inbox."""
    conversation = await dialled(shop)
    async with database.transaction() as session:
        await enter(session, number.tenant.id)
        await service.say(session, conversation.id, text=text, seller_id=await a_seller(session), now=now())


async def dialled(shop: Shop) -> Conversation:
    return next(one for one in await shop.rows(Conversation) if one.channel == CHANNEL)


async def said_by_sms(shop: Shop) -> list[Message]:
    talks = {one.id for one in await shop.rows(Conversation) if one.channel != CHANNEL}
    return [one for one in await shop.messages() if one.conversation_id in talks]
