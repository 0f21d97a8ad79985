"""What the engine does to the process it runs in, and to a turn that has no store to be kept in."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.lock_store import InMemoryLockStore, LockStore

from channels.connector.engine import NO_STORE, SLICE_SECONDS, Engine


class Kept:
    """A store as turns need it."""

    @contextmanager
    def answering(self, message_id: str) -> Iterator[None]:
        yield

    async def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)
    gc.unfreeze()


async def nothing(_: Any) -> None:
    pass


def agent(tracker_store: Any, lock_store: Any) -> Any:
    return SimpleNamespace(tracker_store=tracker_store, lock_store=lock_store, processor=None)


async def test_what_is_loaded_at_start_is_left_out_of_garbage_collection() -> None:
    gc.unfreeze()
    engine = Engine(nothing, 1.0)
    engine.start(agent(Kept(), LockStore()))
    try:
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] > 700
        assert sys.getswitchinterval() == pytest.approx(SLICE_SECONDS)
    finally:
        await engine.stop()


@pytest.mark.parametrize(
    ("tracker_store", "lock_store"), [(object(), LockStore()), (Kept(), InMemoryLockStore())]
)
def test_without_stores_that_keep_turns_it_does_not_start(tracker_store: Any, lock_store: Any) -> None:
    with pytest.raises(SystemExit, match=NO_STORE[:40]):
        Engine(nothing, 1.0).start(agent(tracker_store, lock_store))
