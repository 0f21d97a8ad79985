"""A reply as text messages."""

from __future__ import annotations

from hypothesis import given

from channels.messages import Ask, Card, Choice, Link, OutboundMessage
from channels.sms import parts
from channels.sms.building import LONGEST, texts
from tests.channels.outbound import messages


def choice(title: str, description: str | None = None, **entities: object) -> Choice:
    return Choice(title, "pick", entities, description)


def test_choices_are_numbered_and_the_list_says_how_to_answer() -> None:
    offered = (choice("Blue", "N2,500"), choice("Red"))
    message = OutboundMessage("Which colour?", choices=offered, opener="Choose one")
    assert texts(message) == ("Which colour?\n1. Blue - N2,500\n2. Red\nChoose one: 1-2",)
    assert texts(OutboundMessage("Sure?", choices=offered[1:])) == ("Sure?\n1. Red\nReply: 1",)


def test_what_the_text_lists_already_is_not_listed_again() -> None:
    text = "Here is what I found:\n1. Ankara, N2,500\n2. Lace, N4,000"
    offered = (choice("Ankara", "N2,500"), choice("Lace"), choice("See more"))
    (said,) = texts(OutboundMessage(text, choices=offered))
    assert said == f"{text}\n3. See more\nReply: 1-3"


def test_a_list_of_other_things_is_no_list_of_the_choices() -> None:
    offered = (choice("Checkout"), choice("Keep shopping"))
    (said,) = texts(OutboundMessage("Your cart:\n1. 2 x Ankara: N5,000", choices=offered))
    assert said == "Your cart:\n- 2 x Ankara: N5,000\n1. Checkout\n2. Keep shopping\nReply: 1-2"


def test_a_number_stands_before_one_thing_alone() -> None:
    text = "Your cart:\n1. 2 x Ankara: N5,000\nYou may like:\n1. Lace, N4,000"
    (said,) = texts(OutboundMessage(text, choices=(choice("Lace", "N4,000"),)))
    assert said == "Your cart:\n- 2 x Ankara: N5,000\nYou may like:\n1. Lace, N4,000\nReply: 1"
    assert texts(OutboundMessage(text)) == (text,)


def test_where_an_amount_is_awaited_choices_have_two_digits() -> None:
    offered = (choice("Add to cart", takes_quantity=True), choice("Keep shopping"))
    (said,) = texts(OutboundMessage("How many yards?", choices=offered))
    assert said == "How many yards?\n01. Add to cart\n02. Keep shopping\nReply: 01-02"


def test_cards_links_and_pictures_are_told_in_words() -> None:
    card = Card("Ankara", "N2,500 a yard", "https://shop.example/a.jpg", choices=(choice("Add"),))
    message = OutboundMessage(
        "Look:",
        choices=(choice("More"),),
        cards=(card,),
        image_url="https://shop.example/b.jpg",
        link=Link("Our page", "https://shop.example"),
        pay=Link("Pay", "https://pay.example/1"),
    )
    (said,) = texts(message)
    assert said.splitlines() == [
        *("Look:", "Our page: https://shop.example", "Pay: https://pay.example/1", "1. More"),
        *("Ankara - N2,500 a yard", "2. Add", "Reply: 1-2"),
    ]


def test_a_link_that_the_text_gives_is_not_given_twice() -> None:
    text = "Pay here: https://pay.example/1"
    assert texts(OutboundMessage(text, pay=Link("Pay", "https://pay.example/1"))) == (text,)


def test_a_picture_that_stands_alone_is_told_by_its_address() -> None:
    assert texts(OutboundMessage("", image_url="https://shop.example/b.jpg")) == (
        "https://shop.example/b.jpg",
    )


def test_a_question_for_a_place_is_its_words() -> None:
    assert texts(OutboundMessage("Where are you?", ask=Ask.LOCATION)) == ("Where are you?",)


def test_a_long_text_is_cut_between_sentences() -> None:
    sentence = "We deliver everywhere in Lagos within two days, and in all other states within five."
    pieces = texts(OutboundMessage(" ".join([sentence] * 9)))
    assert len(pieces) == 3
    assert all(piece == " ".join([sentence] * 3) for piece in pieces)


@given(message=messages())
def test_every_message_is_within_what_carriers_deliver(message: OutboundMessage) -> None:
    for text in texts(message):
        counted = parts.count(text)
        assert counted.length <= LONGEST[counted.encoding] or counted.parts <= 4
        assert counted.parts <= 5
