"""Long conversations: how long a turn takes when there were many before it.

Ours is asked at a steady pace, without waiting: a provider lets only so many replies a minute through to one
phone, so a turn lasts from the message being stored to the assistant having answered, as the database tells.
What every message waits for an earlier one that may be under way is left out: it is the same at every turn.
"""

import asyncio
import time
from statistics import median

import psycopg

from benchmarks.acknowledging import settle
from benchmarks.turns.talking import SELLERS, WORDS, Assistant, Ours, Person, introduce
from commerce_api.conversations.ordering import HOLD_BACK
from stack.beside import RunningSystem

PEOPLE = 8
# Fewer than twenty in ten seconds, which would be a flood.
PACE_SECONDS = 0.65
# Turns of either side of the one that is told of.
AROUND = 4
ENDED = """
    select a.address, extract(epoch from t.ended_at - m.created_at) * 1000
    from turns t
    join messages m on m.tenant_id = t.tenant_id and m.id = t.message_id
    join contact_addresses a on a.tenant_id = t.tenant_id and a.conversation_id = t.conversation_id
    where a.address = any(%s) and t.state = 'done' order by a.address, m.position
"""

type Long = dict[str, dict[int, float]]
"""By assistant, by turn of the conversation: milliseconds, the median of those around it."""


def marks(turns: int) -> tuple[int, ...]:
    """The turns that are told of: the first, the 50th and the last."""
    return tuple(sorted({1, min(50, turns), turns}))


async def measure(system: RunningSystem, ours: Ours, stock: Assistant | None, turns: int) -> Long:
    """Talks to each for ``turns`` turns."""
    crowd = [Person(f"23483{place:08d}", SELLERS[place % len(SELLERS)]) for place in range(PEOPLE)]
    found = {"ours": await _ours(system, ours, crowd, turns)}
    if stock is not None:
        others = [Person(f"23484{place:08d}", SELLERS[place % len(SELLERS)]) for place in range(PEOPLE)]
        await introduce(ours, others, system)
        found["stock"] = await _stock(stock, others, turns)
    return found


async def _ours(system: RunningSystem, ours: Ours, crowd: list[Person], turns: int) -> dict[int, float]:
    began = time.perf_counter()
    for turn in range(turns):
        for place, person in enumerate(crowd):
            due = began + PACE_SECONDS * (turn + place / len(crowd))
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await ours.tell(person, WORDS)
    await settle(system)
    async with await psycopg.AsyncConnection.connect(system.owner_database) as connection:
        rows = await connection.execute(ENDED, ([person.number for person in crowd],))
        times: dict[str, list[float]] = {}
        for number, took in await rows.fetchall():
            times.setdefault(number, []).append(float(took) - HOLD_BACK.total_seconds() * 1000)
    return _around(list(times.values()), turns)


async def _stock(stock: Assistant, crowd: list[Person], turns: int) -> dict[int, float]:
    times: list[list[float]] = []
    for person in crowd:
        theirs = []
        for _ in range(turns):
            asked = time.perf_counter()
            await stock.ask(person, WORDS)
            theirs.append((time.perf_counter() - asked) * 1000)
        times.append(theirs)
    return _around(times, turns)


def _around(times: list[list[float]], turns: int) -> dict[int, float]:
    """The first turn makes the conversation, so the turns soon after it stand for it."""
    found = {}
    for mark in marks(turns):
        first = 1 if mark == 1 else mark - AROUND
        window = [took for theirs in times for took in theirs[first : first + AROUND]]
        if window:
            found[mark] = median(window)
    return found
