"""Nothing lost, nothing stored by who has lost his say, and a bounded tail to go on from."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine import tails
from bot.engine.database import BotDatabase
from bot.engine.tracker_store import (
    MOST_EVENTS,
    TAIL_EVENTS,
    ConversationTrackerStore,
    StaleTracker,
)
from tests.bot.engine.conftest import Server, StartServer, begun, patiently, said

ADD = "insert into tracker_events (conversation_id, position, data) values (%(id)s, %(position)s, %(data)s)"
MOVE = "update trackers set last_position = %(position)s where conversation_id = %(id)s"


async def test_what_was_said_on_one_server_is_known_on_another(
    start_server: StartServer, conversation: str
) -> None:
    await start_server().turn(conversation, "m1", *begun(), *said("hello"), SlotSet("language", "sw"))
    tracker = await start_server().trackers.retrieve(conversation)
    assert tracker is not None
    assert tracker.latest_message.text == "hello"
    assert tracker.get_slot("language") == "sw"


async def test_nobody_is_known_who_never_wrote(server: Server, conversation: str) -> None:
    assert await server.trackers.retrieve(conversation) is None
    met = await server.trackers.get_or_create_tracker(conversation, append_action_listen=False)
    assert not met.events


async def test_turns_that_come_at_once_all_stay(start_server: StartServer, conversation: str) -> None:
    servers = [start_server() for _ in range(3)]
    await patiently(*(servers[n % 3].turn(conversation, f"m{n}", *said(f"words {n}")) for n in range(12)))
    assert sorted(await servers[0].words(conversation)) == sorted(f"words {n}" for n in range(12))


async def test_of_two_who_read_the_same_only_one_can_save(
    start_server: StartServer, conversation: str
) -> None:
    one, other = start_server(), start_server()
    await one.turn(conversation, "m1", *begun())
    first = await one.trackers.retrieve(conversation)
    second = await other.trackers.retrieve(conversation)
    assert first is not None
    assert second is not None
    for event in said("add rice"):
        first.update(event)
    for event in said("add beans"):
        second.update(event)
    await one.trackers.save(first)
    with pytest.raises(StaleTracker):
        await other.trackers.save(second)
    assert await one.words(conversation) == ["add rice"]


async def test_two_who_both_meet_a_new_shopper_do_not_both_save(
    start_server: StartServer, conversation: str
) -> None:
    one, other = start_server(), start_server()
    first = await one.trackers.get_or_create_tracker(conversation)
    second = await other.trackers.get_or_create_tracker(conversation)
    for tracker, text in ((first, "one"), (second, "two")):
        for event in said(text):
            tracker.update(event)
    await one.trackers.save(first)
    with pytest.raises(StaleTracker):
        await other.trackers.save(second)
    assert await one.words(conversation) == ["one"]


async def test_a_holder_whose_lease_ran_out_cannot_save_even_if_nobody_else_did(
    start_server: StartServer, conversation: str
) -> None:
    frozen, other = start_server(lease_seconds=0.1), start_server()
    taken, woken = asyncio.Event(), asyncio.Event()

    async def take_over() -> None:
        async with other.locks.lock(conversation):
            taken.set()
            await woken.wait()

    async with frozen.locks.lock(conversation):
        tracker = await frozen.trackers.get_or_create_tracker(conversation)
        for event in said("from the dead"):
            tracker.update(event)
        taking = asyncio.ensure_future(take_over())
        await taken.wait()
        with pytest.raises(StaleTracker):
            await frozen.trackers.save(tracker)
    woken.set()
    await taking
    assert await other.words(conversation) == []


async def test_a_lease_that_ran_out_is_enough_to_refuse_a_save(
    start_server: StartServer, conversation: str
) -> None:
    frozen = start_server(lease_seconds=0.05)
    async with frozen.locks.lock(conversation):
        tracker = await frozen.trackers.get_or_create_tracker(conversation)
        tracker.update(ActionExecuted("action_listen"))
        await asyncio.sleep(0.1)
        with pytest.raises(StaleTracker):
            await frozen.trackers.save(tracker)


async def test_a_tracker_can_be_saved_again_as_it_grows(server: Server, conversation: str) -> None:
    tracker = await server.trackers.get_or_create_tracker(conversation)
    for text in ("one", "two"):
        for event in said(text):
            tracker.update(event)
        await server.trackers.save(tracker)
    await server.trackers.save(tracker)
    assert await server.words(conversation) == ["one", "two"]


async def test_a_save_whose_answer_was_lost_is_not_stale_when_it_is_run_again(
    server: Server, conversation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = server.trackers._database
    fetch = database.fetch

    async def twice(statement: str, facts: object = None) -> object:
        await fetch(statement, facts)  # type: ignore[arg-type]
        return await fetch(statement, facts)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "fetch", twice)
    tracker = await server.trackers.get_or_create_tracker(conversation)
    for text in ("one", "two"):
        for event in said(text):
            tracker.update(event)
        await server.trackers.save(tracker)
    monkeypatch.undo()
    assert await server.words(conversation) == ["one", "two"]


async def test_a_turn_that_is_run_again_starts_before_its_message_and_is_kept_once(
    server: Server, conversation: str
) -> None:
    await server.turn(conversation, "m1", *begun(), *said("hello"))
    await server.turn(conversation, "m2", *said("two bags"), SlotSet("product_id", "rice"))
    with server.trackers.answering("m2"):
        tracker = await server.trackers.retrieve(conversation)
    assert tracker is not None
    assert [event.text for event in tracker.events if isinstance(event, UserUttered)] == ["hello"]
    assert tracker.get_slot("product_id") is None
    await server.turn(conversation, "m2", *said("two bags"), SlotSet("product_id", "beans"))
    assert await server.words(conversation) == ["hello", "two bags"]
    again = await server.trackers.retrieve(conversation)
    assert again is not None
    assert again.get_slot("product_id") == "beans"


async def test_a_first_turn_that_is_run_again_meets_a_new_shopper(server: Server, conversation: str) -> None:
    await server.turn(conversation, "m1", *begun(), *said("hello"))
    with server.trackers.answering("m1"):
        tracker = await server.trackers.retrieve(conversation)
    assert tracker is not None
    assert not tracker.events
    await server.turn(conversation, "m1", *begun(), *said("hello"))
    assert await server.words(conversation) == ["hello"]


async def test_the_tail_stays_bounded_and_the_past_is_all_kept(server: Server, conversation: str) -> None:
    await server.turn(conversation, "m", *begun(), SlotSet("customer_name", "Ada"))
    turns = 120
    longest = 0
    for number in range(turns):
        await server.turn(conversation, f"m{number}", *said(f"words {number}"))
        tracker = await server.trackers.retrieve(conversation)
        assert tracker is not None
        longest = max(longest, len(tracker.events))
    assert longest <= TAIL_EVENTS + 40
    assert tracker is not None
    assert tracker.get_slot("customer_name") == "Ada"
    assert (await server.words(conversation))[-6:] == [f"words {n}" for n in range(turns - 6, turns)]
    full = await server.trackers.retrieve_full_tracker(conversation)
    assert full is not None
    assert sum(isinstance(event, UserUttered) for event in full.events) == turns


async def test_a_turn_run_again_just_after_its_past_was_cut_short_is_kept_once(
    server: Server, conversation: str
) -> None:
    for number in range(60):
        for _ in range(2):
            await server.turn(conversation, f"m{number}", *said(f"words {number}"))
    assert (await server.words(conversation))[-6:] == [f"words {n}" for n in range(54, 60)]
    full = await server.trackers.retrieve_full_tracker(conversation)
    assert full is not None
    assert sum(isinstance(event, UserUttered) for event in full.events) == 60


@pytest.mark.parametrize(
    "damage",
    [
        "not json",
        '{"event": "no such event"}',
        '{"event": "action"}',
        "[]",
        '"text"',
        "[" * 5000,
        json.dumps({"event": "bot", "text": "x" * 1_100_000}),
    ],
)
async def test_a_conversation_with_an_unreadable_event_goes_on_with_its_slots(
    server: Server, database: BotDatabase, conversation: str, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    await server.turn(conversation, "m1", *begun(), *said("hello"), SlotSet("customer_name", "Ada"))
    await server.turn(
        conversation, "m2", SlotSet("requested_slot", "address"), ActiveLoop("checkout_form"), *said("x")
    )
    await database.fetch(ADD, {"id": conversation, "position": 900, "data": damage})
    await database.fetch(MOVE, {"id": conversation, "position": 900})
    with caplog.at_level(logging.ERROR):
        tracker = await server.trackers.retrieve(conversation)
    assert tracker is not None
    assert (tracker.get_slot("customer_name"), tracker.active_loop) == ("Ada", None)
    assert tracker.get_slot("requested_slot") is None
    assert "goes on with 1 slots" in caplog.text
    await server.turn(conversation, "m3", *said("still here"))
    caplog.clear()
    assert await server.words(conversation) == ["still here"]
    assert caplog.text == ""


async def test_an_unreadable_checkpoint_costs_no_slot_either(
    server: Server, database: BotDatabase, conversation: str
) -> None:
    await server.turn(conversation, "m1", *begun(), SlotSet("customer_name", "Ada"), *said("hello"))
    await database.fetch(
        "update trackers set checkpoint = '[{', checkpoint_position = 2 where conversation_id = %(id)s",
        {"id": conversation},
    )
    tracker = await server.trackers.retrieve(conversation)
    assert tracker is not None
    assert tracker.get_slot("customer_name") == "Ada"


async def test_a_huge_tracker_is_met_with_its_slots(
    server: Server, database: BotDatabase, conversation: str
) -> None:
    await server.turn(conversation, "m1", *begun(), *said("hello"))
    events = [event.as_dict() for event in [*said("again"), SlotSet("address", "5 Allen Avenue")]]
    await database.fetch(
        "insert into tracker_events (conversation_id, position, data)"
        " select %(id)s, 100 + n, (%(data)s::text[])[1 + n %% 4] from generate_series(1, %(most)s) n",
        {"id": conversation, "data": [json.dumps(event) for event in events], "most": MOST_EVENTS},
    )
    await database.fetch(MOVE, {"id": conversation, "position": 100 + MOST_EVENTS})
    tracker = await server.trackers.retrieve(conversation)
    assert tracker is not None
    assert tracker.get_slot("address") == "5 Allen Avenue"
    assert len(tracker.events) < 10


async def test_a_tracker_from_elsewhere_replaces_what_there_is(server: Server, conversation: str) -> None:
    await server.turn(conversation, "m1", *begun(), *said("hello"))
    read = await server.trackers.retrieve(conversation)
    assert read is not None
    elsewhere = DialogueStateTracker.from_events(conversation, said("written by hand"), read.slots.values())
    await server.trackers.save(elsewhere)
    assert await server.words(conversation) == ["written by hand"]


async def test_every_conversation_is_listed(server: Server, conversation: str) -> None:
    await server.turn(conversation, "m1", *said("hello"))
    assert conversation in await server.trackers.keys()


async def test_what_was_skipped_by_policies_is_skipped_still(server: Server, conversation: str) -> None:
    """The tail's first event is never one that depends on what was cut off."""
    for number in range(80):
        await server.turn(conversation, f"m{number}", *said(f"{number}"), ActionExecuted("action_listen"))
    tracker = await server.trackers.retrieve(conversation)
    assert tracker is not None
    assert tracker.latest_action_name == "action_listen"


def test_rasa_makes_it_from_its_settings(database_url: str) -> None:
    kind = "bot.engine.tracker_store.ConversationTrackerStore"
    store = TrackerStore.create(EndpointConfig(url=database_url, type=kind))
    assert isinstance(store, ConversationTrackerStore)


def test_keeping_fewer_turns_than_policies_look_back_on_would_be_too_few() -> None:
    """``max_history`` of bot/config.yml is in states; a turn makes two or more."""
    assert tails.KEEP_TURNS * 2 >= 6
