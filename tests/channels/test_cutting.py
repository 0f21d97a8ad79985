"""Cutting never loses a word, never goes over, and never breaks a letter apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import cutting

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇳🇬"
THUMB = "👍🏿"
ACCENTED = "ẹ\u0301"


@given(text=st.text(max_size=300), limit=st.integers(2, 60))
def test_pieces_fit_and_together_are_the_text(text: str, limit: int) -> None:
    pieces = cutting.split(text, limit)
    assert all(0 < cutting.width(piece) <= limit for piece in pieces)
    if not cutting.is_blank(text):
        seen = "".join("".join(piece.split()) for piece in pieces)
        whole = "".join(text.split())
        assert [c for c in whole if not cutting.is_blank(c)] == [c for c in seen if not cutting.is_blank(c)]


@given(text=st.text(max_size=100), limit=st.integers(1, 40))
def test_a_cut_text_fits_on_one_line(text: str, limit: int) -> None:
    line = cutting.cut(text, limit)
    assert cutting.width(line) <= limit
    assert "\n" not in line


def test_a_text_that_fits_is_left_as_it_is() -> None:
    assert cutting.split("Two\n\nparagraphs.", 20) == ("Two\n\nparagraphs.",)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("First paragraph.\n\nSecond one.", ("First paragraph.", "Second one.")),
        ("A line of it\nanother line", ("A line of it", "another line")),
        ("It is here. And more of it", ("It is here.", "And more of it")),
        ("words alone without an end", ("words alone without", "an end")),
        ("x" * 45, ("x" * 20, "x" * 20, "x" * 5)),
    ],
    ids=["paragraph", "line", "sentence", "word", "nowhere"],
)
def test_a_break_is_where_a_reader_would_put_it(text: str, pieces: tuple[str, ...]) -> None:
    assert cutting.split(text, 20) == pieces


@pytest.mark.parametrize("letter", [FAMILY, FLAG, THUMB, ACCENTED], ids=["family", "flag", "thumb", "accent"])
@pytest.mark.parametrize("before", range(12))
def test_what_is_seen_as_one_letter_stays_whole(letter: str, before: int) -> None:
    text = "x" * before + letter * 6
    for piece in cutting.split(text, 24):
        assert not piece.replace("x", "").replace(letter, "")
    assert not cutting.cut(text, 24).replace("x", "").replace(letter, "").replace("…", "")
