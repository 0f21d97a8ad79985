"""One round: shoppers shop, a fault strikes, the system recovers, the books are read and judged."""

import asyncio
import random
import time
from dataclasses import dataclass, field, replace

from benchmarks.chaos import ledger, oracle
from benchmarks.chaos.dialling import DialledPhone
from benchmarks.chaos.faults.fault import Fault, Scene, Strike
from benchmarks.chaos.ledger import Book
from benchmarks.chaos.oracle import Terms
from benchmarks.chaos.plan import DIALLED, Round, Shopper
from benchmarks.chaos.shopping import Phone
from benchmarks.chaos.violation import Violation, Wrong
from benchmarks.chaos.world import PUT_OFF, Event, World


@dataclass
class Outcome:
    """A row of the table. ``recovered`` is in seconds from the fault's end to the last answer it delayed.

    ``given_up`` are the messages that their provider, which comes but so often, could not bring; ``is_slow``
    says that the machine had nothing left meanwhile.
    """

    fault: str
    conversations: int = 0
    messages: int = 0
    injected: int = 0
    put_off: int = 0
    handed_off: int = 0
    given_up: int = 0
    is_slow: bool = False
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
    phones = [_phone(world, shopper, drawn.seed) for shopper in drawn.shoppers]
    scene = Scene(world, drawn.shoppers, random.Random(drawn.seed), is_short)
    await _dare(scene, fault.prepare)
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
    terms = replace(fault.terms, is_slow=world.pressure.was_full(began))
    outcome = await _judge(world, everybody, fault, terms)
    outcome.injected = world.injected
    outcome.recovered = _recovered(everybody, over)
    outcome.seconds = time.monotonic() - began
    return outcome


def _phone(world: World, shopper: Shopper, seed: str) -> Phone:
    return (DialledPhone if shopper.channel.startswith(DIALLED) else Phone)(world, shopper, seed)


async def _shop(phone: Phone, fault: Fault, shopper: Shopper) -> None:
    await asyncio.sleep(shopper.begins)
    await fault.talk(phone)


async def _strike(scene: Scene, drawn: Round, fault: Fault) -> float:
    """Lets the fault strike; when it was over."""
    await asyncio.sleep(drawn.strike_at)
    await _dare(scene, fault.strike)
    return time.monotonic()


async def _dare(scene: Scene, strike: Strike) -> None:
    try:
        await strike(scene)
    except RuntimeError as error:
        scene.world.complaints.append(Violation(Wrong.OTHER, "", str(error)))


async def _mend(world: World) -> None:
    """Leaves nothing broken for the next round."""
    world.stage.straighten()
    await world.drop_faults()
    for name in ("rasa", "api", "worker"):
        await world.stage.end_spare(name)
    await world.stage.wait_well()


async def _judge(world: World, phones: list[Phone], fault: Fault, terms: Terms) -> Outcome:
    for phone in phones:
        # The last replies may be on their way still: nobody waited for those to what was never answered.
        for said in list(phone.said):
            if said.fate is None and said.accepted_at is not None:
                await phone.await_answer(said)
        await phone.finish()
    books = await ledger.read(world, phones)
    outcome = Outcome(fault.name, len(phones), is_slow=terms.is_slow, events=list(world.events))
    outcome.violations += world.complaints
    for phone in phones:
        book = books[phone.chat]
        outcome.messages += len(phone.said)
        outcome.put_off += sum(PUT_OFF in said.answers for said in phone.said)
        outcome.handed_off += sum(message.state == "failed" for message in book.inbound)
        outcome.violations += oracle.judge(book, phone.said, terms)
        outcome.given_up += sum(said.is_given_up for said in phone.said)
        outcome.books.append(book)
    return outcome


def _recovered(phones: list[Phone], over: float) -> float:
    """How long after the fault's end the last message that met it was answered."""
    met = [one for phone in phones for one in phone.said if one.posted_at <= over]
    return max((one.fate.at - over for one in met if one.fate), default=0.0)
