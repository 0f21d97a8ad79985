"""A shopper with a phone: says what the plan has them say, and waits for answers."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import httpx

from benchmarks.chaos.plan import Shopper, Wish
from benchmarks.chaos.violation import Violation, Wrong
from benchmarks.chaos.witness import Fate
from benchmarks.chaos.world import RETRY_PAUSES, Json, World

OK = 200
PUT_OFF = 503
REFERENCE = """
    select p.reference from payments p join orders o on (o.tenant_id, o.id) = (p.tenant_id, p.order_id)
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
    brought so much later than it was sent that nobody could have put it in its place. ``fate`` is None until
    it was answered.
    """

    id: str
    words: str
    sent_at: datetime
    wish: Wish | None = None
    due: Due = Due.ALL
    is_overtaken: bool = False
    needs_reply: bool = True
    posted_at: float = 0.0
    accepted_at: float | None = None
    answers: list[int | None] = field(default_factory=list)
    fate: Fate | None = None

    @property
    def is_done(self) -> bool:
        """Whether the assistant answered it."""
        return self.fate is not None and self.fate.state == "done"


class Phone:
    """One shopper's chat with one seller. ``dice`` are the shopper's own, of the seed."""

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

    def beside(self, seller: str) -> "Phone":
        """The same shopper's chat with another seller."""
        self.others.append(Phone(self.world, self.shopper, self._seed, seller))
        return self.others[-1]

    def complain(self, wrong: Wrong, what: str) -> None:
        """Something is wrong that the books can't show."""
        self.world.complaints.append(Violation(wrong, self.number, what))

    def compose(self, words: str, wish: Wish | None = None, *, sent_at: datetime | None = None) -> Said:
        """A message, not posted yet. WhatsApp tells times in whole seconds."""
        said = Said(
            id=f"wamid.chaos.{self.seller[-1]}.{self.number}.{len(self.said):03}",
            words=words,
            sent_at=(sent_at or datetime.now(UTC)).replace(microsecond=0),
            wish=wish,
        )
        self.said.append(said)
        return said

    async def post(self, said: Said, *, copies: int = 1, **facts: object) -> None:
        """Brings a message as a provider does: again and again until it is accepted."""
        body: Json = {"seller": self.seller, "type": "text", "text": said.words, "copies": copies}
        body |= {"message_id": said.id, "sent_at": said.sent_at.isoformat(), **facts}
        said.posted_at = said.posted_at or time.monotonic()
        self.world.note(self.number, f"says {said.words[:60]!r} ({said.id}), {copies} times")
        ends = time.monotonic() + self.world.patience
        for attempt in range(10_000):
            answers = await self._post_once(body)
            said.answers += answers
            if OK in answers:
                said.accepted_at = time.monotonic()
                return
            self.world.note(self.number, f"the webhook of {said.id} was answered {answers}")
            if time.monotonic() > ends:
                return
            await asyncio.sleep(RETRY_PAUSES[min(attempt, len(RETRY_PAUSES) - 1)])

    async def _post_once(self, body: Json) -> list[int | None]:
        try:
            return await self.world.post_message(self.number, body)
        except httpx.HTTPError as error:
            self.world.note(self.number, f"the simulator itself failed: {type(error).__name__} {error}")
            return [None]

    async def await_answer(self, said: Said) -> Fate | None:
        """Waits until a message is answered in full."""
        if said.accepted_at is None:
            return None
        said.fate = await self.world.witness.fate(said.id, self.world.patience)
        state = said.fate.state if said.fate else "not answered"
        self.world.note(self.number, f"{said.id} is {state}")
        return said.fate

    async def say(self, words: str, wish: Wish | None = None) -> Said:
        """Says something and waits for the answer."""
        said = self.compose(words, wish)
        await self.post(said)
        await self.await_answer(said)
        return said

    async def ask_for(self, wish: Wish) -> Said:
        """Says a wish and waits for the answer."""
        return await self.say(wish.words, wish)

    async def read(self) -> list[Json]:
        """Everything the shop has sent to this chat."""
        return await self.world.received(self.number, self.seller)


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
        if not said.is_done:
            return
    for (reference,) in await phone.world.ask(REFERENCE, phone.number):
        await phone.world.approve(reference)
        phone.world.note(phone.number, f"pays {reference}")
        await _await_payment(phone.world, reference)


async def _await_payment(world: World, reference: str) -> None:
    """Until the shop knows of the money: the gateway comes again, and the shop asks by itself."""
    for _ in range(int(world.patience / 0.5)):
        if await world.ask(PAID, reference):
            return
        await asyncio.sleep(0.5)
