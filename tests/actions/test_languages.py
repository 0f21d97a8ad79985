"""Which language is asked for, and small words said in the language of the turn."""

import pytest

from actions.languages import named_in
from actions.phrases import phrase, speaking


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("speak swahili", "sw"),
        ("not english, hausa please", "ha"),
        ("en français svp", "fr"),
        ("ẹ sọ Yorùbá", "yo"),
        ("e so yoruba", "yo"),
        ("kwa kiingereza", "en"),
        ("talk pidgin abeg", "pcm"),
        ("do you speak Igbo", None),
        ("", None),
    ],
)
def test_the_language_named_last_is_meant(text: str, language: str | None) -> None:
    assert named_in(text) == language


def test_a_phrase_is_said_in_the_language_of_the_turn_and_else_in_english() -> None:
    with speaking("fr"):
        assert phrase("free") == "gratuit"
        with speaking("sw"):
            assert phrase("free") == "bure"
        assert phrase("free") == "gratuit"
    with speaking("xx"):
        assert phrase("free") == "free"
    assert phrase("free") == "free"
