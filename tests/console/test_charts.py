"""Charts keep what they draw inside their frame, and in proportion."""

from hypothesis import given
from hypothesis import strategies as st

from console import charts

VALUES = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=366)


@given(VALUES)
def test_every_bar_stands_inside_the_frame_on_its_floor(values: list[int]) -> None:
    chart = charts.bars([("day", value, "said") for value in values])
    for bar in chart.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= charts.WIDTH + 0.01
        assert 0 <= bar.y <= charts.HEIGHT
        assert abs(bar.y + bar.height - charts.HEIGHT) < 0.02
    assert max(values) <= chart.top <= max(1, 10 * max(values))
    assert 1 <= sum(bool(bar.label) for bar in chart.bars) <= charts.MOST_LABELS


@given(VALUES)
def test_bars_are_in_proportion(values: list[int]) -> None:
    chart = charts.bars([("day", value, "said") for value in values])
    for bar, value in zip(chart.bars, values, strict=True):
        assert abs(bar.height - charts.HEIGHT * value / chart.top) < 0.01


def test_a_chart_of_nothing_is_empty() -> None:
    assert charts.bars([("day", 0, "said")] * 3).is_empty
    assert not charts.bars([("day", 0, "said"), ("day", 1, "said")]).is_empty


def test_a_share_of_nothing_is_unknown() -> None:
    assert charts.share(0, 0) is None
    assert charts.share(1, 3) == 33
