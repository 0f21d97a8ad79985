"""Bargaining as a shop remembers it: rounds, agreements that hold for a while, limits, carts and orders."""

import asyncio

import pytest

from commerce_api.bargaining import queries, service
from commerce_api.bargaining.errors import FloorNeedsProduct
from commerce_api.bargaining.merging import BargainBelongings
from commerce_api.bargaining.models import Answered, BargainState
from commerce_api.bargaining.terms import TermsFacts
from commerce_api.conversations import queries as conversations
from commerce_api.core.errors import NotFound
from commerce_api.orders.errors import PriceChanged
from commerce_api.orders.placing import place
from tests.commerce_api.bargaining.dialogue import Shopper
from tests.commerce_api.orders.shops import MakeShop, Shop, checkout
from tests.conftest import NOON


@pytest.fixture
def shopper(shop: Shop) -> Shopper:
    return Shopper(shop)


async def test_the_price_comes_down_by_steps_to_a_last_one(shopper: Shopper) -> None:
    answers = [await shopper.say() for _ in range(5)]
    assert [(one.said, one.price) for one in answers] == [
        (Answered.PAIR, 420_000),
        (Answered.COUNTER, 420_000),
        (Answered.COUNTER, 390_000),
        (Answered.LAST, 360_000),
        (Answered.LAST, 360_000),
    ]


async def test_a_shop_without_terms_does_not_bargain(make_shop: MakeShop) -> None:
    shopper = Shopper(await make_shop(terms={"is_on": False}))
    assert (await shopper.say()).said is Answered.FIXED


async def test_a_products_own_terms_come_before_the_shops(shop: Shop, shopper: Shopper) -> None:
    product_id = shop.variants[0].product_id
    async with shop.session() as session:
        own = TermsFacts(floor_price=440_000, steps=1, pair_quantity=1)
        await service.lay_down(session, product_id, own)
    assert ((await shopper.say()).price, (await shopper.say()).said) == (440_000, Answered.LAST)


async def test_terms_laid_down_again_replace_the_first(shop: Shop) -> None:
    async with shop.session() as session:
        first = await service.lay_down(session, None, TermsFacts(steps=1))
        assert (await service.lay_down(session, None, TermsFacts(steps=2))).id == first.id


async def test_a_floor_in_money_needs_a_product(shop: Shop) -> None:
    async with shop.session() as session:
        with pytest.raises(FloorNeedsProduct):
            await service.lay_down(session, None, TermsFacts(floor_price=1))


async def test_an_agreed_price_is_the_carts_while_it_holds(shop: Shop, shopper: Shopper) -> None:
    await shopper.say(amount=425_000)
    await shopper.put_in_cart(1)
    assert list((await shopper.prices()).values()) == [425_000]
    shopper.wait(minutes=19)
    assert list((await shopper.prices()).values()) == [425_000]
    shopper.wait(minutes=2)
    assert list((await shopper.prices()).values()) == [450_000]


async def test_the_price_for_several_counts_for_several_alone(shopper: Shopper) -> None:
    await shopper.say()
    agreed = await shopper.accept(is_pair=True)
    assert agreed is not None
    assert (agreed.price, agreed.quantity) == (420_000, 2)
    for quantity, price in ((1, 450_000), (2, 420_000), (3, 420_000), (1, 450_000)):
        await shopper.put_in_cart(quantity)
        assert list((await shopper.prices()).values()) == [price]


async def test_a_sale_below_the_agreed_price_is_the_shoppers(shop: Shop, shopper: Shopper) -> None:
    await shopper.say(amount=425_000)
    await shopper.put_in_cart(1)
    async with shop.session() as session:
        variant = await session.merge(shop.variants[0])
        variant.sale_price = 300_000
    assert list((await shopper.prices()).values()) == [300_000]


async def test_an_order_has_the_agreed_price_and_uses_it_up(shop: Shop, shopper: Shopper) -> None:
    await shopper.say(amount=425_000)
    await shopper.put_in_cart(2)
    order = await shopper.order()
    assert [(line.unit_price, line.total) for line in order.lines] == [(425_000, 850_000)]
    await shopper.put_in_cart(1)
    assert list((await shopper.prices()).values()) == [450_000]


