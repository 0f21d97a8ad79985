"""Whatever happens in whatever order: one answers at a time, nothing is lost, no status goes back.

A shopper, the assistant (which may die mid-turn), a seller at the desk and on the phone's own app, and the
provider's receipts do things in random order; after each the conversation is held against a model of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from channels.messages import OutboundMessage, ReceiptStatus
from commerce_api.conversations import desk, queries, service
from commerce_api.conversations.errors import ReplyWindowClosed
from commerce_api.conversations.models import (
    Author,
    Conversation,
    DeliveryStatus,
    Direction,
    HandledBy,
    Message,
    MessagePart,
    Turn,
    TurnState,
)
from commerce_api.conversations.receipts import LINE
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from tests.commerce_api.conversations.conftest import BotSide, Number, a_seller, inside, message, receipt
from tests.conftest import SERVICE

ENDED = {TurnState.DONE, TurnState.FAILED, TurnState.SKIPPED}
TOLD = (ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ, ReceiptStatus.FAILED)


@dataclass
class Talk:
    """One conversation, and what must be true of it: a model that only its own acts change."""

    bot: BotSide
    number: Number
    database: Database
    seller_id: UUID
    sender: str = field(default_factory=lambda: f"234803{uuid4().int % 10**7:07}")
    id: UUID | None = None
    is_sellers: bool = False
    is_window_open: bool = True
    under_way: list[dict[str, Any]] = field(default_factory=list)
    said_in: list[str] = field(default_factory=list)
    said_by_seller: list[str] = field(default_factory=list)
    statuses: dict[UUID, list[DeliveryStatus]] = field(default_factory=dict)

    async def shopper_writes(self, _: int) -> None:
        words = f"in {len(self.said_in)}"
        self.said_in.append(words)
        answer = await self.bot.deliver(message(self.number, words, sender=self.sender))
        self.is_window_open = True
        assert not (self.is_sellers and answer["turns"]), "the assistant was given a seller's conversation"
        self.under_way += answer["turns"]

    async def assistant_claims(self, _: int) -> None:
        await self.bot.end_hold(str(self.id))
        turn = await self.bot.claim_in(str(self.id))
        assert not (self.is_sellers and turn), "the assistant claimed a seller's conversation"
        self.under_way += [turn] if turn else []

    async def assistant_answers(self, which: int) -> None:
        """Also late: its lease may be another's, or a person has come in since."""
        if not self.under_way:
            return
        turn = self.under_way.pop(which % len(self.under_way))
        before = await self.count(Author.ASSISTANT)
        body = {"worker": "rasa-1", "replies": [OutboundMessage("hello").to_json()], "failure": None}
        path = f"/api/v1/bot/turns/{turn['id']}/finish"
        answer = await self.bot.api.post(path, json=body, headers=SERVICE)
        assert answer.status_code < 500
        following = answer.json().get("turn") if answer.status_code == 200 else None
        self.under_way += [following] if following else []
        said = await self.count(Author.ASSISTANT) - before
        assert said <= (0 if self.is_sellers else 1), "both the assistant and a person answer"

    async def assistant_dies(self, _: int) -> None:
        """Its lease runs out; what it was given may still be handed in, late."""
        past = now() - timedelta(seconds=1)
        async with self.database.transaction() as session:
            await inside(session, self.number)
            of_this = update(Turn).where(Turn.conversation_id == self.id, Turn.state == TurnState.CLAIMED)
            await session.execute(of_this.values(lease_until=past))
            talk = update(Conversation).where(Conversation.id == self.id)
            await session.execute(talk.where(Conversation.turn_due_at.is_not(None)).values(turn_due_at=past))

    async def seller_takes_over(self, _: int) -> None:
        await self.does(lambda session, at: service.take_over(session, self.known, self.seller_id, at))
        self.is_sellers = True

    async def seller_writes(self, _: int) -> None:
        words = f"out {len(self.said_by_seller)}"
        try:
            await self.does(
                lambda session, at: service.say(
                    session, self.known, text=words, seller_id=self.seller_id, now=at
                )
            )
        except ReplyWindowClosed:
            assert not self.is_window_open
            return
        assert self.is_window_open, "words went out without a template after the window had shut"
        self.said_by_seller.append(words)
        self.is_sellers = True

    async def seller_answers_by_phone(self, _: int) -> None:
        words = f"phone {len(self.said_by_seller)}"
        self.said_by_seller.append(words)
        echo = message(self.number, words, sender=self.sender, is_echo=True, sender_name=None)
        await self.bot.deliver(echo)
        self.is_sellers = True

    async def seller_hands_back(self, _: int) -> None:
        await self.does(lambda session, at: service.hand_back(session, self.known, at))
        self.is_sellers = False

    async def seller_resolves(self, _: int) -> None:
        await self.does(lambda session, at: desk.resolve(session, self.known, at, user_id=self.seller_id))
        self.is_sellers = False

    async def window_shuts(self, _: int) -> None:
        async with self.database.transaction() as session:
            await inside(session, self.number)
            conversation = await queries.lock(session, self.known)
            conversation.reply_window_until = now() - timedelta(seconds=1)
        self.is_window_open = False

    async def provider_tells(self, which: int) -> None:
        """A receipt of any message of ours, in any order; one not sent yet is sent first."""
        ours = [one for one in await self.messages() if one.direction is Direction.OUTBOUND]
        ours = [one for one in ours if one.provider_message_id is None]
        if not ours:
            return
        told = ours[which % len(ours)]
        name = f"wamid.{told.id.hex}"
        async with self.database.transaction() as session:
            await inside(session, self.number)
            if not await session.scalar(select(MessagePart.id).where(MessagePart.message_id == told.id)):
                sent = {"status": DeliveryStatus.SENT, "attempts": 1, "provider_message_id": name}
                account = self.number.account.id
                session.add(MessagePart(message_id=told.id, channel_account_id=account, part=0, **sent))
                by_id = update(Message).where(Message.id == told.id)
                await session.execute(by_id.values(status=DeliveryStatus.SENT, due_at=None))
        status = TOLD[which // 7 % len(TOLD)]
        await self.bot.deliver(receipts=[receipt(self.number, name, status)])

    @property
    def known(self) -> UUID:
        assert self.id is not None
        return self.id

    async def does(self, act: Callable[..., Awaitable[Any]]) -> None:
        async with self.database.transaction() as session:
            at = await inside(session, self.number)
            await act(session, at)

    async def messages(self) -> list[Message]:
        async with self.database.transaction() as session:
            await inside(session, self.number)
            every = select(Message).where(Message.conversation_id == self.id).order_by(Message.position)
            return list(await session.scalars(every))

    async def count(self, author: Author) -> int:
        return sum(one.author is author for one in await self.messages())

    async def check(self) -> None:
        """What is stored is what was said, once and in order; who has it has it; statuses only rise."""
        stored = await self.messages()
        assert [one.text for one in stored if one.author is Author.SHOPPER] == self.said_in
        assert [one.text for one in stored if one.author is Author.SELLER] == self.said_by_seller
        assert [one.position for one in stored] == list(range(1, len(stored) + 1))
        for one in stored:
            if one.direction is Direction.OUTBOUND and one.status is not None:
                self.statuses.setdefault(one.id, []).append(one.status)
        for rising in self.statuses.values():
            assert all(LINE.index(a) <= LINE.index(b) for a, b in pairwise(rising)), rising
        async with self.database.transaction() as session:
            await inside(session, self.number)
            conversation = await queries.conversation(session, self.known)
        assert (conversation.handled_by is HandledBy.SELLER) == self.is_sellers

    async def finish(self) -> None:
        """Handed back, and every turn that is still open is run: none is left."""
        await self.seller_hands_back(0)
        for _ in range(4 * len(self.said_in) + 4):
            await self.assistant_dies(0)
            await self.assistant_claims(0)
            while self.under_way:
                await self.assistant_answers(-1)
        async with self.database.transaction() as session:
            await inside(session, self.number)
            turns = select(Turn).where(Turn.conversation_id == self.id)
            left = [one.state for one in await session.scalars(turns) if one.state not in ENDED]
        assert left == [], "a message was left without an answer"
        await self.check()


ACTS = (
    Talk.shopper_writes,
    Talk.assistant_claims,
    Talk.assistant_answers,
    Talk.assistant_dies,
    Talk.seller_takes_over,
    Talk.seller_writes,
    Talk.seller_answers_by_phone,
    Talk.seller_hands_back,
    Talk.seller_resolves,
    Talk.window_shuts,
    Talk.provider_tells,
)
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 100)), min_size=4, max_size=16)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_one_answers_at_a_time_and_nothing_is_lost(
    bot: BotSide, number: Number, database: Database, steps: list[tuple[Any, int]]
) -> None:
    async with database.transaction() as session:
        seller_id = await a_seller(session)
    talk = Talk(bot, number, database, seller_id)
    await talk.shopper_writes(0)
    async with database.transaction() as session:
        await inside(session, number)
        found = (
            select(Message.conversation_id).where(Message.text == "in 0").order_by(Message.created_at.desc())
        )
        talk.id = (await session.scalars(found)).first()
    for act, which in steps:
        await act(talk, which)
        await talk.check()
    await talk.finish()
