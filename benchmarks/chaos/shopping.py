"""A shopper with a phone: says what the plan has them say, and waits for answers."""

import asyncio
import hashlib
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import httpx

from benchmarks.chaos.chats import Chat
from benchmarks.chaos.plan import TIMED, Shopper, Wish
from benchmarks.chaos.violation import Violation, Wrong
from benchmarks.chaos.witness import Fate
from benchmarks.chaos.world import RETRY_PAUSES, Json, World

OK = 200
# How often a provider posts one webhook, where it gives up so soon; the others come again for days.
TRIES = {"sms_twilio": 2, "whatsapp_twilio": 2, "sms_africastalking": 1}
TWILIO_PAUSE = 1.0
# A shopper whose message may have got lost on the way says it again after so long a silence.
SILENCE = 15.0
REFERENCE = """
    select distinct p.reference
    from payments p join orders o on (o.tenant_id, o.id) = (p.tenant_id, p.order_id)
    join contact_addresses a on (a.tenant_id, a.contact_id) = (o.tenant_id, o.contact_id)
    where a.address = %s and p.state = 'pending'
"""
PAID = "select 1 from payments where reference = %s and state = 'paid'"


class Due(StrEnum):
    """What a message does to the cart when the assistant answers it: all of it, perhaps, or nothing."""

    ALL = "all"
    PERHAPS = "perhaps"
    NOTHING = "nothing"


@dataclass
class Said:
    """One message of a shopper. ``id`` is the provider's; times are monotonic but ``sent_at``.

    ``wish`` is what it asks for, and ``due`` whether it must come into the cart. ``is_overtaken``: it was
    brought so much later than it was sent that nobody could have put it in its place. ``is_given_up``: the
    provider, which comes only so often, gave up on it. ``fate`` is None until it was answered.
    """

    id: str
    words: str
    sent_at: datetime
    wish: Wish | None = None
    due: Due = Due.ALL
    is_overtaken: bool = False
    needs_reply: bool = True
    is_given_up: bool = False
    posted_at: float = 0.0
    accepted_at: float | None = None
    answers: list[int | None] = field(default_factory=list)
    fate: Fate | None = None

    @property
    def is_done(self) -> bool:
        """Whether the assistant answered it."""
        return self.fate is not None and self.fate.state == "done"


