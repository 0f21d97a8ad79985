"""Messages that come twice, late, early, out of order, all at once, or with a clock of their own."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks.chaos.faults.fault import Fault
from benchmarks.chaos.plan import AMINA, NGOZI, TIMED, WRITTEN, Wish
from benchmarks.chaos.shopping import Due, Phone, Said
from benchmarks.chaos.violation import Wrong
from benchmarks.chaos.world import Json

COPIES = (2, 3, 5, 20)
DAYS_LATE = timedelta(days=6)
SKEW = timedelta(minutes=10)
FAR_FUTURE = datetime(2038, 1, 20, 4, tzinfo=UTC)
ALBUM = 10
# How long a message is held back for an earlier one that may be under way.
HOLD_BACK = timedelta(milliseconds=70)
APART = """
    select one.created_at - other.created_at from messages one, messages other
    where one.provider_message_id = %s and other.provider_message_id = %s
"""
OIL = "Palm oil 1 L"
OIL_SKU = {NGOZI: "MN-PALM-OIL-1-L", AMINA: "DA-PALM-OIL-1-L"}
# What Mama Ngozi offers beside palm oil.
CRAYFISH = Wish("Dried crayfish", "MN-DRIED-CRAYFISH-1-CUP", 1)


async def say_in_copies(phone: Phone) -> None:
    """Each message is posted several times at once."""
    for wish in phone.shopper.wishes:
        said = phone.compose(wish.words, wish)
        copies = phone.dice.choice(COPIES)
        phone.world.injected += copies - 1
        await phone.post(said, copies=copies)
        await phone.await_answer(said)


async def say_again_later(phone: Phone) -> None:
    """Each message is posted again a second after its answer, and all of them at the end."""
    for wish in phone.shopper.wishes:
        said = await phone.ask_for(wish)
        await asyncio.sleep(1.0)
        await _repeat(phone, said)
    for said in list(phone.said):
        await _repeat(phone, said)
    await phone.say("show my cart")


async def _repeat(phone: Phone, said: Said) -> None:
    phone.world.injected += 1
    await phone.post(said, copies=phone.dice.choice(COPIES[:2]))


async def say_in_reverse(phone: Phone) -> None:
    """The later of two messages is brought a moment before the earlier one."""
    await phone.say("hello")
    for wish in phone.shopper.wishes[:2]:
        # WhatsApp tells whole seconds: the earlier of the two must be later than all there was before.
        await asyncio.sleep(3.1)
        phone.world.injected += 1
        now = datetime.now(UTC)
        first = phone.compose(wish.words, sent_at=now - timedelta(seconds=2))
        changed = Wish(wish.name, wish.sku, wish.quantity + 3)
        second = phone.compose(f"make it {changed.quantity}", changed, sent_at=now)
        posting = asyncio.create_task(phone.post(second))
        await asyncio.sleep(0.02)
        await phone.post(first)
        await posting
        for said in (first, second):
            await phone.await_answer(said)
        if await _are_apart(phone, first, second):
            first.is_overtaken = True
            _excuse(phone, changed)


async def _are_apart(phone: Phone, first: Said, second: Said) -> bool:
    """On a busy machine a moment may become longer than anybody could have waited for the earlier one."""
    apart: timedelta
    ((apart,),) = await phone.world.ask(APART, first.id, second.id)
    if first.accepted_at and second.accepted_at:
        # When it could be seen by others is later than when it came.
        apart = max(apart, timedelta(seconds=first.accepted_at - second.accepted_at))
    if apart > HOLD_BACK:
        phone.world.note(phone.number, f"{first.id} was stored {apart} after {second.id}")
    return apart > HOLD_BACK


def _excuse(phone: Phone, changed: Wish) -> None:
    """A new amount that came before what it is of may have gone to what was in the cart before."""
    for said in phone.said:
        if said.wish is not None:
            said.due = Due.PERHAPS
            said.wish = replace(said.wish, quantity=max(said.wish.quantity, changed.quantity))


async def say_with_delay(phone: Phone) -> None:
    """One message comes when a later one has been answered."""
    late, *rest = phone.shopper.wishes
    said = phone.compose(late.words, late)
    said.is_overtaken = True
    await asyncio.sleep(phone.dice.uniform(1.0, 2.0))
    for wish in rest:
        await phone.ask_for(wish)
    phone.world.injected += 1
    await phone.post(said)
    await phone.await_answer(said)


async def send_album(phone: Phone) -> None:
    """A stranger's first word is ten pictures, each in a webhook of its own, all at once."""
    pictures = [phone.compose("(picture)") for _ in range(ALBUM)]
    for said in pictures:
        said.needs_reply = False
    photo: Json = {"type": "image", "photo": "transfer-receipt", "text": None}
    await asyncio.gather(*(phone.post(said, **photo) for said in pictures))
    await asyncio.gather(*(phone.await_answer(said) for said in pictures))
    phone.world.injected += ALBUM
    replies = len(await phone.read())
    if not 1 <= replies <= 3:
        phone.complain(Wrong.OTHER, f"an album of {ALBUM} brought {replies} replies")
    await phone.ask_for(phone.shopper.wishes[0])


