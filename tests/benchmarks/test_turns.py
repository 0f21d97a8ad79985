"""What is measured of whole turns: who is waited for, what is told, and when a target is missed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from benchmarks.turns import lasting
from benchmarks.turns.report import Findings, Spell
from benchmarks.turns.standin import GraphStandIn
from benchmarks.turns.talking import Heard, Person, talk

TEXT = {"to": "2348", "type": "text", "text": {"body": "Your cart is empty."}}
BUTTONS = {"to": "2348", "type": "interactive", "interactive": {"body": {"text": "Which one?"}}}


@pytest.fixture
async def standin() -> AsyncIterator[GraphStandIn]:
    one = GraphStandIn()
    await one.start()
    yield one
    await one.stop()


@pytest.mark.parametrize(("sent", "words"), [(TEXT, "Your cart is empty."), (BUTTONS, "Which one?")])
async def test_who_waits_for_a_reply_gets_its_words(
    standin: GraphStandIn, sent: dict[str, object], words: str
) -> None:
    reply = standin.expect("2348")
    async with httpx.AsyncClient(trust_env=False) as http:
        seen = await http.post(f"{standin.url}/v24.0/1/messages", json={"status": "read", "message_id": "x"})
        assert seen.json() == {"success": True}
        assert not reply.done(), "that it was read is no reply"
        first = await http.post(f"{standin.url}/v24.0/1/messages", json=sent)
        second = await http.post(f"{standin.url}/v24.0/1/messages", json=sent)
    assert await asyncio.wait_for(reply, 30) == words
    ids = [answer.json()["messages"][0]["id"] for answer in (first, second)]
    assert len(set(ids)) == 2


class Echo:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, person: Person, words: str) -> str:
        self.asked.append(person.number)
        await asyncio.sleep(0)
        return f"{words}: nothing" if person.number != "3" else "what?"


async def test_people_talk_in_turn_and_strange_answers_are_told() -> None:
    echo, crowd = Echo(), [Person(str(number), "1") for number in range(4)]
    heard = await talk(echo, crowd, frozenset({"nothing"}), at_once=2, seconds=0.05)
    assert echo.asked[:5] == ["0", "1", "2", "3", "0"]
    assert len(heard.turns) == len(echo.asked)
    assert len(heard.strange) == echo.asked.count("3")


def spell(milliseconds: float, *, rate: float, rasa: float, stock: float = 0.0) -> Spell:
    heard = Heard(seconds=10 / rate, turns=[milliseconds] * 10)
    return Spell(heard, {"rasa": rasa, "api": 8.0, "stock rasa": stock})


def findings(ours: Spell, stock: Spell) -> Findings:
    spells = {
        name: {level: [one] for level in (1, 8, 32)} for name, one in (("ours", ours), ("stock", stock))
    }
    return Findings(spells, {"rasa": 500.0, "stock rasa": 1150.0}, {"ours": {1: 20.0, 200: 21.0}})


FAST = spell(15, rate=100, rasa=9)
SLOW = spell(80, rate=13, rasa=0, stock=70)


def test_nothing_is_missed_when_all_is_as_it_should_be() -> None:
    assert list(findings(FAST, SLOW).problems()) == []
    assert any("turns/s at 8 shoppers, ours ÷ stock: 7.69" in line for line in findings(FAST, SLOW).lines())


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        (spell(15, rate=60, rasa=9), "turns/s at 8 shoppers: ours ÷ stock is 4.62"),
        (spell(20, rate=100, rasa=9), "p50 at 1 shopper: ours ÷ stock is 0.25"),
        (spell(15, rate=100, rasa=14), "processor time of Rasa a turn: ours ÷ stock is 0.20"),
        (spell(15, rate=100, rasa=23), "a turn costs 31 ms"),
    ],
)
def test_each_target_that_is_missed_is_named(ours: Spell, told: str) -> None:
    assert any(problem.startswith(told) for problem in findings(ours, SLOW).problems())


def test_memory_growth_and_strange_answers_are_told() -> None:
    fine = findings(FAST, SLOW)
    strange = Spell(Heard(1.0, [15.0] * 100, ["Sorry?"]), FAST.costs)
    for worse, told in (
        (replace(fine, memory={"rasa": 800.0, "stock rasa": 1150.0}), "memory of Rasa"),
        (replace(fine, long={"ours": {1: 20.0, 200: 30.0}}), "turn 200 takes 1.50 times"),
        (findings(strange, SLOW), "ours: 3 answers were not about the cart"),
    ):
        assert any(problem.startswith(told) for problem in worse.problems()), told


def test_a_long_conversations_turns_are_the_medians_around_them() -> None:
    times = [[100.0] + [10.0] * 49 + [30.0] * 150]
    assert lasting._around(times, 200) == {1: 10.0, 50: 10.0, 200: 30.0}
    assert lasting.marks(50) == (1, 50)
