"""The way down: every answer lies between the floor and the price, whatever is said."""

from hypothesis import given
from hypothesis import strategies as st

from commerce_api.bargaining.ladder import Ladder, Patience, Standing, Wish, answer
from commerce_api.bargaining.models import Answered
from commerce_api.bargaining.wishes import Said

NAIRA = 100
FROM_4500_TO_3600 = Ladder(450_000, 360_000, 3, NAIRA)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    price = draw(st.integers(1, 10**9))
    return Ladder(
        price, draw(st.integers(1, price)), draw(st.integers(1, 10)), draw(st.sampled_from((1, NAIRA)))
    )


def test_the_way_down_goes_by_round_sums() -> None:
    assert [FROM_4500_TO_3600.rung(step) for step in range(5)] == [450000, 420000, 390000, 360000, 360000]


def test_a_sum_is_rounded_up_to_what_people_say() -> None:
    ways = [Ladder(100_000, floor, 1, NAIRA).rung(1) for floor in (89_100, 4_237, 42_370)]
    assert ways == [89_500, 4_300, 42_500]


@given(ladders(), st.integers(0, 12))
def test_no_rung_is_below_the_floor_or_above_the_price_and_none_goes_up(way: Ladder, step: int) -> None:
    assert way.floor <= way.rung(step) <= way.price
    assert way.rung(step + 1) <= way.rung(step)


wishes = st.builds(Wish, st.none() | st.integers(0, 10**10), st.integers(1, 50))


@given(
    ladders(),
    st.builds(Patience, st.integers(1, 20), st.integers(1, 9)),
    st.lists(wishes, max_size=12),
    st.integers(0, 9),
)
def test_nothing_is_ever_asked_or_agreed_below_the_floor(
    way: Ladder, patience: Patience, said: list[Wish], stock: int
) -> None:
    standing, asked = Standing(), way.price
    for wish in said:
        heard = answer(way, patience, standing, wish, stock=stock)
        assert way.floor <= heard.price <= way.price
        assert heard.price <= asked or heard.said is Answered.PAIR
        if heard.said is Answered.AGREED:
            return
        standing, asked = heard.standing, way.rung(heard.standing.step)


@given(ladders(), st.builds(Patience, st.integers(1, 20), st.integers(1, 9)))
def test_asking_on_and_on_comes_to_a_last_price_that_stays(way: Ladder, patience: Patience) -> None:
    standing, prices = Standing(), []
    for _ in range(40):
        heard = answer(way, patience, standing, Wish(), stock=9)
        standing = heard.standing
        prices.append((heard.said, heard.price))
    assert prices[-1] == prices[-2]
    assert prices[-1][0] is Answered.LAST


def test_more_is_offered_before_one_gets_cheaper() -> None:
    first = answer(FROM_4500_TO_3600, Patience(4, 2), Standing(), Wish(), stock=9)
    assert (first.said, first.price) == (Answered.PAIR, 420_000)
    second = answer(FROM_4500_TO_3600, Patience(4, 2), first.standing, Wish(), stock=9)
    assert (second.said, second.price) == (Answered.COUNTER, 420_000)


def test_more_is_not_offered_where_there_is_not_enough() -> None:
    assert answer(FROM_4500_TO_3600, Patience(4, 2), Standing(), Wish(), stock=1).said is Answered.COUNTER


def test_an_offer_within_the_next_step_is_taken() -> None:
    taken = answer(FROM_4500_TO_3600, Patience(4, 2), Standing(), Wish(425_000), stock=9)
    assert (taken.said, taken.price) == (Answered.AGREED, 425_000)


def test_who_offers_more_than_is_asked_pays_what_is_asked() -> None:
    taken = answer(FROM_4500_TO_3600, Patience(4, 2), Standing(step=1), Wish(440_000), stock=9)
    assert (taken.said, taken.price) == (Answered.AGREED, 420_000)


def test_an_offer_out_of_all_proportion_earns_nothing() -> None:
    heard = answer(FROM_4500_TO_3600, Patience(4, 1), Standing(step=1), Wish(10_000), stock=9)
    assert (heard.said, heard.price) == (Answered.COUNTER, 420_000)


def test_a_sum_for_several_is_shared_among_them() -> None:
    assert Said(amount=800_000, quantity=2).wish(450_000) == Wish(400_000, 2)
    assert Said(amount=400_000, quantity=2).wish(450_000) == Wish(400_000, 2)


def test_percent_and_money_off_are_taken_from_the_price() -> None:
    assert Said(percent_off=50).wish(450_001) == Wish(225_001, 1)
    assert Said(amount_off=50_000).wish(450_000) == Wish(400_000, 1)
    assert Said(amount_off=10**9).wish(450_000) == Wish(0, 1)
