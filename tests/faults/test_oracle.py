"""The oracle of the chaos runs sees what it is there to see: each fault put into good books is found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from benchmarks.chaos.books import check_logs
from benchmarks.chaos.ledger import Book, Inbound, Outbound, Part, Received
from benchmarks.chaos.oracle import TROUBLE, Terms, judge
from benchmarks.chaos.plan import NGOZI, Wish
from benchmarks.chaos.shopping import Due, Said
from benchmarks.chaos.violation import Wrong
from benchmarks.chaos.witness import Fate

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NUMBER = "2348100000001"
THINGS = (("Ogbono", "MN-OGBONO", 2), ("Suya spice", "MN-SUYA-SPICE", 3))

type Case = tuple[Book, list[Said]]
type Spoil = Callable[[Book, list[Said]], None]


def good() -> Case:
    """Two wishes, each said, kept, answered, in the cart, and its reply on the phone."""
    book = Book(NUMBER, NGOZI)
    said = []
    for place, (name, sku, quantity) in enumerate(THINGS):
        wish = Wish(name, sku, quantity)
        sent_at = NOON + timedelta(minutes=place)
        one = Said(f"wamid.{place}", wish.words, sent_at, wish, accepted_at=1.0, answers=[200])
        one.fate = Fate("done", 2.0)
        said.append(one)
        message = Inbound(UUID(int=place), one.id, 2 * place + 1, sent_at, "text")
        book.inbound.append(message)
        add_reply(book, message, f"{quantity} × {name}")
        book.lines[sku] = quantity
    return book, said


def add_reply(book: Book, message: Inbound, text: str, *, doubts: int = 0) -> None:
    """A reply that is kept and on the phone."""
    place = len(book.outbound)
    part = Part(f"sent.{place}", "delivered", doubts)
    position = message.position + 1
    reply = Outbound(
        UUID(int=100 + place), position, message.id, "assistant", "delivered", doubts > 0, None, text, (part,)
    )
    book.outbound.append(reply)
    book.received.append(Received(f"sent.{place}", text))


def change[T](items: list[T], place: int, **facts: object) -> None:
    """Replaces an item by one with other facts."""
    items[place] = type(items[place])(**{**vars(items[place]), **facts})


def lose_message(book: Book, said: list[Said]) -> None:
    book.inbound.pop()
    book.outbound.pop()
    book.received.pop()
    book.lines.popitem()


def keep_message_twice(book: Book, said: list[Said]) -> None:
    book.inbound.append(book.inbound[0])


def leave_turn_open(book: Book, said: list[Said]) -> None:
    change(book.inbound, 1, state="claimed")


def lose_line(book: Book, said: list[Said]) -> None:
    del book.lines["MN-OGBONO"]


def double_line(book: Book, said: list[Said]) -> None:
    book.lines["MN-OGBONO"] *= 2


def add_line_nobody_asked_for(book: Book, said: list[Said]) -> None:
    book.lines["MN-CURRY-POWDER"] = 1


def buy_late_message(book: Book, said: list[Said]) -> None:
    said[0].due = Due.NOTHING


def say_nothing(book: Book, said: list[Said]) -> None:
    book.outbound.pop()
    book.received.pop()


def lose_bubble(book: Book, said: list[Said]) -> None:
    book.received.pop()


def double_bubble(book: Book, said: list[Said]) -> None:
    book.received.append(Received("sent.again", book.received[-1].text))


def send_in_silence_twice(book: Book, said: list[Said]) -> None:
    change(book.outbound, 0, parts=(Part("sent.0", "delivered", 1),))


def fail_reply(book: Book, said: list[Said]) -> None:
    change(book.outbound, 1, status="failed", parts=(Part(None, "failed"),))
    book.received.pop()


def swap_bubbles(book: Book, said: list[Said]) -> None:
    book.received.reverse()


def answer_in_reverse(book: Book, said: list[Said]) -> None:
    first, second = (reply.reply_to for reply in book.outbound)
    change(book.outbound, 0, reply_to=second)
    change(book.outbound, 1, reply_to=first)


def refuse_at_door(book: Book, said: list[Said]) -> None:
    said[0].answers = [500, 200]


def put_off_for_long(book: Book, said: list[Said]) -> None:
    said[0].answers = [503, 503, 200]
    said[0].accepted_at = said[0].posted_at + 60


def never_accept(book: Book, said: list[Said]) -> None:
    said[0].accepted_at = None


def hand_off_without_need(book: Book, said: list[Said]) -> None:
    change(book.inbound, 0, state="failed", failure="timeout")


def quote_other_shop(book: Book, said: list[Said]) -> None:
    change(book.received, 0, text="That is KSh 480.")


def part_conversation(book: Book, said: list[Said]) -> None:
    book.conversations = 2


SPOILED: tuple[tuple[Spoil, Wrong], ...] = (
    (lose_message, Wrong.LOST),
    (keep_message_twice, Wrong.DOUBLED),
    (leave_turn_open, Wrong.LOST),
    (lose_line, Wrong.LOST),
    (double_line, Wrong.DOUBLED),
    (add_line_nobody_asked_for, Wrong.DOUBLED),
    (buy_late_message, Wrong.DOUBLED),
    (say_nothing, Wrong.LOST),
    (lose_bubble, Wrong.LOST),
    (double_bubble, Wrong.DOUBLED),
    (send_in_silence_twice, Wrong.DOUBLED),
    (fail_reply, Wrong.LOST),
    (swap_bubbles, Wrong.DISORDER),
    (answer_in_reverse, Wrong.DISORDER),
    (refuse_at_door, Wrong.OTHER),
    (put_off_for_long, Wrong.OTHER),
    (never_accept, Wrong.LOST),
    (hand_off_without_need, Wrong.OTHER),
    (quote_other_shop, Wrong.OTHER),
    (part_conversation, Wrong.DOUBLED),
)


def test_good_books_are_good() -> None:
    book, said = good()
    assert judge(book, said, Terms()) == []


@pytest.mark.parametrize(("spoil", "wrong"), SPOILED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_in_the_books_is_found_and_called_what_it_is(spoil: Spoil, wrong: Wrong) -> None:
    book, said = good()
    spoil(book, said)
    found = judge(book, said, Terms())
    assert wrong in {violation.wrong for violation in found}, found
    assert {violation.number for violation in found} == {NUMBER}


def test_a_reply_marked_as_perhaps_doubled_may_be_on_the_phone_twice() -> None:
    book, said = good()
    change(book.outbound, 0, maybe_doubled=True, parts=(Part("sent.0", "delivered", 1),))
    book.received.insert(0, Received("sent.before", book.received[0].text))
    assert judge(book, said, Terms()) == []
    book.received.insert(0, Received("sent.before.that", book.received[0].text))
    assert [violation.wrong for violation in judge(book, said, Terms())] == [Wrong.DOUBLED]


def test_a_turn_that_ended_with_a_person_may_have_had_its_effect_or_not() -> None:
    for quantity in (0, 2):
        book, said = good()
        change(book.inbound, 0, state="failed", failure="timeout")
        book.lines["MN-OGBONO"] = quantity
        assert judge(book, said, Terms(may_hand_off=True)) == []


def test_who_was_asked_to_try_again_may_have_nothing_in_the_cart_where_the_fault_excuses_it() -> None:
    book, said = good()
    del book.lines["MN-OGBONO"]
    change(book.outbound, 0, text=TROUBLE[0])
    assert judge(book, said, Terms(may_hand_off=True)) == []
    assert Wrong.LOST in {violation.wrong for violation in judge(book, said, Terms())}


@pytest.mark.parametrize("position", [2, 4])
def test_several_failures_in_a_row_are_told_once(position: int) -> None:
    book, said = good()
    change(book.inbound, 0, state="failed", failure="timeout")
    change(book.inbound, 1, state="failed", failure="timeout")
    change(book.outbound, 0, author="system", position=position)
    say_nothing(book, said)
    assert judge(book, said, Terms(may_hand_off=True)) == []
    change(book.outbound, 0, author="assistant")
    assert judge(book, said, Terms(may_hand_off=True)) != []


def test_only_what_was_written_a_day_ago_may_go_unanswered_for_a_closed_window() -> None:
    for age, wrong in ((timedelta(days=6), []), (timedelta(hours=2), [Wrong.LOST])):
        book, said = good()
        change(book.inbound, 0, sent_at=NOON - age)
        change(book.outbound, 0, status="failed", failure="window_closed", parts=())
        del book.received[0]
        assert [violation.wrong for violation in judge(book, said, Terms())] == wrong


def test_a_door_that_was_shut_may_put_off_but_never_break() -> None:
    book, said = good()
    said[0].answers = [503, None, 200]
    assert judge(book, said, Terms(shuts_door=True)) == []
    said[0].answers = [500, 200]
    assert judge(book, said, Terms(shuts_door=True)) != []


def test_a_machine_that_has_nothing_left_excuses_slowness_alone() -> None:
    slow = Terms(is_slow=True)
    book, said = good()
    put_off_for_long(book, said)
    hand_off_without_need(book, said)
    assert judge(book, said, slow) == []
    excused = {put_off_for_long, hand_off_without_need, quote_other_shop, refuse_at_door}
    for spoil, wrong in SPOILED:
        if spoil not in excused:
            book, said = good()
            spoil(book, said)
            assert wrong in {violation.wrong for violation in judge(book, said, slow)}, spoil


def test_what_a_provider_gave_up_on_is_excused_only_while_the_door_was_shut() -> None:
    for terms, wrong in ((Terms(shuts_door=True), set()), (Terms(), {Wrong.LOST})):
        book, said = good()
        lose_message(book, said)
        said[1].is_given_up, said[1].accepted_at, said[1].answers = True, None, [503]
        assert {violation.wrong for violation in judge(book, said, terms)} == wrong


def test_words_for_somebody_who_dials_must_have_stood_on_a_screen_or_come_by_sms() -> None:
    def dialled() -> Case:
        book, said = good()
        book.channel = "ussd_africastalking"
        for place in range(2):
            change(book.outbound, place, text=f"{place} × ₦ {THINGS[place][0]} is yours", parts=())
        shown = f"0 x N {THINGS[0][0]}\nis yours"
        book.received = [Received("screen 0", shown), Received("sms", f"1 x N {THINGS[1][0]} is yours")]
        return book, said

    book, said = dialled()
    assert judge(book, said, Terms()) == []
    book.received.pop()
    assert [violation.wrong for violation in judge(book, said, Terms())] == [Wrong.LOST]
    book, said = dialled()
    change(book.outbound, 1, status="queued")
    assert [violation.wrong for violation in judge(book, said, Terms())] == [Wrong.LOST]


def test_a_log_that_tells_a_secret_or_a_number_is_found(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text("all is well\nsent to 2348*****01\n")
    assert check_logs([log], ["hidden"], [NUMBER]) == []
    for words in ("the token is hidden!", f"sent to +{NUMBER}"):
        log.write_text(f"all is well\n{words}\n")
        assert "line 2" in check_logs([log], ["hidden"], [NUMBER])[0].what
