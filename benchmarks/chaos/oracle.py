"""Judges one conversation's books by what its shopper said: nothing lost, doubled or out of order.

- Every accepted message is kept once and has one end: answered, or handed to a person.
- The cart and the orders hold what the answered messages asked for, no more and no less.
- Every reply reached the phone once, in order; where the provider left an answer unknown, a second copy may
  be there if the reply is marked as perhaps doubled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import yaml

from benchmarks.chaos.ledger import Book, Inbound
from benchmarks.chaos.plan import AMINA, DIALLED, NGOZI
from benchmarks.chaos.shopping import OK, Due, Said
from benchmarks.chaos.violation import Violation, Wrong
from benchmarks.chaos.world import PUT_OFF
from channels.gsm import plain
from stack.settings import ROOT


@dataclass(frozen=True)
class Terms:
    """What a fault excuses: a door that is shut for a while, turns that end with a person.

    ``is_slow``: the machine had nothing left, so that webhooks wait and turns run out of time. It excuses
    nothing lost, doubled or out of order.
    """

    shuts_door: bool = False
    may_hand_off: bool = False
    is_slow: bool = False

    @property
    def may_refuse(self) -> bool:
        """Whether webhooks may go unanswered, and so long that a provider gives up."""
        return self.shuts_door or self.is_slow

    @property
    def may_fail(self) -> bool:
        """Whether a turn may end with a person, or a word to try again."""
        return self.may_hand_off or self.is_slow


DOMAIN = ROOT / "bot" / "domain.yml"
# What only the other shop would say.
FOREIGN = {NGOZI: ("KSh", "KES", "Amina"), AMINA: ("₦", "NGN", "Ngozi")}
# The assistant's honest word that it could not do it just now, and will not by itself.
TROUBLE = tuple(
    variation["text"]
    for variation in yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["responses"]["utter_trouble"]
)
SYSTEM = "system"
ANSWERED = ("done", "failed")
# How long a shopper's message lets a seller write freely.
WINDOW = timedelta(hours=24)
WINDOW_CLOSED = "window_closed"
# A busy machine may ask the provider to come again in a moment, but not for long.
PUT_OFF_SECONDS = 20.0
# So many letters of a reply's first line, spaces aside, tell it from others.
KNOWN_BY = 14
ENDS = ("done", "failed", "skipped")


def judge(book: Book, said: Sequence[Said], terms: Terms) -> list[Violation]:
    """Everything wrong with one conversation."""
    checks = (
        *_check_door(said, terms),
        *_check_inbound(book, said, terms),
        *_check_lines(book, said, terms),
        *_check_replies(book, said),
        *_check_failures(book, said),
        *(_check_screens(book, said) if book.channel.startswith(DIALLED) else _check_phone(book)),
        *_check_order(book, said),
        *_check_privacy(book),
    )
    return [Violation(wrong, book.number, what) for wrong, what in checks]


type Found = Iterator[tuple[Wrong, str]]


def _check_door(said: Sequence[Said], terms: Terms) -> Found:
    allowed = {OK, PUT_OFF, None} if terms.may_refuse else {OK, PUT_OFF}
    for one in said:
        if one.accepted_at is None and not (terms.may_refuse and one.is_given_up):
            yield Wrong.LOST, f"{one.id} was never accepted: {one.answers[-5:]}"
        waited = (one.accepted_at or one.posted_at) - one.posted_at
        if not terms.may_refuse and waited > PUT_OFF_SECONDS:
            yield Wrong.OTHER, f"{one.id} was put off for {waited:.0f} s: {one.answers}"
        bad = [status for status in one.answers if status not in allowed]
        if bad:
            yield Wrong.OTHER, f"the webhook of {one.id} was answered {bad}"


def _check_inbound(book: Book, said: Sequence[Said], terms: Terms) -> Found:
    if book.conversations > 1:
        yield Wrong.DOUBLED, f"{book.conversations} conversations of one shopper with one number"
    for one in said:
        kept = [message for message in book.inbound if message.provider_id == one.id]
        if one.accepted_at is not None and not kept:
            yield Wrong.LOST, f"{one.id} was accepted and is not kept"
        if len(kept) > 1:
            yield Wrong.DOUBLED, f"{one.id} is kept {len(kept)} times"
        for message in kept[:1]:
            yield from _check_end(one, message, terms)


def _check_end(said: Said, message: Inbound, terms: Terms) -> Found:
    if message.state is None and said.needs_reply:
        yield Wrong.LOST, f"{said.id} has no turn"
    if message.state is not None and message.state not in ENDS:
        yield (
            Wrong.LOST,
            f"{said.id} is not answered: its turn is {message.state} ({message.attempts} attempts)",
        )
    if message.state == "skipped" and not said.needs_reply:
        return
    if message.state in ("failed", "skipped") and not terms.may_fail:
        yield Wrong.OTHER, f"{said.id} was handed to a person without need: {message.state} {message.failure}"


def _check_lines(book: Book, said: Sequence[Said], terms: Terms) -> Found:
    excused = {reply.reply_to for reply in book.outbound if any(words in reply.text for words in TROUBLE)}
    states = {
        message.provider_id: "excused" if terms.may_fail and message.id in excused else message.state
        for message in book.inbound
    }
    least: dict[str, int] = {}
    most: dict[str, int] = {}
    for one in said:
        if one.wish is None or one.id not in states:
            continue
        sku, quantity = one.wish.sku, one.wish.quantity
        is_sure = one.due is Due.ALL and states[one.id] == "done"
        least[sku] = least.get(sku, 0) + (quantity if is_sure else 0)
        most[sku] = most.get(sku, 0) + (quantity if one.due is not Due.NOTHING else 0)
    for sku in sorted({*least, *book.lines}):
        has = book.lines.get(sku, 0)
        if has < least.get(sku, 0):
            yield Wrong.LOST, f"{has} of {sku} in the cart, {least[sku]} were asked for and confirmed"
        if has > most.get(sku, 0):
            yield Wrong.DOUBLED, f"{has} of {sku} in the cart, {most.get(sku, 0)} were asked for"


def _check_replies(book: Book, said: Sequence[Said]) -> Found:
    """Each answered message has its words; failed ones a holding message, one for all within a minute."""
    # What was written together fails together, and is told of once: behind both, or before the second.
    is_told = any(reply.author == SYSTEM for reply in book.outbound)
    answered = {reply.reply_to for reply in book.outbound}
    asked = {one.id for one in said if one.needs_reply}
    for message in book.inbound:
        if message.provider_id not in asked or message.state not in ANSWERED or message.id in answered:
            continue
        if message.state == "done" or not is_told:
            yield Wrong.LOST, f"{message.provider_id} ended as {message.state} without a word"


def _check_failures(book: Book, said: Sequence[Said]) -> Found:
    """No reply fails, but WhatsApp takes no answer to what was written a day ago."""
    sent_at = {message.id: message.sent_at for message in book.inbound}
    newest = max((one.sent_at for one in said), default=None)
    for reply in book.outbound:
        if reply.status != "failed" or reply.maybe_doubled:
            continue
        asked_at = sent_at.get(reply.reply_to) if reply.reply_to else None
        is_old = asked_at is not None and newest is not None and newest - asked_at > WINDOW
        if reply.failure != WINDOW_CLOSED or not is_old:
            yield Wrong.LOST, f"a reply failed ({reply.failure}): {reply.text[:60]!r}"


def _check_phone(book: Book) -> Found:
    """What was sent is what arrived."""
    arrived = [bubble.id for bubble in book.received]
    known = set()
    for reply in book.outbound:
        for part in reply.parts:
            known.add(part.provider_id)
            if part.provider_id is not None and part.provider_id not in arrived:
                yield Wrong.LOST, f"sent and not on the phone: {reply.text[:60]!r}"
            if part.doubts > 1 or (part.doubts and not reply.maybe_doubled):
                yield Wrong.DOUBLED, f"{part.doubts} tries of unknown outcome: {reply.text[:60]!r}"
        if not reply.parts and reply.status not in ("queued", "failed"):
            yield Wrong.LOST, f"{reply.status} without a part: {reply.text[:60]!r}"
    doubts = sum(part.doubts for reply in book.outbound for part in reply.parts)
    unknown = [bubble for bubble in book.received if bubble.id not in known]
    if len(unknown) > doubts:
        texts = [bubble.text[:60] for bubble in unknown]
        yield Wrong.DOUBLED, f"{len(unknown)} bubbles that no reply owns, {doubts} were doubtful: {texts}"
    if len(set(arrived)) < len(arrived):
        yield Wrong.DOUBLED, "one bubble twice"


def _check_screens(book: Book, said: Sequence[Said]) -> Found:
    """What was said to somebody who dials stood on a screen, or came by SMS: by its first letters.

    A greeting that was cut off is none of it: who dials again is greeted again.
    """
    keys = {one.id for one in said if not one.needs_reply}
    greeted = {message.id for message in book.inbound if message.provider_id in keys}
    shown = _squeezed(" ".join(bubble.text for bubble in book.received))
    for reply in book.outbound:
        if reply.status == "queued":
            yield Wrong.LOST, f"never shown: {reply.text[:60]!r}"
        elif reply.status == "failed" or reply.reply_to in greeted:
            continue
        elif _squeezed(reply.text.partition("\n")[0])[:KNOWN_BY] not in shown:
            yield Wrong.LOST, f"not on the phone: {reply.text[:60]!r}"


def _squeezed(text: str) -> str:
    return "".join(plain(text).split())


def _check_order(book: Book, said: Sequence[Said]) -> Found:
    """Replies stand in the order of the messages they answer, on paper and on the phone."""
    overtaken = {one.id for one in said if one.is_overtaken}
    ours = {one.id for one in said} - overtaken
    sent_at = {one.id: one.sent_at for one in said}
    asked = [message for message in book.inbound if message.provider_id in ours]
    asked.sort(key=lambda message: (sent_at[message.provider_id or ""], message.position))
    rank = {message.id: place for place, message in enumerate(asked)}
    ranks = [rank[reply.reply_to] for reply in book.outbound if reply.reply_to in rank]
    if ranks != sorted(ranks):
        yield Wrong.DISORDER, f"messages were answered in the order {list(dict.fromkeys(ranks))}"
    sent = [part.provider_id for reply in book.outbound for part in reply.parts if part.provider_id]
    arrived = {bubble.id: place for place, bubble in enumerate(book.received)}
    places = [arrived[one] for one in sent if one in arrived]
    if places != sorted(places):
        yield Wrong.DISORDER, "replies reached the phone in another order than they were written"


def _check_privacy(book: Book) -> Found:
    for bubble in book.received:
        foreign = [words for words in FOREIGN[book.seller] if words in bubble.text]
        if foreign:
            yield Wrong.OTHER, f"{foreign} of another shop was said: {bubble.text[:60]!r}"
