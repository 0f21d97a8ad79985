"""Our stores on a real PostgreSQL, with the assistant's own domain."""

from __future__ import annotations

import asyncio
import uuid
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, UserUttered
from rasa.utils.endpoints import EndpointConfig

from bot.engine.database import BotDatabase, reach
from bot.engine.lock_store import ConversationLockStore
from bot.engine.tracker_store import ConversationTrackerStore

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Server:
    """The stores of one Rasa server."""

    locks: ConversationLockStore
    trackers: ConversationTrackerStore

    async def turn(self, conversation: str, message_id: str, *events: Event) -> None:
        """A whole turn of a message."""
        with self.trackers.answering(message_id):
            async with self.locks.lock(conversation):
                tracker = await self.trackers.get_or_create_tracker(conversation)
                for event in events:
                    tracker.update(event)
                await self.trackers.save(tracker)

    async def words(self, conversation: str) -> list[str]:
        """What the shopper said, as the next turn will see it."""
        tracker = await self.trackers.retrieve(conversation)
        return [event.text for event in tracker.events if isinstance(event, UserUttered)] if tracker else []


def said(text: str, intent: str = "greet") -> list[Event]:
    """The events of a plain turn."""
    return [
        UserUttered(text, {"name": intent, "confidence": 1.0}),
        ActionExecuted("action_greet"),
        ActionExecuted("action_listen"),
    ]


def begun() -> list[Event]:
    """The events a conversation begins with."""
    return [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


@pytest.fixture(scope="session")
def domain() -> Domain:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Rasa warns of a setting that it adds itself
        return Domain.load(str(ROOT / "bot" / "domain.yml"))


@pytest.fixture(scope="session")
def database(database_url: str) -> BotDatabase:
    return reach(database_url)


StartServer = Callable[..., Server]


@pytest.fixture(scope="session")
async def start_server(database_url: str, domain: Domain) -> AsyncIterator[StartServer]:
    """Stores as another Rasa server has them."""

    def start(**settings: Any) -> Server:
        endpoint = EndpointConfig(url=database_url, **settings)
        return Server(
            ConversationLockStore(endpoint), ConversationTrackerStore(domain=domain, host=database_url)
        )

    yield start
    await start().trackers.close()


@pytest.fixture(scope="session")
def server(start_server: StartServer) -> Server:
    return start_server()


@pytest.fixture
def conversation() -> str:
    """A conversation nobody has begun."""
    return str(uuid.uuid4())


async def patiently(*coroutines: Any) -> list[Any]:
    """All of them at once, within half a minute."""
    return await asyncio.wait_for(asyncio.gather(*coroutines), 30)
