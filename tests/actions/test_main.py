"""The action server as the process it is."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "COMMERCE_API_URL": "http://127.0.0.1:1",
    "WEBHOOK_URL": "http://127.0.0.1:1",
    "DEMO": "1",
    "SANIC_HOST": "127.0.0.1",
    "PYTHONPATH": str(ROOT),
}


@pytest.fixture
def port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        taken: int = one.getsockname()[1]
        return taken


@pytest.fixture
def server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = (sys.executable, "-m", "actions", "--actions", "actions", "--port", str(port))
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **SETTINGS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_told_to_end_the_moment_it_answers_it_ends(server: subprocess.Popen[bytes], port: int) -> None:
    until_it_answers(port)
    assert not psutil.Process(server.pid).children(), "one process serves"
    server.send_signal(signal.SIGTERM)
    # Before it has a handler for the signal, the signal ends it by itself.
    assert server.wait(timeout=60) in (0, -signal.SIGTERM)


def until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            assert httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "it never answered"
            time.sleep(0.02)
        else:
            return
