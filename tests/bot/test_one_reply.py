"""Whatever channel carries a reply, each choice it shows is found by number, by title and by local words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.components.choices import ChoiceResolver
from bot.components.line_items import LineItemExtractor
from channels.messages import Card, Choice, OutboundMessage
from channels.provider import Provider
from tests.channels.outbound import SPEAKING, build, folded, said

EXTRACTOR, RESOLVER = LineItemExtractor(), ChoiceResolver()
TITLES = [
    *("Blue ankara", "Guinea brocade", "Palm oil", "Basmati rice", "Adire silk", "Lace gown", "Kitenge"),
    *("Àdìrẹ ẹlẹ́kọ", "Ƙwarya", "Pagne wax", "Shea butter", "Chikwangue", "Ofada", "See more"),
]
# A place said in each of the languages of the assistant, and in digits.
WORDS = {
    1: ["1", "number 1", "the first one", "number one", "la première", "ya kwanza", "na farko", "èkíní"],
    2: [
        "2",
        "2.",
        "two",
        "the second one",
        "number two",
        "deux",
        "le deuxième",
        "mbili",
        "biyu",
        "méjì",
        "kejì",
    ],
    3: ["3", "#3", "three", "third", "trois", "ya tatu", "uku", "mẹ́ta", "ìkẹta"],
    4: ["4", "number four", "quatre", "nne", "hudu", "mẹ́rin", "the 4th one"],
    5: ["5", "five please", "numéro 5", "namba tano", "lamba biyar", "nọ́mbà márùn-ún"],
    6: ["6", "sixth", "sixième", "sita", "ta shida", "kẹfà"],
    7: ["7", "option 7", "sept", "ya saba", "bakwai", "méje"],
    8: ["8", "no. 8", "huit", "nane", "takwas", "mẹ́jọ"],
}

every_speaker = pytest.mark.parametrize("provider", SPEAKING, ids=[one.name for one in SPEAKING])


@st.composite
def replies(draw: st.DrawFn) -> OutboundMessage:
    """A reply with one choice or more, of its own and of cards."""
    titles = draw(st.lists(st.sampled_from(TITLES), unique=True, min_size=1, max_size=8))
    choices = [Choice(title, "ask_product_details", {"product_id": title}) for title in titles]
    own = draw(st.integers(0, len(choices)))
    cards = tuple(Card(f"Card of {choice.title}", choices=(choice,)) for choice in choices[own:])
    return OutboundMessage("What would you like?", choices=tuple(choices[:own]), cards=cards)


def answered(text: str, message: OutboundMessage, *, numbered: bool) -> Any:
    """The product that the assistant takes ``text`` for, given what ``message`` offered."""
    offered = [
        {
            "title": choice.title,
            "intent": choice.intent,
            "entities": {**choice.entities, **({"number": place} if numbered else {})},
        }
        for place, choice in enumerate(message.all_choices, start=1)
    ]
    heard = {
        "text": text,
        "intent": {"name": "nlu_fallback", "confidence": 0.5},
        "metadata": {"offered": offered},
    }
    (resolved,) = RESOLVER.process(EXTRACTOR.process([Message(heard)]))
    found = [one["value"] for one in resolved.get("entities", []) if one["entity"] == "product_id"]
    return found[-1] if found else None


@every_speaker
@settings(max_examples=25, deadline=None)
@given(message=replies(), data=st.data())
def test_every_choice_that_is_shown_is_found_by_what_shows_it(
    provider: Provider, message: OutboundMessage, data: st.DataObject
) -> None:
    shown = "\n".join(said(build(provider, message)))
    numbered = data.draw(st.booleans())
    for place, choice in enumerate(message.all_choices, start=1):
        assert folded(choice.title)[:10] in folded(shown)
        word = data.draw(st.sampled_from(WORDS[place]))
        assert answered(word, message, numbered=numbered) == choice.title
        assert answered(choice.title, message, numbered=numbered) == choice.title
        for line in shown.splitlines():
            number, _, rest = line.partition(". ")
            if number.isdigit() and folded(rest).startswith(folded(choice.title)):
                assert answered(number, message, numbered=numbered) == choice.title


@pytest.mark.parametrize("place", WORDS)
def test_every_word_for_a_place_finds_it(place: int) -> None:
    choices = tuple(Choice(title, "pick", {"product_id": title}) for title in TITLES[:8])
    for word in WORDS[place]:
        assert answered(word, OutboundMessage("?", choices=choices), numbered=True) == TITLES[place - 1]


def test_where_an_amount_is_awaited_two_digits_are_the_place() -> None:
    choices = (
        Choice("Add to cart", "add_to_cart", {"product_id": "cart", "takes_quantity": True}),
        Choice("Keep shopping", "browse_catalog", {"product_id": "shop"}),
    )
    message = OutboundMessage("How many yards?", choices=choices)
    for text in ("02", "number two", "le deuxième", "Keep shopping"):
        assert answered(text, message, numbered=True) == "shop"
    for text in ("2", "two"):
        assert answered(text, message, numbered=True) == "cart"
