"""Several acts in one message, read apart and in order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.components.acts import ActReader
from bot.components.lexicon import LANGUAGES

READER = ActReader()
OFFERED = [
    {"title": "Ankara", "intent": "ask_product_details", "entities": {"number": 1, "product_id": "p1"}},
    {"title": "Lace", "intent": "ask_product_details", "entities": {"number": 2, "product_id": "p2"}},
]


def heard(text: str, language: str = "en", intent: str = "add_to_cart") -> Message:
    message = Message({"text": text, "intent": {"name": intent}, "language": {"name": language}})
    message.set("metadata", {"offered": OFFERED})
    return READER.process([message])[0]


def acts(text: str, language: str = "en") -> list[tuple[Any, ...]]:
    """Each act's intent with how many of what."""
    found = [one for one in heard(text, language).get("entities", []) if one["entity"] == "acts"]
    return [
        (act["intent"], *((item["quantity"], item["words"]) for item in act["entities"].get("line_item", [])))
        for one in found
        for act in one["value"]
    ]


@pytest.mark.parametrize(
    ("language", "text", "out", "in_"),
    [
        ("en", "remove the rice and add 2 beans then checkout", "rice", "beans"),
        ("pcm", "abeg comot the rice, add 2 beans then make i pay", "rice", "beans"),
        ("sw", "toa mchele na uongeze maharagwe mawili kisha nilipe", "mchele", "maharagwe"),
        ("fr", "enlève le riz et ajoute deux savons puis je paie", "riz", "savons"),
        ("ha", "a cire shinkafa sannan a kara wake biyu, sai in biya", "shinkafa", "wake"),
        ("yo", "ẹ yọ ìrẹsì kúrò, ẹ fi ẹ̀wà méjì kún un, mo fẹ́ sanwó", "ìrẹsì", "ẹ̀wà"),
    ],
)
def test_three_acts_are_read_in_order_in_every_language(language: str, text: str, out: str, in_: str) -> None:
    assert acts(text, language) == [
        ("remove_from_cart", (None, out)),
        ("add_to_cart", (2, in_)),
        ("checkout",),
    ]


def test_to_pay_comes_last_wherever_it_stands() -> None:
    assert acts("checkout and add one oil") == [("add_to_cart", (1, "oil")), ("checkout",)]


def test_things_to_be_added_one_after_the_other_are_one_act() -> None:
    assert acts("add 2 rice and add 3 beans and show me my cart") == [
        ("add_to_cart", (2, "rice"), (3, "beans")),
        ("view_cart",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "add 2 rice and 3 beans",
        "i want to checkout",
        "add rice to my cart and give me the price of beans",
        "drop the beans off at my office, then call me",
        "make sure it is fresh and add it",
    ],
)
def test_one_act_stays_what_it_is(text: str) -> None:
    message = heard(text)
    assert message.get("intent") == {"name": "add_to_cart"}
    assert not message.get("entities")


def test_a_message_about_an_order_placed_has_no_acts() -> None:
    assert (
        heard("remove the rice and add beans", intent="change_order").get("intent")["name"] == "change_order"
    )


def test_an_act_may_point_at_what_was_offered() -> None:
    (found,) = heard("add 2 of the second one and checkout").get("entities")
    first = found["value"][0]
    assert (first["intent"], first["entities"]["product_id"]) == ("add_to_cart", "p2")
    assert first["entities"]["line_item"][0]["quantity"] == 2


WORDS = st.sampled_from(
    sorted(
        {word for one in LANGUAGES.values() for word in [*one.acts, *one.thens]} | {"rice", "2", ",", "and"}
    )
)


@given(st.lists(WORDS, max_size=10).map(" ".join))
def test_any_row_of_acts_gives_acts_we_know(text: str) -> None:
    known = {intent for one in LANGUAGES.values() for intent in one.acts.values()}
    read = acts(text)
    assert len(read) != 1
    assert all(act[0] in known for act in read)
    assert [act[0] for act in read].count("checkout") <= 1
