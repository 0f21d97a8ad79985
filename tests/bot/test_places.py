"""Words that point at a place in a list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.places import NUMBERS, ORDINALS, Pointed, pointed_at


@pytest.mark.parametrize(
    "text",
    [
        *("the second one", "second", "2nd please", "I want the second one", "di second one abeg"),
        *("number two", "Number 2", "num 2", "no. 2", "option 2", "item two", "number two please", "02"),
        *(
            "deuxième",
            "la deuxième s'il vous plaît",
            "le deux",
            "numéro deux",
            "numéro 2",
            "n°2",
            "le second",
        ),
        *("ya pili", "ya pili tafadhali", "namba mbili", "nambari 2", "nataka ya pili"),
        *("na biyu", "ta biyu", "lamba biyu", "lamba 2 don Allah"),
        *("kejì", "ìkejì", "èkejì jọ̀wọ́", "nọ́mbà méjì", "nọ́mbà 2"),
    ],
)
def test_it_is_surely_the_second(text: str) -> None:
    assert pointed_at(text) == Pointed(2, is_surely=True)


@pytest.mark.parametrize(
    "text", ["two", "Two.", "deux", "mbili", "biyu", "méjì", "meji", "two please", "na two", "na 2"]
)
def test_it_may_be_the_second_or_two_of_something(text: str) -> None:
    assert pointed_at(text) == Pointed(2, is_surely=False)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2", "2.", "no, 2", "no 2", "20", "2 yards", "two yards", "make it two", "add two", "the one"),
        *(
            "I want one",
            "second hand",
            "first of all",
            "is the second one available",
            "number 200",
            "not two",
        ),
        *(
            "deux mètres",
            "mbili tu sasa hivi",
            "une robe",
            "how much is number two",
            "two three",
            "-2",
            "0",
            "00",
        ),
    ],
)
def test_it_points_at_nothing(text: str) -> None:
    assert pointed_at(text) is None


@pytest.mark.parametrize(
    ("place", "texts"),
    [
        (
            1,
            [
                "one",
                "number one",
                "the first one",
                "le premier",
                "première",
                "ya kwanza",
                "na farko",
                "àkọ́kọ́",
                "ní",
            ],
        ),
        (3, ["troisième", "ya tatu", "na uku", "kẹta", "mẹ́ta", "number three"]),
        (5, ["cinq", "tano", "biyar", "márùn-ún", "karùn-ún", "fifth"]),
        (9, ["neuf", "tisa", "tara", "mẹ́sàn-án", "ninth"]),
        (10, ["dixième", "kumi", "goma", "mẹ́wàá", "the tenth one"]),
    ],
)
def test_other_places_have_their_words_too(place: int, texts: list[str]) -> None:
    found = {text: pointed_at(text) for text in texts}
    assert {text: one.place for text, one in found.items() if one} == dict.fromkeys(
        set(texts) - {"ní"}, place
    )


def test_no_word_means_two_places() -> None:
    assert not set(NUMBERS) & set(ORDINALS)
    assert {*NUMBERS.values()} == {*ORDINALS.values()} == set(range(1, 11))


@given(text=st.text(max_size=80))
def test_any_text_can_be_looked_at(text: str) -> None:
    found = pointed_at(text)
    assert found is None or 0 <= found.place < 100
