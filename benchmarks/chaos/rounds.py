"""One round: shoppers shop, a fault strikes, the system recovers, the books are read and judged."""

import asyncio
import random
import time
from dataclasses import dataclass, field

from benchmarks.chaos import ledger, oracle
from benchmarks.chaos.faults.fault import Fault, Scene
from benchmarks.chaos.ledger import Book
from benchmarks.chaos.plan import Round, Shopper
from benchmarks.chaos.shopping import PUT_OFF, Phone
from benchmarks.chaos.violation import Violation, Wrong
from benchmarks.chaos.world import Event, World


@dataclass
class Outcome:
    """A row of the table. ``recovered`` is in seconds from the fault's end to the last answer it delayed."""

    fault: str
    conversations: int = 0
    messages: int = 0
    injected: int = 0
    put_off: int = 0
    handed_off: int = 0
    recovered: float = 0.0
    seconds: float = 0.0
    violations: list[Violation] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    books: list[Book] = field(default_factory=list)

    def count(self, wrong: Wrong) -> int:
        """How many of a kind."""
        return sum(violation.wrong is wrong for violation in self.violations)


async def play(world: World, drawn: Round, fault: Fault, *, is_short: bool) -> Outcome:
    """Plays a round to its end."""
    began = time.monotonic()
    world = world.for_round()
    phones = [Phone(world, shopper, drawn.seed) for shopper in drawn.shoppers]
    numbers = tuple(shopper.number for shopper in drawn.shoppers)
    scene = Scene(world, numbers, random.Random(drawn.seed), is_short)
    shopping = asyncio.gather(*(_shop(phone, fault, phone.shopper) for phone in phones))
    try:
        over = await _strike(scene, drawn, fault)
        await shopping
    finally:
        shopping.cancel()
        await asyncio.gather(shopping, return_exceptions=True)
        if not fault.is_quiet:
            await _mend(world)
    everybody = [*phones, *(other for phone in phones for other in phone.others)]
    outcome = await _judge(world, everybody, fault)
    outcome.injected = world.injected
    outcome.recovered = _recovered(everybody, over)
    outcome.seconds = time.monotonic() - began
    return outcome


async def _shop(phone: Phone, fault: Fault, shopper: Shopper) -> None:
    await asyncio.sleep(shopper.begins)
    await fault.talk(phone)


async def _strike(scene: Scene, drawn: Round, fault: Fault) -> float:
    """Lets the fault strike; when it was over."""
    await asyncio.sleep(drawn.strike_at)
    try:
        await fault.strike(scene)
    except RuntimeError as error:
        scene.world.complaints.append(Violation(Wrong.OTHER, "", str(error)))
    return time.monotonic()


async def _mend(world: World) -> None:
    """Leaves nothing broken for the next round."""
    world.stage.straighten()
    await world.drop_faults()
    for name in ("rasa", "worker"):
        await world.stage.end_spare(name)
    await world.stage.wait_well()


async def _judge(world: World, phones: list[Phone], fault: Fault) -> Outcome:
    for phone in phones:
        # The last replies may be on their way still: nobody waited for those to what was never answered.
        for said in phone.said:
            if said.fate is None and said.accepted_at is not None:
                await phone.await_answer(said)
    books = await ledger.read(world, [(phone.number, phone.seller) for phone in phones])
    outcome = Outcome(fault.name, conversations=len(phones), events=list(world.events))
    outcome.violations += world.complaints
    for phone in phones:
        book = books[phone.number, phone.seller]
        outcome.messages += len(phone.said)
        outcome.put_off += sum(PUT_OFF in said.answers for said in phone.said)
        outcome.handed_off += sum(message.state == "failed" for message in book.inbound)
        outcome.violations += oracle.judge(book, phone.said, fault.terms)
        outcome.books.append(book)
    return outcome


def _recovered(phones: list[Phone], over: float) -> float:
    """How long after the fault's end the last message that met it was answered."""
    met = [one for phone in phones for one in phone.said if one.posted_at <= over]
    return max((one.fate.at - over for one in met if one.fate), default=0.0)
