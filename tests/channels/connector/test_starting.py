"""How Rasa starts and stops with our connector and our tracker store."""

from __future__ import annotations

import signal
from pathlib import Path

import psycopg
import pytest
from rasa.core.run import create_http_input_channels
from rasa.core.utils import AvailableEndpoints
from rasa.shared.exceptions import RasaException
from rasa.shared.utils.common import class_from_module_path

from bot.engine.lock_store import ConversationLockStore
from bot.engine.tracker_store import ConversationTrackerStore
from channels.connector import ChannelConnector, connector_for
from channels.registry import PROVIDERS
from tests.channels.connector.conftest import ROOT, STORES, Bot, StartBot, wait_until_up
from tests.channels.connector.stand_in import StandIn

WAIT = 15


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
    assert class_from_module_path(endpoints.tracker_store.type) is ConversationTrackerStore
    assert endpoints.lock_store.url == url
    assert class_from_module_path(endpoints.lock_store.type) is ConversationLockStore


def test_a_missing_address_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIONS_URL", "http://127.0.0.1:5055")
    monkeypatch.delenv("BOT_DATABASE_URL", raising=False)
    with pytest.raises(RasaException, match="BOT_DATABASE_URL"):
        AvailableEndpoints.read_endpoints(str(ROOT / "bot" / "endpoints.yml"))


def test_a_tracker_store_that_cannot_be_reached_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="The tracker store's database can't be used"):
        ConversationTrackerStore(host=f"postgresql://nobody@/bot?host={tmp_path}")


@pytest.mark.parametrize("url", ["", "${BOT_DATABASE_URL}", "nonsense://x"])
def test_a_tracker_store_without_an_address_stops_the_start(url: str) -> None:
    with pytest.raises(SystemExit, match="BOT_DATABASE_URL is not a database URL"):
        ConversationTrackerStore(host=url)


def test_rasa_does_not_serve_with_conversations_kept_in_memory(
    start_bot: StartBot, database_url: str
) -> None:
    """What Rasa itself makes of a class it can't find."""
    bot = start_bot(endpoints=STORES.format(url=database_url).replace("ConversationTracker", "Misspelt"))
    assert bot.process.wait(120) != 0
    assert "Rasa would keep conversations in memory" in bot.log.read_text()


def test_a_turn_in_hand_outlives_the_stop_and_what_was_said_the_restart(
    start_bot: StartBot, database_url: str, api: StandIn, sender: str
) -> None:
    first = start_bot()
    wait_until_up(first)
    first.say("linger", sender=sender)
    api.lingering.get(timeout=WAIT)
    first.process.send_signal(signal.SIGTERM)
    api.go_on.set()
    assert api.finished.get(timeout=WAIT).texts == ["heard: linger"]
    assert first.process.wait(30) == 0
    assert api.released.get(timeout=WAIT).split("-")[-2] == str(first.process.pid)
    second = start_bot()
    wait_until_up(second)
    assert_it_remembers(second, api, sender)
    assert_a_missing_store_fails_the_turn(second, database_url, api, sender)
    second.stop()


def assert_it_remembers(bot: Bot, api: StandIn, sender: str) -> None:
    bot.say("count", sender=sender)
    assert api.finished.get(timeout=WAIT).texts == ["heard: count"]
    events = api.actions[-1]["tracker"]["events"]
    assert [event["text"] for event in events if event["event"] == "user"] == ["linger", "count"]


def assert_a_missing_store_fails_the_turn(bot: Bot, database_url: str, api: StandIn, sender: str) -> None:
    """Rasa itself would take the shopper for a stranger and answer."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("alter table trackers rename to gone")
        bot.say("hello", sender=sender)
        failure = api.finished.get(timeout=WAIT).failure
        connection.execute("alter table gone rename to trackers")
    assert failure == "error UndefinedTable"
    bot.say("count", sender=sender)
    assert api.finished.get(timeout=WAIT).texts == ["heard: count"]
