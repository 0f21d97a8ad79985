"""The GSM alphabet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import gsm


@given(text=st.text())
def test_whatever_is_written_comes_out_plain(text: str) -> None:
    assert gsm.is_plain(gsm.plain(text))


@given(text=st.text(st.sampled_from(sorted(gsm.BASIC | gsm.EXTENDED))))
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert gsm.plain(text) == text


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("₦2,500 × 3", "N2,500 x 3"),
        ("Ẹ káàárọ̀, ó ń bọ̀", "E kaàaro, o n bo"),
        ("ɗan ƙasa", "dan kasa"),
        ("“D’accord” … ½ kg", '"D\'accord" ... 1/2 kg'),
        ("Ça va, Zoë?", "Ça va, Zoe?"),
        ("2\u202f500\u00a0F", "2 500 F"),
        ("👍🏾 good", " good"),
        ("አማ", "??"),
    ],
)
def test_letters_are_spelled_as_people_do(written: str, spelled: str) -> None:
    assert gsm.plain(written) == spelled


@pytest.mark.parametrize(("text", "taken"), [("", 0), ("a b\n", 4), ("€[]", 6), ("ñ", 1)])
def test_a_letter_takes_one_septet_and_some_take_two(text: str, taken: int) -> None:
    assert gsm.septets(text) == taken