async def say_days_late(phone: Phone) -> None:
    """A message that the provider held for six days buys nothing by itself, and repeated still nothing."""
    late, *rest = phone.shopper.wishes
    said = phone.compose(late.words, late, sent_at=datetime.now(UTC) - DAYS_LATE)
    said.due = Due.NOTHING
    phone.world.injected += 1
    await phone.post(said)
    await phone.await_answer(said)
    for wish in rest:
        await phone.ask_for(wish)
    await _repeat(phone, said)
    await phone.say("show my cart")


async def say_after_backlog(phone: Phone) -> None:
    """Days of messages come at once, and a fresh one with them."""
    *stale, fresh = phone.shopper.wishes
    old = []
    for place, wish in enumerate(stale):
        sent_at = datetime.now(UTC) - DAYS_LATE + timedelta(minutes=place)
        old.append(phone.compose(wish.words, wish, sent_at=sent_at))
        old[-1].due = Due.NOTHING
    phone.world.injected += len(old)
    # One after the other: which of them comes first is the provider's choice, what it means is not.
    for said in old:
        await phone.post(said)
    await asyncio.gather(*(phone.await_answer(said) for said in old))
    await phone.ask_for(fresh)


async def say_twice(phone: Phone) -> None:
    """The same words twice within half a second are two wishes: each has an id of its own."""
    for wish in phone.shopper.wishes:
        first, second = phone.compose(wish.words, wish), phone.compose(wish.words, wish)
        phone.world.injected += 1
        await phone.post(first)
        await asyncio.sleep(phone.dice.uniform(0.1, 0.4))
        await phone.post(second)
        for said in (first, second):
            await phone.await_answer(said)


async def tap_twice(phone: Phone) -> None:
    """A button that is tapped twice: what was offered once is taken once."""
    oil = Wish(OIL, OIL_SKU[phone.seller], phone.shopper.wishes[0].quantity)
    await phone.ask_for(oil)
    if phone.seller != NGOZI:
        return
    taps = [phone.compose("Yes, add it", CRAYFISH), phone.compose("Yes, add it")]
    # Where the answer to the first stands for both.
    taps[1].needs_reply = False
    phone.world.injected += 1
    for said in taps:
        await phone.post(said, type="tap", title="Yes, add it")
        await asyncio.sleep(phone.dice.uniform(0.0, 0.2))
    for said in taps:
        await phone.await_answer(said)


async def say_quickly(phone: Phone) -> None:
    """Everything at once, without waiting for an answer."""
    said = []
    for wish in phone.shopper.wishes:
        said.append(phone.compose(wish.words, wish))
        await phone.post(said[-1])
        await asyncio.sleep(phone.dice.uniform(0.0, 0.15))
    phone.world.injected += len(said)
    for one in said:
        await phone.await_answer(one)


async def say_with_wrong_clock(phone: Phone) -> None:
    """The provider's clock runs ten minutes ahead, as much behind, or in 2038."""
    skew = phone.dice.choice((-SKEW, SKEW, FAR_FUTURE - datetime.now(UTC)))
    for wish in phone.shopper.wishes:
        said = phone.compose(wish.words, wish, sent_at=datetime.now(UTC) + skew)
        phone.world.injected += 1
        await phone.post(said)
        await phone.await_answer(said)


async def write_to_two_sellers(phone: Phone) -> None:
    """One shopper writes to two shops that both sell palm oil, a word here and a word there."""
    other = phone.beside(AMINA if phone.seller == NGOZI else NGOZI)
    quantity = phone.shopper.wishes[0].quantity
    for chat, more in ((phone, 0), (other, 1)):
        await chat.say("hello")
        await chat.ask_for(Wish(OIL, OIL_SKU[chat.seller], quantity + more))
    phone.world.injected += 2
    await asyncio.gather(phone.say("show my cart"), other.say("show my cart"))


FAULTS = (
    Fault(
        "copies at once", "each webhook is posted 2 to 20 times at once", talk=say_in_copies, in_short=True
    ),
    Fault(
        "copies later",
        "each webhook is posted again a second later, and at the end",
        talk=say_again_later,
        channels=WRITTEN,
    ),
    Fault(
        "reversed",
        "of two messages the later one comes a moment before",
        talk=say_in_reverse,
        in_short=True,
        channels=TIMED,
    ),
    Fault(
        "delayed", "a message comes when a later one has been answered", talk=say_with_delay, channels=TIMED
    ),
    Fault(
        "album",
        "ten pictures of a stranger in ten webhooks at once",
        talk=send_album,
        in_short=True,
        channels=(*TIMED, "whatsapp_twilio"),
    ),
    Fault("days late", "a message comes six days late", talk=say_days_late, in_short=True, channels=TIMED),
    Fault("backlog", "days of messages come at once", talk=say_after_backlog, channels=TIMED),
    Fault("said twice", "the same words twice within half a second", talk=say_twice, channels=WRITTEN),
    Fault("tapped twice", "a button is tapped twice", talk=tap_twice, channels=TIMED),
    Fault(
        "four quick messages",
        "several messages without waiting for an answer",
        talk=say_quickly,
        in_short=True,
        channels=WRITTEN,
    ),
    Fault(
        "wrong clock",
        "the provider's clock is ten minutes off, or in 2038",
        talk=say_with_wrong_clock,
        channels=TIMED,
    ),
    Fault("two sellers", "one shopper writes to two shops at once", talk=write_to_two_sellers, in_short=True),
)
