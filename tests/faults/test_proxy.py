"""Each manner of the fault proxy does to a request what its name says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import pytest

from benchmarks.chaos.proxy import FaultProxy, Manner
from stack.ports import free_ports

BIG = b"x" * 300_000


@dataclass
class Far:
    """The other side of the road: what it was asked."""

    port: int
    asked: list[bytes] = field(default_factory=list)
    conversations: set[asyncio.Task[None]] = field(default_factory=set)

    def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one connection to its end."""
        task = asyncio.ensure_future(self.answer(reader, writer))
        self.conversations.add(task)
        task.add_done_callback(lambda _: writer.close())

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers every request 200 with ``well``."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line[15:]) for line in head.lower().split(b"\r\n") if b"content-length" in line
                )
                self.asked.append(await reader.readexactly(length))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    made = Far(free_ports(1)[0])
    server = await asyncio.start_server(made.converse, "127.0.0.1", made.port)
    yield made
    server.close()
    await asyncio.gather(*made.conversations)


@pytest.fixture
async def road(far: Far) -> AsyncIterator[FaultProxy]:
    made = FaultProxy(free_ports(1)[0], [far.port], slow_seconds=0.2)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def near() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        yield client


async def test_a_straight_road_carries_requests_of_any_size(
    road: FaultProxy, far: Far, near: httpx.AsyncClient
) -> None:
    for body in (b"", b"short", BIG):
        assert (await near.post(road.url, content=body)).text == "well"
    assert far.asked == [b"", b"short", BIG]
    assert road.met == 0


@pytest.mark.parametrize(
    ("manner", "status"), [(Manner.ERROR, 500), (Manner.ABSENT, 404), (Manner.MALFORMED, 200)]
)
async def test_a_false_answer_is_given_and_the_request_kept_back(
    road: FaultProxy, far: Far, near: httpx.AsyncClient, manner: Manner, status: int
) -> None:
    road.bend(manner)
    answer = await near.post(road.url, content=BIG)
    assert answer.status_code == status
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert far.asked == []


async def test_a_refusing_road_breaks_the_connection(
    road: FaultProxy, far: Far, near: httpx.AsyncClient
) -> None:
    road.bend(Manner.REFUSE)
    with pytest.raises(httpx.TransportError):
        await near.post(road.url, content=b"x")
    assert far.asked == []


async def test_an_answer_is_swallowed_after_the_work_was_done(
    road: FaultProxy, far: Far, near: httpx.AsyncClient
) -> None:
    road.bend(Manner.SWALLOW)
    with pytest.raises(httpx.TransportError):
        await near.post(road.url, content=b"do it")
    assert far.asked == [b"do it"]


async def test_an_answer_is_held_until_the_road_is_straight(
    road: FaultProxy, far: Far, near: httpx.AsyncClient
) -> None:
    road.bend(Manner.HOLD)
    asking = asyncio.create_task(near.post(road.url, content=b"do it"))
    assert await road.wait_met(5)
    assert far.asked == [b"do it"]
    assert not asking.done()
    road.bend(Manner.PASS)
    assert (await asking).text == "well"


async def test_a_hanging_road_answers_nothing_and_lets_nothing_through(
    road: FaultProxy, far: Far, near: httpx.AsyncClient
) -> None:
    road.bend(Manner.HANG)
    asking = asyncio.create_task(near.post(road.url, content=b"x"))
    assert await road.wait_met(5)
    assert not asking.done()
    road.bend(Manner.PASS)
    with pytest.raises(httpx.TransportError):
        await asking
    assert far.asked == []


async def test_a_slow_road_arrives(road: FaultProxy, far: Far, near: httpx.AsyncClient) -> None:
    road.bend(Manner.SLOW)
    assert (await near.post(road.url, content=b"x")).text == "well"
    assert road.met >= 1


async def test_roads_go_to_each_server_in_turn_and_past_one_that_is_down(
    road: FaultProxy, far: Far, near: httpx.AsyncClient
) -> None:
    road.upstreams.insert(0, *free_ports(1))
    for _ in range(4):
        answer = await near.post(road.url, content=b"x", headers={"Connection": "close"})
        assert answer.text == "well"
    assert len(far.asked) == 4
