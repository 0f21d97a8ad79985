"""The price schedule of a variant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.catalogue.errors import PriceInvalid
from commerce_api.catalogue.models import Variant
from commerce_api.catalogue.prices import check_schedule, price_at

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- Hypothesis adds the zone
TICK = timedelta(microseconds=1)


@given(
    regular=st.integers(1, 10**9),
    sale=st.integers(0, 10**9),
    moments=st.lists(MOMENTS, min_size=3, max_size=3),
)
def test_the_sale_price_holds_from_its_beginning_until_just_before_its_end(
    regular: int, sale: int, moments: list[datetime]
) -> None:
    begins, now, ends = moments
    variant = Variant(regular_price=regular, sale_price=sale, sale_from=begins, sale_until=ends)
    assert price_at(variant, now) == (sale if begins <= now < ends else regular)


@given(regular=st.integers(1, 10**9), moment=MOMENTS, now=MOMENTS)
def test_a_sale_with_one_end_open_holds_on_that_side(regular: int, moment: datetime, now: datetime) -> None:
    assert price_at(Variant(regular_price=regular, sale_price=0, sale_from=moment), now) == (
        0 if now >= moment else regular
    )
    assert price_at(Variant(regular_price=regular, sale_price=0, sale_until=moment), now) == (
        0 if now < moment else regular
    )
    assert price_at(Variant(regular_price=regular, sale_price=0), now) == 0
    assert price_at(Variant(regular_price=regular), now) == regular


@given(moment=MOMENTS)
def test_a_sale_that_is_no_bargain_or_ends_before_it_begins_is_refused(moment: datetime) -> None:
    for faulty in (
        {"sale_price": 100},
        {"sale_from": moment},
        {"sale_price": 50, "sale_from": moment, "sale_until": moment},
    ):
        with pytest.raises(PriceInvalid):
            check_schedule(Variant(regular_price=100, **faulty))
    check_schedule(Variant(regular_price=100, sale_price=99, sale_from=moment, sale_until=moment + TICK))
