"""A tiny assistant, trained once a run, on a real Rasa server with our connector as its only door."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bot import postgres
from tests.channels.connector.stand_in import ACCOUNT, TOKEN, StandIn

ROOT = Path(__file__).resolve().parents[3]
ASSISTANT = Path(__file__).parent / "assistant"
APP_SECRET = "app-secret-of-the-test"
VERIFY_TOKEN = "verify-token-of-the-test"
TURN_SECONDS = 2.0
STORES = """
tracker_store:
  type: bot.engine.tracker_store.ConversationTrackerStore
  url: {url}
lock_store:
  type: bot.engine.lock_store.ConversationLockStore
  url: {url}
"""
CALLBACK_KEY = "callback-key-of-the-test"
CREDENTIALS = "".join(
    f"channels.connector.{channel}:\n  turn_seconds: {TURN_SECONDS}\n  side_by_side: 4\n"
    for channel in ("whatsapp", "sms_africastalking")
)

numbers = itertools.count(1)


class Bot:
    """The running server, as a provider sees it."""

    def __init__(self, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.url = f"{url}/webhooks/whatsapp/webhook"
        self.process = process
        self.log = log
        self.http = httpx.Client(timeout=20)

    def post(
        self, body: bytes | dict[str, Any], *, secret: str = APP_SECRET, **headers: str
    ) -> httpx.Response:
        """Posts a webhook signed with ``secret``."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        signature = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        return self.http.post(self.url, content=raw, headers={"X-Hub-Signature-256": signature, **headers})

    def say(self, text: str, *, sender: str, **rest: Any) -> httpx.Response:
        """Posts one text message."""
        return self.post(webhook({"type": "text", "text": {"body": text}}, sender=sender, **rest))

    def text(self, words: str, *, sender: str) -> httpx.Response:
        """Posts a text message as Africa's Talking does: once, with the key in the path."""
        form = {"from": sender, "to": ACCOUNT, "id": f"at-{next(numbers)}", "text": words}
        path = f"/webhooks/sms_africastalking/{CALLBACK_KEY}/webhook"
        return self.http.post(self.url.replace("/webhooks/whatsapp/webhook", path), data=form)

    def stop(self) -> None:
        """Ends the server, if it is still up."""
        self.http.close()
        self.process.terminate()
        self.process.wait(30)


def webhook(*contents: dict[str, Any], sender: str, account: str = ACCOUNT) -> dict[str, Any]:
    """Meta's body for messages of one sender."""
    messages = [
        {"from": sender, "id": f"wamid.{next(numbers)}", "timestamp": "1763819400", **content}
        for content in contents
    ]
    value = {"metadata": {"phone_number_id": account}, "messages": messages}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}],
    }


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny assistant, trained."""
    folder = tmp_path_factory.mktemp("model")
    parts = ("--domain", "domain.yml", "--config", "config.yml", "--data", "data.yml")
    command = (
        sys.executable,
        "-m",
        "rasa",
        "train",
        *parts,
        "--out",
        str(folder),
        "--fixed-model-name",
        "tiny",
    )
    told = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    done = subprocess.run(command, cwd=ASSISTANT, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "tiny.tar.gz"


@pytest.fixture(scope="session")
def server() -> Iterator[StandIn]:
    """The stand-in of the API and of the action server."""
    stand_in = StandIn()
    yield stand_in
    stand_in.server.shutdown()
    stand_in.server.server_close()


@pytest.fixture
def api(server: StandIn) -> StandIn:
    """The stand-in, with nothing left of the test before."""
    server.go_on.set()
    server.reset()
    return server


StartBot = Callable[..., Bot]


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """An empty database for the stores."""
    yield from postgres.serve()


@pytest.fixture(scope="session")
def start_bot(
    model: Path, server: StandIn, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartBot]:
    """Starts a Rasa server, stopped at the end. ``endpoints`` may take the place of its stores."""
    started: list[Bot] = []

    def start(*, endpoints: str = STORES.format(url=database_url), **environment: str) -> Bot:
        folder = tmp_path_factory.mktemp("rasa")
        (folder / "credentials.yml").write_text(CREDENTIALS)
        actions = f"action_endpoint:\n  url: {server.url}/webhook\n"
        (folder / "endpoints.yml").write_text(f"{actions}{endpoints}")
        port = free_port()
        files = (
            "--endpoints",
            str(folder / "endpoints.yml"),
            "--credentials",
            str(folder / "credentials.yml"),
        )
        command = (
            *(sys.executable, "-m", "rasa", "run", "--model", str(model), *files),
            *("--interface", "127.0.0.1", "--port", str(port)),
        )
        told = {
            **{name: value for name, value in os.environ.items() if name != "DEMO"},
            "PYTHONPATH": str(ROOT),
            "RASA_TELEMETRY_ENABLED": "false",
            "COMMERCE_API_URL": server.url,
            "SERVICE_TOKEN": TOKEN,
            "WHATSAPP_APP_SECRET": APP_SECRET,
            "WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
            "AFRICASTALKING_CALLBACK_KEY": CALLBACK_KEY,
            **environment,
        }
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, env=told, stdout=output, stderr=output)
        bot = Bot(f"http://127.0.0.1:{port}", process, log)
        started.append(bot)
        return bot

    yield start
    for bot in started:
        bot.stop()


@pytest.fixture(scope="session")
def bot(start_bot: StartBot) -> Bot:
    """A server that is up."""
    started = start_bot()
    wait_until_up(started)
    return started


def wait_until_up(bot: Bot) -> None:
    """Returns when the server answers; fails with its last words when it ended instead."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and bot.process.poll() is None:
        try:
            bot.http.get(bot.url)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(bot.log.read_text()[-3000:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def sender() -> str:
    """A shopper nobody has met."""
    return f"23480{next(numbers):08d}"