class Phone:
    """One shopper's chat with one seller on one channel. ``dice`` are the shopper's own, of the seed."""

    def __init__(self, world: World, shopper: Shopper, seed: str, seller: str | None = None) -> None:
        self.world = world
        self.shopper = shopper
        self.seller = seller or shopper.seller
        self.dice = random.Random(f"{seed}:{shopper.number}:{self.seller}")
        self.said: list[Said] = []
        self.others: list[Phone] = []
        self._seed = seed

    @property
    def number(self) -> str:
        """The shopper's number, digits only."""
        return self.shopper.number

    @property
    def channel(self) -> str:
        """How they write."""
        return self.shopper.channel

    @property
    def chat(self) -> Chat:
        """Whose chat it is."""
        return Chat(self.number, self.seller, self.channel)

    def beside(self, seller: str) -> "Phone":
        """The same shopper's chat with another seller."""
        self.others.append(type(self)(self.world, self.shopper, self._seed, seller))
        return self.others[-1]

    def complain(self, wrong: Wrong, what: str) -> None:
        """Something is wrong that the books can't show."""
        self.world.complaints.append(Violation(wrong, self.number, what))

    def compose(self, words: str, wish: Wish | None = None, *, sent_at: datetime | None = None) -> Said:
        """A message, not posted yet. Providers tell times in whole seconds, if at all."""
        at = sent_at or datetime.now(UTC)
        said = Said(
            id=self._id(),
            words=words,
            sent_at=at.replace(microsecond=0) if self.channel in TIMED else at,
            wish=wish,
        )
        self.said.append(said)
        return said

    def _id(self) -> str:
        """As the channel's provider would write it."""
        name = f"{self.seller[-1]}.{self.number}.{len(self.said):03}"
        if self.channel.endswith("_twilio"):
            return "SM" + hashlib.sha256(f"{self.channel}.{name}".encode()).hexdigest()[:32]
        return f"wamid.chaos.{name}" if self.channel == "whatsapp" else f"chaos.{self.channel}.{name}"

    async def post(self, said: Said, *, copies: int = 1, **facts: object) -> None:
        """Brings a message as a provider does: again until it is accepted, or the provider gives up."""
        body: Json = {"seller": self.seller, "channel": self.channel, "type": "text", "text": said.words}
        body |= {"copies": copies, "message_id": said.id, "sent_at": said.sent_at.isoformat(), **facts}
        said.posted_at = said.posted_at or time.monotonic()
        self.world.note(self.number, f"says {said.words[:60]!r} ({said.id}), {copies} times")
        ends = time.monotonic() + self.world.patience
        for attempt in range(TRIES.get(self.channel, 10_000)):
            if attempt:
                pause = RETRY_PAUSES[min(attempt, len(RETRY_PAUSES)) - 1]
                await asyncio.sleep(TWILIO_PAUSE if self.channel in TRIES else pause)
            answers = await self._post_once(body)
            said.answers += answers
            if OK in answers:
                said.accepted_at = said.accepted_at or time.monotonic()
                return
            self.world.note(self.number, f"the webhook of {said.id} was answered {answers}")
            if time.monotonic() > ends:
                return
        said.is_given_up = True

    async def _post_once(self, body: Json) -> list[int | None]:
        try:
            return await self.world.post_message(self.number, body)
        except httpx.HTTPError as error:
            self.world.note(self.number, f"the simulator itself failed: {type(error).__name__} {error}")
            return [None]

    async def await_answer(self, said: Said) -> Fate | None:
        """Waits until a message is answered in full; what the provider gave up on may be answered as well."""
        if said.accepted_at is None and not said.is_given_up:
            return None
        patience = SILENCE if said.accepted_at is None else self.world.patience
        said.fate = await self.world.witness.fate(said.id, patience)
        if said.fate is None and said.accepted_at is None:
            # Whether it comes to anything yet, nobody can tell.
            said.is_overtaken = True
            said.due = Due.PERHAPS if said.due is Due.ALL else said.due
        elif said.fate is not None and said.accepted_at is None:
            said.accepted_at = said.posted_at
        state = said.fate.state if said.fate else "not answered"
        self.world.note(self.number, f"{said.id} is {state}")
        return said.fate

    async def say(self, words: str, wish: Wish | None = None) -> Said:
        """Says something and waits for the answer; says it again when the provider lost it."""
        ends = time.monotonic() + self.world.patience
        while True:
            said = self.compose(words, wish)
            await self.post(said)
            answered = await self.await_answer(said)
            if answered or not said.is_given_up or time.monotonic() > ends:
                return said

    async def ask_for(self, wish: Wish) -> Said:
        """Says a wish and waits for the answer."""
        return await self.say(wish.words, wish)

    async def read(self) -> list[Json]:
        """Everything the shop has sent to this chat."""
        return await self.world.received(self.chat)

    async def latest(self) -> str:
        """What the shop said last."""
        items = await self.read()
        return str(items[-1]["text"]) if items else ""

    async def finish(self) -> None:
        """Looks a last time for what may have come."""


async def shop(phone: Phone) -> None:
    """The plain way: every wish after the answer to the last, a look into the cart, and for some the till."""
    for wish in phone.shopper.wishes:
        await phone.ask_for(wish)
        await asyncio.sleep(phone.dice.uniform(0.0, 0.4))
    await phone.say("show my cart")
    if phone.shopper.buys:
        await buy(phone)


async def buy(phone: Phone) -> None:
    """Places the order and pays it. A shopper who gets no proper answer midway lets it be."""
    for words in ("checkout", "pickup", "pay online", "yes, confirm"):
        said = await phone.say(words)
        if words == "checkout":
            said = await _introduce(phone, said)
        if not said.is_done:
            return
    for (reference,) in await phone.world.ask(REFERENCE, phone.chat.address):
        await phone.world.approve(reference)
        phone.world.note(phone.number, f"pays {reference}")
        await _await_payment(phone.world, reference)


async def _introduce(phone: Phone, said: Said) -> Said:
    """Tells name and number where the channel tells neither, if asked."""
    for asked, answer in (("name", "Ada Eze"), ("number", "+2348031112233")):
        if said.is_done and asked in (await phone.latest()).lower().partition("?")[0]:
            said = await phone.say(answer)
    return said


async def _await_payment(world: World, reference: str) -> None:
    """Until the shop knows of the money: the gateway comes again, and the shop asks by itself."""
    for _ in range(int(world.patience / 0.5)):
        if await world.ask(PAID, reference):
            return
        await asyncio.sleep(0.5)
