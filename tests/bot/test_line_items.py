"""What is drawn out of a message: how many, of what, in which colour and size."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.components.line_items import LineItemExtractor

EXTRACTOR = LineItemExtractor()


def items(text: str) -> list[dict[str, Any]]:
    return [found["value"] for found in EXTRACTOR.extract(text) if found["entity"] == "line_item"]


def only(text: str) -> dict[str, Any]:
    (item,) = items(text)
    return item


@pytest.mark.parametrize(
    ("text", "quantity", "unit", "words"),
    [
        ("2", 2, None, ""),
        ("make it 3", 3, None, ""),
        ("no, 2", 2, None, ""),
        ("two yards of blue ankara", 2, "yard", "ankara"),
        ("half dozen eggs", 6, None, "eggs"),
        ("half a dozen eggs", 6, None, "eggs"),
        ("a dozen crates of eggs", 12, "crate", "eggs"),
        ("two dozen eggs", 24, None, "eggs"),
        ("2kg rice", 2, "kg", "rice"),
        ("x3 body cream", 3, None, "body cream"),
        ("3x palm oil", 3, None, "palm oil"),
        ("indomie x2", 2, None, "indomie"),
        ("abeg put 2 derica of rice", 2, "derica", "rice"),
        ("give me a bag of rice", 1, "bag", "rice"),
        ("one hundred bags of cement", 100, "bag", "cement"),
        ("twenty-five yards of lace", 25, "yard", "lace"),
        ("- 2 palm oil", 2, None, "palm oil"),
        ("palm oil 5 litres", 5, "litre", "palm oil"),
    ],
)
def test_an_amount_is_read_however_it_is_typed(text: str, quantity: int, unit: str, words: str) -> None:
    item = only(text)
    assert (item["quantity"], item["unit"], item["words"]) == (quantity, unit, words)


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("3 of the blue one", {"colour": "blue"}),
        ("sneakers size 42", {"size": "42"}),
        ("I want 3 pieces XL polo shirt red", {"size": "xl", "colour": "red"}),
        ("black and white ankara", {"colour": "black white"}),
        ("2 bags of 5kg rice", {"size": "5kg"}),
        ("2 indomie 70g", {"size": "70g"}),
    ],
)
def test_colours_and_sizes_are_kept_apart_from_the_words(text: str, attributes: dict[str, str]) -> None:
    assert only(text)["attributes"] == attributes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add 3 and one palm oil", [(3, ""), (1, "palm oil")]),
        ("2 yards ankara,3 oil", [(2, "ankara"), (3, "oil")]),
        ("2 ankara\n3 rice", [(2, "ankara"), (3, "rice")]),
        ("2 ankara plus 1 soap & 4 eggs", [(2, "ankara"), (1, "soap"), (4, "eggs")]),
    ],
)
def test_several_things_in_one_message_are_several_items(text: str, expected: list[Any]) -> None:
    assert [(item["quantity"], item["words"]) for item in items(text)] == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-2 ankara", "negative"),
        ("minus 3", "negative"),
        ("0 rice", "zero"),
        ("zero eggs", "zero"),
        ("1.5 yards of lace", "fraction"),
        ("half yard lace", "fraction"),
        ("two and a half yards", "fraction"),
        ("1/2 bag of rice", "fraction"),
        ("5000 rice", "too_many"),
        ("1,000,000 yards", "too_many"),
    ],
)
def test_an_amount_that_cannot_be_sold_is_no_quantity_and_says_why(text: str, problem: str) -> None:
    item = only(text)
    assert (item["quantity"], item["problem"]) == (None, problem)


@pytest.mark.parametrize(
    ("text", "place"), [("number 2", 2), ("the second one", 2), ("the last one", -1), ("#3", 3), ("no. 4", 4)]
)
def test_pointing_at_a_place_is_no_amount(text: str, place: int) -> None:
    found = EXTRACTOR.extract(text)
    assert [entity["value"] for entity in found if entity["entity"] == "place"] == [place]
    assert not items(text)


@pytest.mark.parametrize(
    ("text", "limit"), [("sneakers under 5k", 5000), ("less than ₦15,000", 15000), ("below 2500 naira", 2500)]
)
def test_a_price_limit_is_no_amount(text: str, limit: int) -> None:
    found = EXTRACTOR.extract(text)
    assert [entity["value"] for entity in found if entity["entity"] == "price_limit"] == [limit]
    assert all(item["quantity"] is None for item in items(text))


@pytest.mark.parametrize("text", ["hello", "how much?", "thank you", "add it to my cart", "show me", "👍"])
def test_talk_without_goods_gives_no_item(text: str) -> None:
    assert items(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("how much is the ankara fabric per yard?", "ankara fabric"),
        ("do you have red sneakers", "sneakers"),
        ("please I'm looking for palm oil", "palm oil"),
        ("remove the palm oil", "palm oil"),
    ],
)
def test_the_words_that_carry_a_request_are_not_searched_for(text: str, words: str) -> None:
    assert only(text)["words"] == words


AMOUNTS = st.one_of(
    st.integers(-10_000, 10_000).map(str),
    st.floats(-1000, 1000, allow_nan=False).map(str),
    st.sampled_from(["half", "zero", "a dozen", "½", "1/3", "-0", "1,000", "٣", "²", "1e9", "x0", "0x"]),
)


@given(amount=AMOUNTS, word=st.sampled_from(["rice", "yards of lace", "kg beans", "", "x"]))
@example(amount="-0", word="rice")
def test_no_amount_ever_gives_a_quantity_below_one_or_not_whole(amount: str, word: str) -> None:
    for item in items(f"add {amount} {word}"):
        assert item["quantity"] is None or (
            isinstance(item["quantity"], int) and 1 <= item["quantity"] <= 999
        )


@given(number=st.one_of(st.integers(-10_000, 0), st.integers(1000, 10**30)))
def test_negative_zero_and_absurd_numbers_are_never_a_quantity(number: int) -> None:
    assert all(item["quantity"] is None for item in items(f"add {number} rice"))


@given(st.text(max_size=300))
def test_any_text_gives_well_formed_entities(text: str) -> None:
    for entity in EXTRACTOR.extract(text):
        assert 0 <= entity["start"] <= entity["end"] <= len(text)
        assert entity["entity"] in {"line_item", "price_limit", "place"}
