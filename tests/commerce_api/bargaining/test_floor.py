"""No dialogue sells below the floor: offers, repeats, other goods, amounts, lapses, orders, all mixed up."""

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.commerce_api.bargaining.dialogue import Shopper
from tests.commerce_api.orders.shops import MakeShop

PRICES = (450_000, 100_000)
variants = st.integers(0, 1)
said = st.one_of(
    st.fixed_dictionaries({}),
    st.fixed_dictionaries({"amount": st.integers(0, 1_000_000)}),
    st.fixed_dictionaries({"amount": st.integers(0, 2_000_000), "quantity": st.integers(1, 12)}),
    st.fixed_dictionaries({"amount": st.sampled_from((500_000, 360_000, 359_999, 1))}),
    st.fixed_dictionaries({"percent_off": st.sampled_from((5, 10, 50, 100))}),
    st.fixed_dictionaries({"amount_off": st.integers(1, 1_000_000)}),
)
moves = st.one_of(
    st.tuples(st.just("say"), variants, said),
    st.tuples(st.just("twice"), variants, said),
    st.tuples(st.just("accept"), st.booleans()),
    st.tuples(st.just("refuse")),
    st.tuples(st.just("cart"), variants, st.integers(0, 4)),
    st.tuples(st.just("wait"), st.sampled_from((1, 25, 60 * 25))),
    st.tuples(st.just("order")),
)
terms = st.fixed_dictionaries(
    {
        "floor_percent": st.integers(1, 100),
        "steps": st.integers(1, 5),
        "patience": st.integers(1, 6),
        "limit_per_contact": st.integers(1, 3),
        "pair_quantity": st.integers(1, 3),
    }
)


async def _make(shopper: Shopper, move: tuple[Any, ...]) -> list[tuple[int, int]]:
    """Does one thing; each price that came of it, with the price it came down from."""
    kind, *facts = move
    if kind in {"say", "twice"}:
        times = 1 if kind == "say" else 2
        answers = await asyncio.gather(*(shopper.say(facts[0], **facts[1]) for _ in range(times)))
        return [(one.price, one.regular_price) for one in answers]
    if kind == "accept":
        taken = await shopper.accept(is_pair=facts[0])
        return [(taken.price, taken.regular_price)] if taken else []
    if kind == "order" and await shopper.prices():
        order = await shopper.order()
        regular = {variant.id: variant.regular_price for variant in shopper.shop.variants}
        return [(line.unit_price, regular[line.variant_id]) for line in order.lines]
    if kind == "refuse":
        await shopper.refuse()
    elif kind == "cart":
        await shopper.put_in_cart(facts[1], facts[0])
    elif kind == "wait":
        shopper.wait(minutes=facts[0])
    return []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(way=terms, dialogue=st.lists(moves, min_size=1, max_size=14))
async def test_no_dialogue_asks_agrees_or_sells_below_the_floor(
    make_shop: MakeShop, way: dict[str, int], dialogue: list[tuple[Any, ...]]
) -> None:
    shopper = Shopper(await make_shop(terms=way, prices=PRICES, stock=10_000))
    for move in dialogue:
        for price, regular in await _make(shopper, move):
            assert -(-regular * way["floor_percent"] // 100) <= price <= regular
        for variant_id, price in (await shopper.prices()).items():
            regular = next(v.regular_price for v in shopper.shop.variants if v.id == variant_id)
            assert -(-regular * way["floor_percent"] // 100) <= price <= regular
