"""How Rasa starts and stops with our connector and our tracker store."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from rasa.core.run import create_http_input_channels
from rasa.core.utils import AvailableEndpoints
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.common import class_from_module_path

from bot.components.tracker_store import BotTrackerStore
from channels.connector import ChannelConnector, connector_for
from channels.registry import PROVIDERS
from tests.channels.connector.conftest import ROOT, Bot, StartBot, wait_until_up
from tests.channels.connector.stand_in import StandIn

WAIT = 15
STORE = "tracker_store:\n  type: bot.components.tracker_store.BotTrackerStore\n  url: {url}\n"
SERVER = """
import json, sys, tempfile
from pathlib import Path
from stack import database
server = database.start_server(Path(sys.argv[1]), durable=False)
print(json.dumps(database.create_database(server.url, "bot")), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of the embedded server, which lives in the other environment."""
    folder = ROOT / ".data" / f"test-bot-{os.getpid()}"
    command = (str(ROOT / ".venv/bin/python"), "-c", SERVER, str(folder / "postgres"))
    told = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        yield json.loads(process.stdout.readline())
        process.stdin.close()
    shutil.rmtree(folder)


def test_a_missing_secret_stops_the_start_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DEMO": "0",
        "SERVICE_TOKEN": "demo-service-token",
        "WHATSAPP_APP_SECRET": "",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WHATSAPP_VERIFY_TOKEN", "ours")
    with pytest.raises(RasaException, match="SERVICE_TOKEN, WHATSAPP_APP_SECRET: missing or a demo value"):
        connector_for(PROVIDERS["whatsapp"]).from_credentials(None)


def test_only_our_doors_are_in_the_credentials_and_each_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "1")
    doors = create_http_input_channels(None, str(ROOT / "bot" / "credentials.yml"))
    assert {door.name() for door in doors} == set(PROVIDERS)
    assert all(isinstance(door, ChannelConnector) for door in doors)


def test_the_endpoints_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://commerce_bot:p%2Bw@/commerce?host=/tmp/sockets"
    monkeypatch.setenv("ACTIONS_URL", "http://127.0.0.1:5055")
    monkeypatch.setenv("BOT_DATABASE_URL", url)
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "bot" / "endpoints.yml"))
    assert endpoints.action.url == "http://127.0.0.1:5055/webhook"
    assert endpoints.tracker_store.url == url
    assert class_from_module_path(endpoints.tracker_store.type) is BotTrackerStore


def test_a_missing_address_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIONS_URL", "http://127.0.0.1:5055")
    monkeypatch.delenv("BOT_DATABASE_URL", raising=False)
    with pytest.raises(RasaException, match="BOT_DATABASE_URL"):
        AvailableEndpoints.read_endpoints(str(ROOT / "bot" / "endpoints.yml"))


def test_a_tracker_store_that_cannot_be_reached_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="The tracker store's database can't be used"):
        BotTrackerStore(host=f"postgresql://nobody@/bot?host={tmp_path}")


@pytest.mark.parametrize("url", ["", "${BOT_DATABASE_URL}", "nonsense://x"])
def test_a_tracker_store_without_an_address_stops_the_start(url: str) -> None:
    with pytest.raises(SystemExit, match="BOT_DATABASE_URL is not a database URL"):
        BotTrackerStore(host=url)


def test_a_turn_in_hand_outlives_the_stop_and_what_was_said_the_restart(
    start_bot: StartBot, postgres: str, api: StandIn, sender: str
) -> None:
    first = start_bot(endpoints=STORE.format(url=postgres))
    wait_until_up(first)
    first.say("linger", sender=sender)
    api.lingering.get(timeout=WAIT)
    first.process.send_signal(signal.SIGTERM)
    api.go_on.set()
    assert api.finished.get(timeout=WAIT).texts == ["heard: linger"]
    assert first.process.wait(30) == 0
    second = start_bot(endpoints=STORE.format(url=postgres))
    wait_until_up(second)
    assert_it_remembers(second, api, sender)
    assert_a_missing_store_fails_the_turn(second, postgres, api, sender)
    second.stop()


def assert_it_remembers(bot: Bot, api: StandIn, sender: str) -> None:
    bot.say("count", sender=sender)
    assert api.finished.get(timeout=WAIT).texts == ["heard: count"]
    events = api.actions[-1]["tracker"]["events"]
    assert [event["text"] for event in events if event["event"] == "user"] == ["linger", "count"]


def assert_a_missing_store_fails_the_turn(bot: Bot, postgres: str, api: StandIn, sender: str) -> None:
    """Rasa itself would take the shopper for a stranger and answer."""
    with contextlib.closing(psycopg2.connect(postgres)) as connection:
        connection.autocommit = True
        connection.cursor().execute("alter table events rename to gone")
        bot.say("hello", sender=sender)
        failure = api.finished.get(timeout=WAIT).failure
        connection.cursor().execute("alter table gone rename to events")
    assert failure == "error ProgrammingError"
    bot.say("count", sender=sender)
    assert api.finished.get(timeout=WAIT).texts == ["heard: count"]
