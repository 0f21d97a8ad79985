"""Telephone numbers and user ids are never taken for one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.whatsapp import numbers

LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=128)


@given(
    country=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2), parent=st.booleans(), rest=LETTERS
)
def test_a_user_id_is_never_a_number(country: str, parent: bool, rest: str) -> None:
    address = f"{country}.{'ENT.' if parent else ''}{rest}"
    assert numbers.is_user_id(address)
    assert numbers.e164(address) is None


@given(number=st.integers(10**7, 10**14))
def test_a_number_is_never_a_user_id(number: int) -> None:
    assert not numbers.is_user_id(str(number))
    assert numbers.e164(str(number)) == f"+{number}"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+234 803 111 2233", "+2348031112233"),
        ("+1 (650) 555-1234", "+16505551234"),
        ("0803 111 2233", None),
        ("call me", None),
        ("", None),
        (2348031112233, None),
        ("+" + "1" * 30, None),
    ],
)
def test_only_a_number_with_its_country_is_one(written: object, number: str | None) -> None:
    assert numbers.e164(written) == number
