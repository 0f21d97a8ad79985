"""One running system for all journeys, and people to walk them."""

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator

import httpx
import psutil
import pytest

from stack import beside
from stack.beside import RunningSystem
from stack.leftovers import Record
from stack.settings import ROOT
from tests.journeys.desk import Desk
from tests.journeys.phones import MAMA_NGOZI, Phone
from tests.journeys.screens import DialledPhone

NUMBERS = itertools.count(2348090000001)
PASSWORD = "demo-market-2026"


@pytest.fixture(scope="session")
def system() -> Iterator[RunningSystem]:
    """Every process of the product, with the demo sellers, on ports of its own.

    Its folder is not one of pytest's: those are shut to the database's user whenever another run begins.
    """
    folder = ROOT / ".data" / f"journeys-{os.getpid()}"
    running = beside.start(folder)
    yield running
    listed = {name: pid for name, (pid, _) in Record.read(running.folder / "run" / "processes.json").items()}
    listed["postgres"] = int((running.folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    lived = {name: psutil.Process(pid) for name, pid in listed.items()}
    assert running.stop() == 0, "the system did not stop cleanly"
    # One that has ended but that nobody has collected stays listed, and is not alive.
    left = [name for name, one in lived.items() if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert left == [], "the system left processes running"
    shutil.rmtree(folder)


@pytest.fixture
def phone(system: RunningSystem) -> Callable[..., Phone]:
    """Makes a phone; a number nobody has used unless one is given."""

    def make(seller: str = MAMA_NGOZI, number: str | None = None, channel: str = "whatsapp") -> Phone:
        kind = DialledPhone if channel.startswith("ussd_") else Phone
        return kind(system, number or str(next(NUMBERS)), seller, channel)

    return make


@pytest.fixture(scope="session")
def desk(system: RunningSystem) -> Iterator[Callable[[str], Desk]]:
    """Signs a demo seller in: ``desk("ngozi@demo.example")``."""
    with contextlib.ExitStack() as desks:

        def sign_in(email: str) -> Desk:
            form = {"username": email, "password": PASSWORD}
            answer = httpx.post(f"{system.api}/api/v1/auth/token", data=form)
            assert answer.status_code == 200, answer.text
            made = Desk(f"{system.api}/api/v1", answer.json()["access_token"])
            return desks.enter_context(contextlib.closing(made))

        yield sign_in
