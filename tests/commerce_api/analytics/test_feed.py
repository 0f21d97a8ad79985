"""Conversation events reach an open line as they happen, and nobody else's."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import delete
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from commerce_api.analytics import feed_endpoints
from commerce_api.analytics.feed import WAITING, Line
from commerce_api.conversations.models import Author
from commerce_api.conversations.service import StepKind
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Membership, Role
from tests.commerce_api.analytics.past import Past, furnish_long_ago
from tests.commerce_api.stalls import Stall
from tests.conftest import Bearer, MakeMember, Member

PATIENCE = 30.0


@pytest.fixture
async def stall(database: Database, app: FastAPI) -> Stall:
    return await furnish_long_ago(database, app.state.vault)


@pytest.fixture
def past(database: Database, stall: Stall) -> Past:
    return Past(database, stall)


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Where the API listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}/api/v1/tenants"
        server.should_exit = True
        await running


class Watcher:
    """Opens lines as somebody."""

    def __init__(self, address: str, bearer: Bearer, stall: Stall) -> None:
        self._address, self._bearer, self._stall = address, bearer, stall

    def open(self, member: Member | None = None, kind: str = "") -> connect:
        who = member or self._stall.owner
        url = f"{self._address}/{self._stall.owner.tenant.id}/conversation-events/feed"
        return connect(
            url + (f"?kind={kind}" if kind else ""), additional_headers=self._bearer(who), proxy=None
        )


@pytest.fixture
def watcher(address: str, bearer: Bearer, stall: Stall) -> Watcher:
    return Watcher(address, bearer, stall)


async def hear(line: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(line.recv(), PATIENCE))


async def is_open(app: FastAPI, stall: Stall) -> None:
    """Returns once the line takes part."""
    async with asyncio.timeout(PATIENCE):
        while stall.owner.tenant.id not in app.state.feed._lines:  # noqa: ASYNC110 -- nothing tells
            await asyncio.sleep(0.01)


async def test_a_step_is_told_as_it_happens_once(
    app: FastAPI, stall: Stall, past: Past, watcher: Watcher
) -> None:
    async with watcher.open() as line:
        await is_open(app, stall)
        await past.steps((StepKind.HANDED_OFF, now()), reason="complaint")
        told = await hear(line)
        await past.steps((StepKind.TAKEN_OVER, now()))
        then = await hear(line)
    assert (told["kind"], told["facts"]) == ("handed_off", {"reason": "complaint"})
    assert told["conversation_id"] == str(past.talk)
    assert then["kind"] == "taken_over", "the first is not told again"


async def test_one_kind_alone_can_be_asked_for(
    app: FastAPI, stall: Stall, past: Past, watcher: Watcher
) -> None:
    async with watcher.open(kind="taken_over") as line:
        await is_open(app, stall)
        await past.says(Author.SHOPPER, now())
        await past.steps((StepKind.HANDED_OFF, now()), (StepKind.TAKEN_OVER, now()))
        assert (await hear(line))["kind"] == "taken_over"


async def test_another_shops_events_are_not_told(
    app: FastAPI, database: Database, stall: Stall, past: Past, watcher: Watcher
) -> None:
    others = Past(database, await furnish_long_ago(database, app.state.vault))
    async with watcher.open() as line:
        await is_open(app, stall)
        await others.steps((StepKind.HANDED_OFF, now()))
        await past.steps((StepKind.TAKEN_OVER, now()))
        assert (await hear(line))["conversation_id"] == str(past.talk)


async def test_a_browser_brings_its_token_as_a_subprotocol(
    app: FastAPI, stall: Stall, past: Past, address: str, bearer: Bearer
) -> None:
    token = bearer(stall.owner)["Authorization"].removeprefix("Bearer ")
    url = f"{address}/{stall.owner.tenant.id}/conversation-events/feed"
    async with connect(url, subprotocols=[Subprotocol("bearer"), Subprotocol(token)], proxy=None) as line:
        assert line.subprotocol == "bearer"
        await is_open(app, stall)
        await past.steps((StepKind.CLOSED, now()))
        assert (await hear(line))["kind"] == "conversation_closed"


async def closed_with(line: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed) as closed:
        await asyncio.wait_for(line.recv(), PATIENCE)
    return closed.value.rcvd.code if closed.value.rcvd else None


async def test_who_may_not_is_told_so(
    address: str, stall: Stall, watcher: Watcher, make_member: MakeMember
) -> None:
    url = f"{address}/{stall.owner.tenant.id}/conversation-events/feed"
    async with connect(url, proxy=None) as line:
        assert await closed_with(line) == 4401
    async with watcher.open(await make_member()) as line:
        assert await closed_with(line) == 4404, "a stranger"
    async with watcher.open(await make_member(stall.owner.tenant, Role.AGENT)) as line:
        assert await closed_with(line) == 4403, "an agent, who may not edit the settings"


async def test_who_is_no_longer_a_member_hears_no_more(
    app: FastAPI,
    database: Database,
    stall: Stall,
    watcher: Watcher,
    make_member: MakeMember,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_endpoints, "BEAT", 0.1)
    admin = await make_member(stall.owner.tenant, Role.ADMIN)
    async with watcher.open(admin) as line:
        await is_open(app, stall)
        async with database.transaction() as session:
            await enter(session, stall.owner.tenant.id)
            await session.execute(delete(Membership).where(Membership.user_id == admin.user.id))
        assert await closed_with(line) == 4404


async def test_after_silence_what_was_missed_is_to_be_asked_for(
    app: FastAPI, stall: Stall, watcher: Watcher
) -> None:
    async with watcher.open() as line:
        await is_open(app, stall)
        app.state.feed.close()
        assert await closed_with(line) == 4409


async def test_a_line_that_falls_behind_ends() -> None:
    line = Line(now() - timedelta(days=1))
    event: Any = object()
    for _ in range(WAITING + 1):
        line.give(event)
    assert await line.next(PATIENCE) is None
