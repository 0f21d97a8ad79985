"""Screens: short enough, in plain letters, and with everything that was said."""

from __future__ import annotations

import json
import re
from dataclasses import fields

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from channels.gsm import is_plain, plain, septets
from channels.messages import Card, Choice, Link, OutboundMessage
from channels.ussd import paging
from channels.ussd.paging import Answer, Screen, compile_screen
from channels.ussd.words import WORDS, words_in
from tests.channels.outbound import messages

ENGLISH = WORDS["en"]
ANSWERS = st.lists(messages(), min_size=1, max_size=4).map(
    lambda found: [Answer(f"message-{place}", message) for place, message in enumerate(found)]
)
AMOUNTS = st.integers(0, 9_999_999).flatmap(
    lambda units: st.sampled_from(
        [
            f"₦{units:,}",
            f"KSh {units:,}",
            f"{units:,} F CFA".replace(",", " "),
            f"₦{units:,}.50",
            f"NGN {units:,}",
        ]
    )
)


def whole(screen: Screen) -> str:
    return "".join("".join(screen.pages).split())


def menu(*titles: str) -> OutboundMessage:
    return OutboundMessage("Pick one.", tuple(Choice(title, "ask_price") for title in titles))


@settings(deadline=None)
@given(answers=ANSWERS, language=st.sampled_from(sorted(WORDS)))
def test_every_page_with_its_keys_fits_a_screen_in_plain_letters(
    answers: list[Answer], language: str
) -> None:
    words = WORDS[language]
    screen = compile_screen(answers, words)
    for place, page in enumerate(screen.pages):
        has_more = place + 1 < len(screen.pages)
        shown = paging.written(page, words, has_more=has_more, can_back=True, can_home=True)
        assert is_plain(shown)
        assert septets(shown) <= paging.LIMIT


@settings(deadline=None)
@given(answers=ANSWERS)
def test_no_word_is_lost_over_the_pages(answers: list[Answer]) -> None:
    said = whole(compile_screen(answers, ENGLISH))
    for answer in answers:
        message = answer.message
        titles = [choice.title for choice in message.all_choices]
        notes = [choice.description or "" for choice in message.all_choices]
        cards = [text or "" for card in message.cards for text in (card.title, card.description)]
        for text in (message.text, *titles, *notes, *cards):
            for word in plain(text).split():
                # A line's own number may go: its choice has one.
                assert word in said or re.fullmatch(r"\d{1,2}\.", word)


@settings(deadline=None)
@given(answers=ANSWERS)
def test_every_choice_has_a_number_of_its_own_over_the_whole_answer(answers: list[Answer]) -> None:
    screen = compile_screen(answers, ENGLISH)
    places = [(one.id, place) for one in answers for place, _ in enumerate(one.message.all_choices)]
    assume(not any(answer.message.is_last for answer in answers))
    assert list(screen.marks.values()) == places
    said = whole(screen)
    for mark in screen.marks:
        assert f"{mark}." in said


@settings(deadline=None)
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=40), gap=st.sampled_from([" and ", "\n", ", total "]))
def test_no_amount_is_cut_apart(amounts: list[str], gap: str) -> None:
    screen = compile_screen([Answer("one", OutboundMessage(gap.join(amounts)))], ENGLISH)
    for amount in amounts:
        assert any(plain(amount) in page for page in screen.pages)


@settings(deadline=None)
@given(lines=st.lists(st.tuples(st.text("abcdefgh ", min_size=1, max_size=40), AMOUNTS), max_size=20))
def test_a_line_with_its_total_stays_on_one_page(lines: list[tuple[str, str]]) -> None:
    text = "\n".join(f"x{name}: {amount}" for name, amount in lines)
    screen = compile_screen([Answer("one", OutboundMessage(text))], ENGLISH)
    for line in text.splitlines():
        assert any(" ".join(plain(line).split()) in page for page in screen.pages)


@settings(deadline=None)
@given(answers=ANSWERS)
def test_a_screen_survives_storing(answers: list[Answer]) -> None:
    screen = compile_screen(answers, ENGLISH)
    assert Screen.from_json(json.loads(json.dumps(screen.to_json()))) == screen


def test_a_menu_is_read_at_a_glance() -> None:
    hello = OutboundMessage(
        "Hello! You're welcome to Mama Ngozi Fabrics & Foods. What can I get for you today?",
        tuple(Choice(title, "greet") for title in ("Browse", "My cart", "Track my order", "Talk to us")),
    )
    screen = compile_screen([Answer("one", hello)], ENGLISH)
    assert screen.pages == (
        (
            "Hello! You're welcome to Mama Ngozi Fabrics & Foods. What can I get for you today?\n"
            "1. Browse\n2. My cart\n3. Track my order\n4. Talk to us"
        ),
    )


