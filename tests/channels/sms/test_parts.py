"""How many parts a text message takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms import parts


@pytest.mark.parametrize(
    ("text", "encoding", "length", "count"),
    [
        ("", parts.GSM7, 0, 0),
        ("a" * 160, parts.GSM7, 160, 1),
        ("a" * 161, parts.GSM7, 161, 2),
        ("a" * 306, parts.GSM7, 306, 2),
        ("a" * 307, parts.GSM7, 307, 3),
        ("€" * 80, parts.GSM7, 160, 1),
        ("é" * 160, parts.GSM7, 160, 1),
        # An escaped letter is not broken over two parts: one septet of the first stays empty.
        ("a" * 152 + "€" + "a" * 152, parts.GSM7, 306, 3),
        ("ẹ" + "a" * 69, parts.UCS2, 70, 1),
        ("ẹ" + "a" * 70, parts.UCS2, 71, 2),
        ("😀" * 35, parts.UCS2, 70, 1),
        ("😀" * 67, parts.UCS2, 134, 3),
        ("ç", parts.UCS2, 1, 1),
    ],
)
def test_parts_are_counted_as_networks_do(text: str, encoding: str, length: int, count: int) -> None:
    assert parts.count(text) == parts.Count(encoding, length, count)


@given(text=st.text(max_size=400), more=st.text(max_size=40))
def test_more_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert parts.count(text + more).parts >= parts.count(text).parts


@given(text=st.text(min_size=1, max_size=400))
def test_parts_have_room_for_the_text_and_no_more_than_a_letter_to_spare_each(text: str) -> None:
    counted = parts.count(text)
    if counted.parts > 1:
        room = parts.OF_SEVERAL[counted.encoding]
        assert (counted.parts - 1) * (room - 1) < counted.length <= counted.parts * room
