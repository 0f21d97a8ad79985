"""The schedule of a chaos run is the seed's alone."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.chaos.__main__ import choose
from benchmarks.chaos.faults import FAULTS, demands
from benchmarks.chaos.plan import CHANNELS, PRODUCTS, Demand, draw

# On a busy machine anything may take long.
UNHURRIED = settings(deadline=None)
SEEDS = st.integers(0, 10**9)
ALL = demands(FAULTS, is_short=False)


@UNHURRIED
@given(SEEDS)
def test_a_seed_gives_the_same_schedule_every_time(seed: int) -> None:
    assert draw(seed, ALL, 200) == draw(seed, ALL, 200)


@UNHURRIED
@given(SEEDS)
def test_two_seeds_give_two_schedules(seed: int) -> None:
    assert draw(seed, ALL, 100) != draw(seed + 1, ALL, 100)


@UNHURRIED
@given(SEEDS, st.sets(st.sampled_from(FAULTS), min_size=1))
def test_a_fault_meets_the_same_shoppers_whichever_others_are_run(seed: int, chosen: set[object]) -> None:
    some = [demand for demand, fault in zip(ALL, FAULTS, strict=True) if fault in chosen]
    everything = {drawn.fault: drawn for drawn in draw(seed, ALL, 1)}
    assert all(drawn == everything[drawn.fault] for drawn in draw(seed, some, 1))


@UNHURRIED
@given(SEEDS, st.integers(1, 400))
def test_a_run_has_the_conversations_asked_for_and_no_number_twice(seed: int, conversations: int) -> None:
    shoppers = [shopper for drawn in draw(seed, ALL, conversations) for shopper in drawn.shoppers]
    assert len(shoppers) >= conversations
    assert len({shopper.number for shopper in shoppers}) == len(shoppers)


@UNHURRIED
@given(SEEDS)
def test_a_shopper_wishes_for_a_thing_once_so_that_a_line_tells_of_one_message(seed: int) -> None:
    for drawn in draw(seed, ALL, 1):
        for shopper in drawn.shoppers:
            skus = [wish.sku for wish in shopper.wishes]
            assert len(set(skus)) == len(skus)
            assert {wish.sku for wish in shopper.wishes} <= set(PRODUCTS[shopper.seller].values())


@UNHURRIED
@given(SEEDS)
def test_the_shoppers_of_a_run_write_on_every_channel_and_only_where_their_fault_makes_sense(
    seed: int,
) -> None:
    drawn = draw(seed, ALL, 200)
    for fault, one in zip(FAULTS, drawn, strict=True):
        assert {shopper.channel for shopper in one.shoppers} <= set(fault.channels)
    used = Counter(shopper.channel for one in drawn for shopper in one.shoppers)
    assert min(used[channel] for channel in CHANNELS) >= 10


@UNHURRIED
@given(SEEDS)
def test_a_round_with_as_many_shoppers_as_channels_has_one_on_each(seed: int) -> None:
    for one in draw(seed, [Demand("any", 0, shoppers=6, channels=CHANNELS)], 1):
        assert {shopper.channel for shopper in one.shoppers} == set(CHANNELS)


def test_faults_are_chosen_by_name_and_the_seed_is_kept() -> None:
    chosen = choose(["--seed", "7", "--only", "rasa killed, days late", "--conversations", "9"])
    assert chosen.seed == 7
    assert {fault.name for fault in chosen.faults} == {"rasa killed", "days late"}
    assert sum(len(drawn.shoppers) for drawn in chosen.rounds) >= 9


def test_every_fault_has_a_name_and_a_sentence_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len({fault.what for fault in FAULTS}) == len(FAULTS)
