"""What comes behind a greeting, and what has no words at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.openings import behind_greeting, is_no_word


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("hello, je cherche du bissap", "je cherche du bissap"),
        ("hi do you have rice", "do you have rice"),
        ("how far una get rice", "una get rice"),
        ("habari yako mnauza sukari", "mnauza sukari"),
        ("ina kwana, ina son shinkafa", "ina son shinkafa"),
        ("ẹ káàárọ̀ mo fẹ́ ra ìrẹsì", "mo fẹ́ ra ìrẹsì"),
        ("good morning how are you", ""),
        ("how una dey", ""),
        ("bonjour", ""),
        ("hello Ngozi", ""),
        ("do you have rice", ""),
    ],
)
def test_what_follows_a_greeting_is_what_is_wanted(text: str, rest: str) -> None:
    assert behind_greeting(text) == rest


@given(st.text(max_size=60))
def test_whatever_is_said_the_rest_is_its_end(text: str) -> None:
    assert text.endswith(behind_greeting(text))


@pytest.mark.parametrize(
    ("text", "is_none"), [("qwrt plmk zxv", True), ("rice", False), ("2", False), ("", False)]
)
def test_letters_nobody_could_say_are_no_words(text: str, *, is_none: bool) -> None:
    assert is_no_word(text) is is_none
