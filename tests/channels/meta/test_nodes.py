"""Times as Meta and those who test with its shapes write them."""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.meta import nodes

AT = datetime(2025, 11, 22, 13, 50, tzinfo=timezone.utc)  # noqa: UP017 -- as in the code under test


@pytest.mark.parametrize(
    "written",
    [
        1763819400,
        "1763819400",
        1763819400000,
        "1763819400000",
        "2025-11-22T13:50:00+0000",
        "2025-11-22T14:50:00+01:00",
        "2025-11-22T13:50:00Z",
    ],
)
def test_a_time_is_read_in_each_of_metas_ways(written: object) -> None:
    assert nodes.time_of(written) == AT


@pytest.mark.parametrize(
    "written", [None, True, -1, 0, 1.5, "", "soon", "2025-11-22T13:50:00", "1" * 14, 10**40, "9999999999999"]
)
def test_what_is_no_time_is_unreadable(written: object) -> None:
    with pytest.raises(nodes.Unreadable):
        nodes.time_of(written)


@given(value=st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()))
def test_a_time_is_aware_or_nothing(value: object) -> None:
    with contextlib.suppress(nodes.Unreadable):
        assert nodes.time_of(value).tzinfo is timezone.utc  # noqa: UP017