def test_a_page_is_filled_before_a_long_sentence_moves_on() -> None:
    text = "Hi, welcome to Mama Ngozi Fabrics & Foods. " + "We're resting at the moment and " * 5
    first, *_ = compile_screen([Answer("one", OutboundMessage(text))], ENGLISH).pages
    assert septets(first) > 100


def test_a_last_screen_may_be_as_long_as_a_screen_is() -> None:
    text = "x" * 20 + " " + "y" * (paging.LIMIT - 21)
    (page,) = compile_screen([Answer("one", OutboundMessage(text, is_last=True))], ENGLISH).pages
    assert page == text


def test_what_the_text_lists_already_is_not_listed_twice() -> None:
    shelf = OutboundMessage(
        'Here\'s what I have for "oil":\n1. Palm oil, ₦1,900 per bottle\n2. Soya oil, ₦2,100 per bottle',
        (
            Choice("Palm oil", "ask_price", description="₦1,900 per bottle"),
            Choice("Soya oil", "ask_price", description="₦2,100 per bottle"),
            Choice("See more", "show_more"),
        ),
    )
    screen = compile_screen([Answer("one", shelf)], ENGLISH)
    assert screen.pages == (
        (
            'Here\'s what I have for "oil":\n1. Palm oil, N1,900 per bottle\n2. Soya oil, N2,100 per bottle\n'
            "3. See more"
        ),
    )


def test_numbered_lines_that_are_no_choices_give_their_numbers_up() -> None:
    cart = OutboundMessage(
        "Your cart:\n1. 2 × Ankara fabric (Blue): ₦5,000\n\nTotal: ₦5,000", (Choice("Checkout", "checkout"),)
    )
    (page,) = compile_screen([Answer("one", cart)], ENGLISH).pages
    assert page == "Your cart:\n- 2 x Ankara fabric (Blue): N5,000\nTotal: N5,000\n1. Checkout"


def test_two_messages_with_choices_are_numbered_through() -> None:
    screen = compile_screen([Answer("one", menu("a", "b")), Answer("two", menu("c"))], ENGLISH)
    assert screen.marks == {"1": ("one", 0), "2": ("one", 1), "3": ("two", 0)}


def test_where_an_amount_is_awaited_choices_leave_the_plain_numbers_to_it() -> None:
    add = Choice("Add to cart", "add_to_cart", {"takes_quantity": True})
    message = OutboundMessage("How many would you like?", (add, Choice("My cart", "view_cart")))
    screen = compile_screen([Answer("one", message)], ENGLISH)
    assert screen.pages == ("How many would you like?\n01. Add to cart\n02. My cart",)
    assert screen.marks == {"01": ("one", 0), "02": ("one", 1)}


def test_a_last_screen_offers_nothing_that_nobody_could_pick() -> None:
    message = OutboundMessage("Bye!", (Choice("Track", "track_order"),), is_last=True)
    assert compile_screen([Answer("one", message)], ENGLISH) == Screen(("Bye!",), {}, is_last=True)


def test_a_link_is_shown_unless_it_goes_out_by_sms() -> None:
    message = OutboundMessage("Pay ₦9,350.", pay=Link("Pay now", "https://pay.example/1"))
    (shown,) = compile_screen([Answer("one", message)], ENGLISH).pages
    (told,) = compile_screen([Answer("one", message, links_follow=True)], ENGLISH).pages
    assert "https://pay.example/1" in shown
    assert told == f"Pay N9,350.\n{ENGLISH.by_sms}"


def test_a_cards_choices_come_below_its_name() -> None:
    card = Card("Ankara", "₦2,500", choices=(Choice("Add", "add_to_cart"),))
    screen = compile_screen([Answer("one", OutboundMessage("", (Choice("More", "x"),), (card,)))], ENGLISH)
    assert screen.pages == ("1. More\nAnkara, N2,500\n2. Add",)


@pytest.mark.parametrize("text", ["", "  \n", "\u200b", "👋"])
def test_what_says_nothing_has_no_page(text: str) -> None:
    assert compile_screen([Answer("one", OutboundMessage(text))], ENGLISH).pages == ()


@pytest.mark.parametrize("language", sorted(WORDS))
def test_the_words_around_a_screen_are_plain_and_fit(language: str) -> None:
    words = WORDS[language]
    for name in (part.name for part in fields(words)):
        said = getattr(words, name).format(shop="Mama Ngozi Fabrics & Foods", code="*384*1001#")
        assert is_plain(said)
        assert septets(said) <= 110


def test_words_are_in_the_first_language_there_is() -> None:
    assert words_in(None, "am", "sw", "en") is WORDS["sw"]
    assert words_in(None, "am") is ENGLISH
