"""Which turns run, and when; without Rasa."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from channels.connector import turns
from channels.connector.turns import Answer, Moment, TurnRunner
from channels.messages import OutboundMessage
from commerce_client.client import CommerceClient
from commerce_client.turns import Recorded, Turn, Waiting

Json = dict[str, Any]


def told(conversation: str = "c") -> Json:
    """A turn as the API tells it."""
    turn = {"id": str(uuid.uuid4()), "conversation_id": conversation, "message_id": str(uuid.uuid4())}
    return {**turn, "channel": "whatsapp", "kind": "text", "text": "hello"}


class Api:
    """The turns that are ``held_back``, by conversation, and ``lost`` ones: given and never heard of.

    ``following`` is what a finished turn is followed by, given when a next one is asked for.
    """

    def __init__(self) -> None:
        self.lost: list[Json] = []
        self.held_back: dict[str, Json] = {}
        self.following: dict[str, Json] = {}
        self.before_finish: Callable[[], None] = lambda: None
        self.given_next: list[Json] = []
        self.released = 0
        self.claims: asyncio.Queue[Json] = asyncio.Queue()
        self.finished: asyncio.Queue[str] = asyncio.Queue()

    async def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path.endswith("/finish"):
            self.before_finish()
            self.lost = [turn for turn in self.lost if turn["id"] not in request.url.path]
            turn_id = request.url.path.split("/")[-2]
            self.finished.put_nowait(turn_id)
            given = self.following.get(turn_id) if body["claim_next"] else None
            self.given_next += [given] if given else []
            return httpx.Response(200, json={"turn": given})
        if request.url.path.endswith("/release"):
            self.released += 1
            return httpx.Response(204)
        self.claims.put_nowait(body)
        if body["conversation_id"]:
            return httpx.Response(200, json={"turn": self.held_back.pop(body["conversation_id"], None)})
        unheard = [turn for turn in self.lost if turn["id"] not in body["in_hand"]]
        return httpx.Response(200, json={"turn": unheard[0] if unheard else None})


@pytest.fixture
def api() -> Api:
    return Api()


Start = Callable[..., TurnRunner]


@pytest.fixture
async def start(api: Api) -> AsyncIterator[Start]:
    """Starts a runner that says hello, or what ``say`` does."""
    client = CommerceClient("http://api", "token", transport=httpx.MockTransport(api.answer))
    started: list[TurnRunner] = []

    async def hello(_: Turn) -> Answer:
        return Answer((OutboundMessage("hello"),))

    def make(say: Any = hello, *, side_by_side: int = 32) -> TurnRunner:
        runner = TurnRunner(client, "w", say, side_by_side=side_by_side)
        started.append(runner)
        return runner

    yield make
    for runner in started:
        await runner.stop()
    await client.close()


async def soon(queue: asyncio.Queue[str]) -> str:
    return await asyncio.wait_for(queue.get(), 10)


async def test_a_turn_whose_giving_was_lost_is_asked_for_and_run_once(
    start: Start, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "SWEEP_SECONDS", 0.02)
    api.lost = [told(), told("other")]
    lost = {turn["id"] for turn in api.lost}
    start().start()
    assert {await soon(api.finished), await soon(api.finished)} == lost
    for _ in range(api.claims.qsize() + 3):
        await asyncio.wait_for(api.claims.get(), 10)
    assert api.finished.empty()


async def test_a_turn_in_hand_is_named_and_not_taken_twice(
    start: Start, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "SWEEP_SECONDS", 0.02)
    begun: list[str] = []
    go_on = asyncio.Event()

    async def say(turn: Turn) -> Answer:
        begun.append(turn.id)
        await go_on.wait()
        return Answer(())

    turn = told()
    api.lost = [turn]
    runner = start(say)
    runner.start()
    runner.take([Turn.read(turn), Turn.read(turn)], Moment.now())
    while (await asyncio.wait_for(api.claims.get(), 10))["in_hand"] != [turn["id"]]:
        pass
    go_on.set()
    assert await soon(api.finished) == turn["id"]
    assert begun == [turn["id"]]


async def test_what_is_held_back_is_run_when_it_may_be(start: Start, api: Api) -> None:
    turn = told("c7")
    api.held_back = {"c7": turn}
    held_back = Recorded(1, 0, 0, (), (Waiting("c7", 5), Waiting("nothing there", 1)))
    start().take_up(held_back, Moment.now())
    assert await soon(api.finished) == turn["id"]


async def test_few_turns_begin_at_once_so_that_webhooks_find_a_free_way(start: Start, api: Api) -> None:
    inside, most = 0, 0

    async def say(_: Turn) -> Answer:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.005)
        inside -= 1
        return Answer(())

    start(say).take((Turn.read(told(f"c{number}")) for number in range(40)), Moment.now())
    for _ in range(40):
        await soon(api.finished)
    assert most == turns.AT_ONCE


async def test_turns_that_hang_hold_up_the_others_for_a_moment_only(
    start: Start, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "BRISK_SECONDS", 0.05)
    go_on = asyncio.Event()

    async def say(turn: Turn) -> Answer:
        if turn.conversation_id.startswith("hangs"):
            await go_on.wait()
        return Answer(())

    hanging = [Turn.read(told(f"hangs {number}")) for number in range(20)]
    quick = Turn.read(told("quick"))
    start(say).take([*hanging, quick], Moment.now())
    assert await soon(api.finished) == quick.id
    go_on.set()
    assert {await soon(api.finished) for _ in hanging} == {turn.id for turn in hanging}


class Clocks:
    """In the place of the runner's ``time``: both clocks, each of which may be put forward."""

    def __init__(self) -> None:
        self.ahead = {"monotonic": 0.0, "time": 0.0}

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead["monotonic"]

    def time(self) -> float:
        return time.time() + self.ahead["time"]


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(turns, "time", clocks)
    return clocks


