"""Whatever happens in whatever order, a shopper who said STOP reads its confirmation and nothing else."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.messages import OutboundMessage, Template
from commerce_api.conversations import outbox, queries, service, switching
from commerce_api.conversations.errors import ContactOptedOut
from commerce_api.conversations.models import Author
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from tests.commerce_api.conversations.conftest import BotSide, MakeNumber, Number, message
from tests.commerce_api.conversations.delivery.conftest import Line, LineWith
from tests.commerce_api.conversations.provider_stand_in import StandIn
from tests.conftest import MakeMember

STEPS = ("stop", "start", "other", "reply", "seller", "event", "template", "switch", "fail", "drain")
CONFIRMED = ("you'll get no more messages", "welcome back!")


class Story:
    """A conversation to which anything may happen; what the shopper wrote, what was sent, what they read."""

    def __init__(
        self,
        *,
        line: Line,
        bot: BotSide,
        number: Number,
        road: Number,
        provider: StandIn,
        database: Database,
        seller_id: UUID,
    ) -> None:
        self._line, self._bot, self._number, self._road = line, bot, number, road
        self._provider, self._database = provider, database
        self._seller_id = seller_id
        self._seen = 0
        self.told: list[str] = []

    async def play(self, step: str) -> None:
        """One step; then what it sent is noted."""
        await getattr(self, f"_{step}")()
        sent = list(zip(self._provider.texts, self._provider.accepted, strict=True))
        self.told += [f"{'read' if taken else 'sent'}:{text}" for text, taken in sent[self._seen :]]
        self._seen = len(sent)

    async def _stop(self) -> None:
        await self._bot.deliver(message(self._number, "STOP"))
        self.told.append("STOP")

    async def _start(self) -> None:
        await self._bot.deliver(message(self._number, "START"))
        self.told.append("START")

    async def _other(self) -> None:
        for turn in (await self._bot.deliver(message(self._number, "rice?")))["turns"]:
            await self._bot.finish(turn, OutboundMessage("an answer"))

    async def _reply(self) -> None:
        await self._line.say("a reply\nin two parts")

    async def _seller(self) -> None:
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            try:
                await service.say(
                    session,
                    self._line.conversation_id,
                    text="from a person",
                    seller_id=self._seller_id,
                    now=now(),
                )
            except ContactOptedOut:
                return
            await service.hand_back(session, self._line.conversation_id, now())

    async def _event(self) -> None:
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            facts: dict[str, Any] = {"intent": "paid", "entities": {}, "key": uuid4().hex}
            await service.record_event(session, self._line.conversation_id, now=now(), **facts)
        turn = await self._bot.claim_in(str(self._line.conversation_id))
        if turn is not None:
            await self._bot.finish(turn, OutboundMessage("you paid"))

    async def _template(self) -> None:
        offer = OutboundMessage("an offer", template=Template("offer", "en"))
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            conversation = await queries.lock(session, self._line.conversation_id)
            await outbox.enqueue(session, conversation, [offer], author=Author.SYSTEM, now=now())

    async def _switch(self) -> None:
        async with self._database.transaction() as session:
            await enter(session, self._number.tenant.id)
            account, road = self._number.account.id, self._road.account.id
            step = await switching.switch(session, account, road, now())
            if len(self.told) % 2:
                await switching.switch(session, step.id, account, now())

    async def _fail(self) -> None:
        self._provider.script, self._provider.after = [500], 0.0

    async def _drain(self) -> None:
        await self._line.drain()


@pytest.fixture
def same_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two WhatsApp numbers may stand in for each other here, so that one stand-in serves both roads."""
    monkeypatch.setattr(switching, "SAME_ADDRESSES", (frozenset({"whatsapp"}),))


@pytest.mark.usefixtures("same_addresses")
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=12))
async def test_nothing_is_read_between_stop_and_start_but_the_confirmation(
    *,
    line_with: LineWith,
    bot: BotSide,
    make_number: MakeNumber,
    make_member: MakeMember,
    provider: StandIn,
    database: Database,
    steps: list[str],
) -> None:
    number = await make_number()
    road = await make_number(number.tenant)
    for record in (provider.received, provider.accepted, provider.script):
        record.clear()
    line = await line_with(number)
    seller = await make_member(number.tenant)
    story = Story(
        line=line,
        bot=bot,
        number=number,
        road=road,
        provider=provider,
        database=database,
        seller_id=seller.user.id,
    )
    for step in [*steps, "drain", "drain"]:
        await story.play(step)
    check(story.told)


def check(told: list[str]) -> None:
    """What was read while a STOP held: its confirmation, once at most."""
    stopped, confirmed = False, 0
    for one in told:
        if one in ("STOP", "START"):
            confirmed = 0 if one == "STOP" and not stopped else confirmed
            stopped = one == "STOP"
        elif stopped:
            assert CONFIRMED[0] in one, told
            confirmed += one.startswith("read:")
            assert confirmed <= 1, told
    assert not stopped or confirmed == 1, told


def test_the_check_itself_catches_what_it_must() -> None:
    confirmation = f"read:{CONFIRMED[0]}"
    check(["read:hello", "STOP", confirmation, "START", "read:hello"])
    for wrong in (["STOP", confirmation, "read:hello"], ["STOP", confirmation, confirmation], ["STOP"]):
        with pytest.raises(AssertionError):
            check(wrong)
