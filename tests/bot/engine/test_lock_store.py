"""One turn of a conversation at a time, whoever asks."""

from __future__ import annotations

import asyncio
import time

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot.engine.database import BotDatabase
from bot.engine.lock_store import HELD, ConversationLockStore
from tests.bot.engine.conftest import Server, StartServer, patiently


async def test_within_a_process_the_first_to_ask_is_the_first_served(
    server: Server, conversation: str
) -> None:
    served: list[int] = []

    async def turn(number: int) -> None:
        async with server.locks.lock(conversation):
            await asyncio.sleep(0)
            served.append(number)

    await patiently(*(turn(number) for number in range(8)))
    assert served == list(range(8))


async def test_two_servers_never_hold_a_conversation_at_once(
    start_server: StartServer, conversation: str
) -> None:
    inside, most, tokens = 0, 0, []

    async def turn(one: Server) -> None:
        nonlocal inside, most
        async with one.locks.lock(conversation) as held:
            inside += 1
            most = max(most, inside)
            tokens.append(held.token)
            await asyncio.sleep(0.002)
            inside -= 1

    servers = [start_server() for _ in range(3)]
    await patiently(*(turn(one) for one in servers * 8))
    assert most == 1
    assert tokens == sorted(set(tokens))
    assert len(tokens) == 24


async def test_four_quick_messages_on_four_servers_wait_for_each_other_in_steps_far_below_a_second(
    start_server: StartServer, conversation: str
) -> None:
    """Rasa's own locks would add 1, 2 and 3 seconds. Waiting is what is not spent in the turns themselves."""
    turn_seconds = 0.05

    async def turn(one: Server) -> None:
        async with one.locks.lock(conversation):
            await asyncio.sleep(turn_seconds)

    began = time.monotonic()
    await patiently(*(turn(start_server()) for _ in range(4)))
    assert time.monotonic() - began - 4 * turn_seconds < 1.0


async def test_other_conversations_do_not_wait(server: Server, conversation: str) -> None:
    async with server.locks.lock(conversation), server.locks.lock(f"{conversation}-2") as other:
        assert other.token == 1


async def test_a_lease_that_ran_out_is_taken_over_with_a_newer_token(
    start_server: StartServer, conversation: str
) -> None:
    frozen, other = start_server(lease_seconds=0.1), start_server()
    async with frozen.locks.lock(conversation) as old, other.locks.lock(conversation) as new:
        assert new.token > old.token


async def test_who_was_taken_over_frees_nothing_when_it_wakes(
    start_server: StartServer, database: BotDatabase, conversation: str
) -> None:
    frozen, other = start_server(lease_seconds=0.1), start_server()
    asleep = frozen.locks.lock(conversation)
    await asleep.__aenter__()
    async with other.locks.lock(conversation) as new:
        await asleep.__aexit__(None, None, None)
        rows = await database.fetch(
            "select token, holder from conversation_locks where conversation_id = %(id)s",
            {"id": conversation},
        )
        assert rows[0]["token"] == new.token
        assert rows[0]["holder"] is not None


async def test_who_is_called_off_while_waiting_leaves_no_lock_behind(
    server: Server, start_server: StartServer, conversation: str
) -> None:
    async with server.locks.lock(conversation):
        waiting = [
            asyncio.ensure_future(start_server().locks.lock(conversation).__aenter__()) for _ in range(3)
        ]
        await asyncio.sleep(0.05)
        for one in waiting:
            one.cancel()
        await asyncio.wait(waiting)
    async with server.locks.lock(conversation):
        assert HELD.get() is not None
    assert HELD.get() is None


async def test_a_lock_that_never_gets_free_is_an_error(start_server: StartServer, conversation: str) -> None:
    async with start_server().locks.lock(conversation):
        impatient = start_server(lease_seconds=0.05)
        with pytest.raises(LockError):
            async with impatient.locks.lock(conversation):
                pass


def test_rasa_makes_it_from_its_settings(database_url: str) -> None:
    settings = EndpointConfig(
        url=database_url, type="bot.engine.lock_store.ConversationLockStore", lease_seconds=5
    )
    assert isinstance(LockStore.create(settings), ConversationLockStore)
