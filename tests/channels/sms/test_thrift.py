"""Plain letters save parts and lose nothing."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import gsm
from channels.sms import parts
from channels.sms.thrift import plain, thrifty

LONG = " It is on its way to you and will be there before the evening, God willing."


@pytest.mark.parametrize(
    ("text", "spared"),
    [
        ("Ẹ káàárọ̀, ẹ ṣé!", "E kaàaro, e sé!"),
        ("ɓarawo, ɗaki, ƙasa, ƴa", "barawo, daki, kasa, ya"),
        ("“It’s here” – at last…", '"It\'s here" - at last...'),
        ("₦2,500\u00a0×\u202f3 • blue", "N2,500 x 3 - blue"),
        ("Ça va être prêt à Abidjan", "Ça va etre pret à Abidjan"),
        ("Thank you! 🙏🎉", "Thank you!"),
        ("👋 Welcome 🛍️ to the shop", "Welcome to the shop"),
        ("1️⃣ Blue", "1 Blue"),
        ("Zero\u200bwidth and soft\u00adhyphen", "Zerowidth and softhyphen"),
    ],
)
def test_a_text_in_plain_letters_says_the_same(text: str, spared: str) -> None:
    assert plain(text) == spared
    assert thrifty(text + LONG) == plain(text + LONG)


@pytest.mark.parametrize(
    "text",
    [
        "Blue ✅, red ❌",
        "Rated ⭐⭐⭐",
        "你好",
        "እንደምን አለህ",
        "Order №12 of 10²",
        "🙏",
        "https://shop.example/ẹ/é–1",
        "😀\n👍",
    ],
)
def test_what_would_lose_its_meaning_stays(text: str) -> None:
    assert thrifty(text) == text
    assert not gsm.is_plain(plain(text))


def test_a_text_stays_as_it_was_written_where_nothing_is_saved() -> None:
    assert thrifty("Ẹ ṣé") == "Ẹ ṣé"
    assert thrifty("Ẹ ṣé" + LONG * 2) != "Ẹ ṣé" + LONG * 2


def test_names_that_plain_letters_would_make_one_are_kept_apart() -> None:
    choices = ["ọkọ", "oko"]
    text = "1. ọkọ\n2. oko" + LONG
    assert thrifty(text) != text
    assert thrifty(text, apart=choices) == text
    assert thrifty(text, apart=["ọkọ", "Ọkọ"]) != text


def test_an_address_is_never_respelled() -> None:
    text = f"Ẹ san owó níbí: https://pay.example/a–b?x=ọ {LONG}"
    assert "https://pay.example/a–b?x=ọ" in plain(text)


@given(text=st.text(max_size=300))
def test_it_never_takes_more_parts(text: str) -> None:
    assert parts.count(thrifty(text)).parts <= parts.count(text).parts


@given(text=st.text(max_size=300))
def test_letters_digits_and_signs_of_money_survive(text: str) -> None:
    assert base(thrifty(text)) == base(text)


@given(text=st.text(st.sampled_from(sorted(gsm.BASIC | gsm.EXTENDED)), max_size=300))
def test_plain_text_is_left_alone(text: str) -> None:
    assert plain(text) == text


def base(text: str) -> str:
    """Letters, digits and money, in any spelling."""
    spelled = text.translate({ord(letter): plain for letter, plain in gsm.SPELLINGS.items()})
    bare = unicodedata.normalize("NFD", spelled)
    kept = (letter for letter in bare if unicodedata.category(letter)[0] in "LN" or letter in "$€£¥%+")
    return re.sub(r"\s", "", "".join(kept))