class Assistant:
    """Says nothing, to each turn once it is told to ``go_on``; ``begun`` are the turns' ids."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.go_on = asyncio.Event()

    async def say(self, turn: Turn) -> Answer:
        self.begun.put_nowait(turn.id)
        await self.go_on.wait()
        return Answer(())


@pytest.mark.parametrize("clock", ["monotonic", "time"])
async def test_a_process_that_stood_still_begins_none_of_the_turns_it_was_given_before(
    start: Start, api: Api, clocks: Clocks, clock: str
) -> None:
    assistant = Assistant()
    given = [Turn.read(told(f"c{number}")) for number in range(turns.AT_ONCE + 3)]
    runner = start(assistant.say)
    runner.take(given, Moment.now())
    begun = {await soon(assistant.begun) for _ in range(turns.AT_ONCE)}
    clocks.ahead[clock] = 70.0
    assistant.go_on.set()
    assert {await soon(api.finished) for _ in begun} == begun
    later = Turn.read(told("later"))
    runner.take([later], Moment.now())
    assert await soon(assistant.begun) == await soon(api.finished) == later.id


async def test_a_next_turn_that_took_long_to_be_told_is_not_begun(
    start: Start, api: Api, clocks: Clocks
) -> None:
    assistant = Assistant()
    assistant.go_on.set()
    first, later = told(), told("later")
    api.following = {first["id"]: told()}
    api.before_finish = lambda: clocks.ahead.update(monotonic=70.0)
    runner = start(assistant.say, side_by_side=1)
    runner.take([Turn.read(first)], Moment.now())
    assert await soon(api.finished) == first["id"]
    runner.take([Turn.read(later)], Moment.now())
    assert await soon(api.finished) == later["id"]
    assert [await soon(assistant.begun) for _ in range(2)] == [first["id"], later["id"]]


async def test_a_turn_that_a_sweep_and_a_finish_both_gave_is_run_once(start: Start, api: Api) -> None:
    assistant = Assistant()
    first, following = told(), told()
    api.following = {first["id"]: following}
    runner = start(assistant.say)

    def sweep() -> None:
        assistant.go_on.clear()
        runner.take([Turn.read(following)], Moment.now())

    api.before_finish = sweep
    runner.take([Turn.read(first)], Moment.now())
    assert await soon(assistant.begun) == first["id"]
    assistant.go_on.set()
    assert await soon(assistant.begun) == following["id"]
    api.before_finish = lambda: None
    assistant.go_on.set()
    assert [await soon(api.finished) for _ in range(2)] == [first["id"], following["id"]]
    await runner.stop()
    assert assistant.begun.empty()


async def test_who_stops_finishes_what_it_began_and_gives_back_the_rest(start: Start, api: Api) -> None:
    assistant = Assistant()
    first, waits = told(), told("other")
    api.following = {first["id"]: told()}
    runner = start(assistant.say, side_by_side=1)
    runner.take([Turn.read(first), Turn.read(waits)], Moment.now())
    assert await soon(assistant.begun) == first["id"]
    runner.is_stopping = True
    just_stored = Recorded(1, 0, 0, (Turn.read(told("just stored")),), (Waiting("c7", 1),))
    runner.take_up(just_stored, Moment.now())
    assistant.go_on.set()
    await runner.stop()
    assert assistant.begun.empty()
    assert api.given_next == []
    assert api.claims.empty()
    assert api.released == 1
