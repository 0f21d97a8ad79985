"""Order numbers as people say and type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.orders import numbers


@pytest.mark.parametrize(
    ("slug", "prefix"),
    [("mama-ngozi", "MN"), ("chez-awa", "CA"), ("shop", "SH"), ("a", "AX"), ("a-b-c", "AB")],
)
def test_a_number_begins_with_two_letters_of_the_shop(slug: str, prefix: str) -> None:
    assert numbers.propose(slug).startswith(f"{prefix}-")


def test_no_number_holds_a_letter_that_looks_like_another() -> None:
    drawn = "".join(numbers.propose("shop").partition("-")[2] for _ in range(500))
    assert not set(drawn) & set("01OIL")


@pytest.mark.parametrize("typed", ["MN-7K4Q2", "mn-7k4q2", "mn7k4q2", " #MN 7K4Q2.", "mn – 7k4q2"])
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert numbers.read(typed) == "MN-7K4Q2"


@given(st.text())
def test_reading_takes_anything_and_gives_only_what_a_number_can_hold(typed: str) -> None:
    assert set(numbers.read(typed)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


@given(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True))
def test_every_shop_can_number_its_orders_and_find_them_again(slug: str) -> None:
    number = numbers.propose(slug)
    assert numbers.read(number.lower()) == number