async def test_an_order_at_a_price_that_lapsed_meanwhile_is_asked_about(shop: Shop, shopper: Shopper) -> None:
    await shopper.say(amount=425_000)
    await shopper.put_in_cart(1)
    shopper.wait(minutes=30)
    async with shop.session() as session:
        talk = await conversations.conversation(session, shop.conversation_id)
        with pytest.raises(PriceChanged):
            await place(session, talk, checkout(expected_total=425_000), shopper.now)


async def test_what_is_agreed_is_not_bargained_about_again(shopper: Shopper) -> None:
    await shopper.say(amount=425_000)
    again = await shopper.say(amount=370_000)
    assert (again.said, again.price) == (Answered.HELD, 425_000)


async def test_who_comes_back_within_a_day_begins_where_they_left(shopper: Shopper) -> None:
    await shopper.say()
    await shopper.say()
    await shopper.refuse()
    shopper.wait(hours=3)
    assert (await shopper.say()).price == 390_000
    shopper.wait(hours=25)
    assert (await shopper.say()).said is Answered.PAIR


async def test_accepting_twice_is_one_agreement(shopper: Shopper) -> None:
    await shopper.say()
    await shopper.say()
    first, second = await shopper.accept(), await shopper.accept()
    assert first is not None
    assert second is not None
    assert (first.price, second.price) == (420_000, 420_000)


async def test_a_bargain_that_is_over_can_not_be_accepted(shopper: Shopper) -> None:
    await shopper.say()
    await shopper.refuse()
    assert await shopper.accept() is None


async def test_a_floor_raised_meanwhile_is_not_undercut(shop: Shop, shopper: Shopper) -> None:
    await shopper.say()
    await shopper.say()
    async with shop.session() as session:
        await service.lay_down(session, None, TermsFacts(floor_percent=99))
    assert await shopper.accept() is None


async def test_a_shopper_has_the_lower_price_only_so_often(make_shop: MakeShop) -> None:
    shopper = Shopper(await make_shop(terms={"floor_percent": 80, "limit_per_contact": 2}, stock=90))
    for _ in range(2):
        assert (await shopper.say(amount=1_400)).said is Answered.AGREED
        await shopper.put_in_cart(1)
        await shopper.order()
    assert (await shopper.say(amount=1_400)).said is Answered.LIMIT
    shopper.wait(days=31)
    assert (await shopper.say(amount=1_400)).said is Answered.AGREED


async def test_another_shopper_has_bargains_of_their_own(shop: Shop, shopper: Shopper) -> None:
    await shopper.say(amount=425_000)
    other = Shopper(await shop.another_shopper())
    await other.put_in_cart(1)
    assert list((await other.prices()).values()) == [450_000]
    other.last = shopper.last
    with pytest.raises(NotFound):
        await other.accept()


async def test_messages_at_once_are_rounds_one_after_the_other(shopper: Shopper) -> None:
    answers = await asyncio.gather(*(shopper.say() for _ in range(3)))
    assert sorted(one.price for one in answers) == [390_000, 420_000, 420_000]
    assert len({one.bargain.id for one in answers if one.bargain}) == 1


async def test_results_tell_what_became_of_each_bargain(shop: Shop, shopper: Shopper) -> None:
    await shopper.say(amount=425_000)
    await shopper.put_in_cart(1)
    await shopper.order()
    await shopper.say(1)
    async with shop.session() as session:
        now = await queries.results(session, NOON, NOON)
        later = await queries.results(session, NOON, NOON.replace(year=2027))
    assert now == {BargainState.USED: (1, 25_000), BargainState.OPEN: (1, 0)}
    assert later == {BargainState.USED: (1, 25_000), BargainState.LAPSED: (1, 0)}


async def test_a_merged_shopper_keeps_what_was_agreed(shop: Shop, shopper: Shopper) -> None:
    await shopper.say(amount=425_000)
    other = Shopper(await shop.another_shopper())
    await other.put_in_cart(1)
    async with shop.session() as session:
        moved = await BargainBelongings().move(session, shop.contact_id, other.shop.contact_id)
    assert list((await other.prices()).values()) == [425_000]
    async with shop.session() as session:
        await BargainBelongings().give_back(session, shop.contact_id, other.shop.contact_id, moved, [])
    assert list((await other.prices()).values()) == [450_000]
