"""Two contacts that become one bring their carts and orders together, and can take them apart again."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commerce_api.carts import service as carts
from commerce_api.carts.merging import CartBelongings
from commerce_api.carts.models import MAX_QUANTITY, CartLine
from commerce_api.conversations import merging
from commerce_api.conversations.contact_models import ContactMerge, MergeReason
from commerce_api.conversations.errors import MergeBuiltUpon, MergeUndone
from commerce_api.conversations.models import Contact, Conversation
from commerce_api.core.clock import now
from commerce_api.core.errors import NotFound
from commerce_api.orders.merging import OrderBelongings
from commerce_api.orders.models import Order
from tests.commerce_api.orders.shops import MakeShop, Shop

BELONGINGS = (CartBelongings(), OrderBelongings())
SELLER = UUID(int=7)


async def merge(one: Shop, other: Shop) -> ContactMerge:
    """Makes the two shoppers one; they were two."""
    async with one.session() as session:
        two = (one.contact_id, other.contact_id)
        done = await merging.merge(session, BELONGINGS, two, reason=MergeReason.LINK_CODE, now=now())
        assert done is not None
        return done


async def undo(shop: Shop, done: ContactMerge) -> None:
    """Makes them two again."""
    async with shop.session() as session:
        await merging.undo(session, BELONGINGS, done.id, user_id=SELLER, now=now())


async def cart(shop: Shop, contact_id: UUID) -> dict[UUID, int]:
    """How many of each variant are in a contact's open cart."""
    async with shop.session() as session:
        held = await carts.open_cart(session, contact_id)
        if held is None:
            return {}
        lines = await session.scalars(select(CartLine).where(CartLine.cart_id == held.id))
        return {line.variant_id: line.quantity for line in lines}


async def owner_of(shop: Shop, order: Order) -> UUID:
    """Whose an order is."""
    return (await shop.order(order.number)).contact_id


async def test_carts_are_added_up_and_orders_become_the_kept_contacts(shop: Shop) -> None:
    other = await shop.another_shopper()
    bought = await other.place([3])
    await shop.fill_cart([2, 1])
    await other.fill_cart([4, 0])
    done = await merge(shop, other)
    rice, oil = (variant.id for variant in shop.variants)
    assert await cart(shop, done.kept_id) == {rice: 6, oil: 1}
    assert await cart(shop, done.merged_id) == {}
    assert await owner_of(shop, bought) == done.kept_id
    async with shop.session() as session:
        talks = await session.scalars(select(Conversation))
        assert {talk.contact_id for talk in talks} == {done.kept_id}
        gone = await session.scalar(select(Contact).where(Contact.id == done.merged_id))
        assert gone is not None
        assert gone.merged_into_id == done.kept_id


async def test_undone_each_has_what_they_brought_as_far_as_it_is_left(shop: Shop) -> None:
    other = await shop.another_shopper()
    bought = await other.place([1])
    await shop.fill_cart([2, 1])
    await other.fill_cart([4, 3])
    before = {one: await cart(shop, one) for one in (shop.contact_id, other.contact_id)}
    done = await merge(shop, other)
    await undo(shop, done)
    assert {one: await cart(shop, one) for one in (shop.contact_id, other.contact_id)} == before
    assert await owner_of(shop, bought) == other.contact_id
    async with shop.session() as session:
        talks = {talk.id: talk.contact_id for talk in await session.scalars(select(Conversation))}
    assert talks == {shop.conversation_id: shop.contact_id, other.conversation_id: other.contact_id}


async def test_what_was_ordered_meanwhile_goes_with_the_conversation_it_was_ordered_in(shop: Shop) -> None:
    other = await shop.another_shopper()
    await shop.fill_cart([1])
    done = await merge(shop, other)
    theirs = other if done.merged_id == other.contact_id else shop
    async with shop.session() as session:
        await carts.add_line(session, done.kept_id, shop.variants[1].id, 2)
    kept = Shop(**{**vars(theirs), "contact_id": done.kept_id})
    placed = await kept.place([2])
    await undo(shop, done)
    assert await owner_of(shop, placed) == done.merged_id


async def test_the_same_merge_is_not_undone_twice_nor_under_a_later_one(shop: Shop) -> None:
    second, third = await shop.another_shopper(), await shop.another_shopper()
    first = await merge(second, third)
    later = await merge(shop, second)
    is_below = later.merged_id == first.kept_id
    if is_below:
        with pytest.raises(MergeBuiltUpon):
            await undo(shop, first)
    await undo(shop, later)
    await undo(shop, first)
    with pytest.raises(MergeUndone):
        await undo(shop, first)


async def test_merging_one_contact_with_itself_or_again_does_nothing(shop: Shop) -> None:
    other = await shop.another_shopper()
    await merge(shop, other)
    async with shop.session() as session:
        for two in ((shop.contact_id, other.contact_id), (shop.contact_id, shop.contact_id)):
            again = await merging.merge(session, BELONGINGS, two, reason=MergeReason.LINK_CODE, now=now())
            assert again is None


async def test_two_sellers_contacts_are_never_one(shop: Shop, make_shop: MakeShop) -> None:
    stranger = await make_shop()
    await stranger.fill_cart([5])
    async with shop.session() as session:
        two = (shop.contact_id, stranger.contact_id)
        with pytest.raises(NotFound):
            await merging.merge(session, BELONGINGS, two, reason=MergeReason.LINK_CODE, now=now())
    foreign = await merge(stranger, await stranger.another_shopper())
    async with shop.session() as session:
        with pytest.raises(NotFound):
            await merging.undo(session, BELONGINGS, foreign.id, user_id=SELLER, now=now())


QUANTITIES = st.tuples(st.integers(0, MAX_QUANTITY), st.integers(0, MAX_QUANTITY))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mine=QUANTITIES, theirs=QUANTITIES, left=st.tuples(st.integers(0, 1100), st.integers(0, 1100)))
async def test_whatever_the_carts_nothing_is_made_or_lost_by_merging_and_undoing(
    shop: Shop, mine: tuple[int, int], theirs: tuple[int, int], left: tuple[int, int]
) -> None:
    one, other = await shop.another_shopper(), await shop.another_shopper()
    await one.fill_cart(mine)
    await other.fill_cart(theirs)
    ids = [variant.id for variant in shop.variants]
    done = await merge(one, other)
    assert all(0 < held <= MAX_QUANTITY for held in (await cart(shop, done.kept_id)).values())
    assert await _both(one, other, ids) == [a + b for a, b in zip(mine, theirs, strict=True)]
    # The shopper takes some out before the merge is found to be a mistake.
    async with shop.session() as session:
        for line in await session.scalars(select(CartLine)):
            quantity = left[ids.index(line.variant_id)]
            if quantity == 0:
                await session.delete(line)
            else:
                line.quantity = min(line.quantity, quantity)
    total = await _both(one, other, ids)
    brought = theirs if done.merged_id == other.contact_id else mine
    await undo(shop, done)
    assert await _both(one, other, ids) == total
    back = await cart(shop, done.merged_id)
    assert all(back.get(variant, 0) <= brought[place] for place, variant in enumerate(ids))


async def _both(one: Shop, other: Shop, ids: list[UUID]) -> list[int]:
    """How many of each variant are in the two carts together."""
    held = [await cart(one, one.contact_id), await cart(one, other.contact_id)]
    return [sum(lines.get(variant, 0) for lines in held) for variant in ids]
