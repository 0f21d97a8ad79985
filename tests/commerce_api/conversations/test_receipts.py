"""Receipts add up to the same whatever order they come in, and never move a message back."""

from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_api.conversations import receipts
from commerce_api.conversations.models import DeliveryStatus

TOLD = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.FAILED)
statuses = st.lists(st.sampled_from(TOLD), min_size=1, max_size=6)


def one_by_one(told: list[DeliveryStatus]) -> list[DeliveryStatus]:
    """A part's status after each receipt, from `sent` on."""
    steps = [DeliveryStatus.SENT]
    for status in told:
        steps.append(receipts.furthest([steps[-1], status]))
    return steps


@given(statuses, st.data())
def test_any_order_and_any_repetition_ends_the_same(told: list[DeliveryStatus], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(told + told[:2]))
    assert one_by_one(told)[-1] is one_by_one(shuffled)[-1]


@given(statuses)
def test_no_receipt_moves_a_part_back(told: list[DeliveryStatus]) -> None:
    line = receipts.LINE.index
    assert all(line(before) <= line(after) for before, after in pairwise(one_by_one(told)))


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ((DeliveryStatus.READ, DeliveryStatus.DELIVERED, DeliveryStatus.SENT), DeliveryStatus.READ),
        ((DeliveryStatus.SENT, DeliveryStatus.FAILED), DeliveryStatus.FAILED),
        ((DeliveryStatus.DELIVERED, DeliveryStatus.FAILED), DeliveryStatus.DELIVERED),
    ],
)
def test_the_ends_are_those_the_design_names(told: tuple[DeliveryStatus, ...], ends: DeliveryStatus) -> None:
    assert {one_by_one(list(order))[-1] for order in permutations(told)} == {ends}


@given(st.lists(st.sampled_from(receipts.LINE), min_size=1, max_size=4))
def test_a_message_is_as_far_as_its_least_part_and_failed_if_one_is(parts: list[DeliveryStatus]) -> None:
    status = receipts.of_message(parts, DeliveryStatus.SENDING)
    if DeliveryStatus.FAILED in parts:
        assert status is DeliveryStatus.FAILED
    elif {DeliveryStatus.QUEUED, DeliveryStatus.SENDING} & set(parts):
        assert status is DeliveryStatus.SENDING
    else:
        assert all(receipts.LINE.index(status) <= receipts.LINE.index(part) for part in parts)
        assert status in parts
