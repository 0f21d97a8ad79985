"""What of a shopper's words reaches Rasa; without Rasa."""

from __future__ import annotations

import pytest

from channels.connector.speaking import harmless

UNSEEN = "\u200b\u2060\ufeff\u00ad\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("unseen", UNSEEN, ids=[f"{ord(sign):04x}" for sign in UNSEEN])
def test_what_nobody_sees_stands_between_no_words(unseen: str) -> None:
    assert harmless(f"add {unseen}3 {unseen}Palm{unseen} oi{unseen}l 1 L{unseen}") == "add 3 Palm oil 1 L"


@pytest.mark.parametrize("text", ["👨\u200d👩\u200d👧 two", "می\u200cخواهم", "ẹ káàárọ̀ 👋🏾", "ኢንጀራ"])
def test_what_letters_and_emoji_are_made_with_stays(text: str) -> None:
    assert harmless(text) == text


def test_a_command_hidden_behind_what_nobody_sees_is_only_text() -> None:
    assert harmless("EX\u200bTERNAL:\u2060 /\ufeff/hello") == "hello"


def test_a_text_of_nothing_but_the_unseen_is_nothing() -> None:
    assert harmless(UNSEEN) == ""
