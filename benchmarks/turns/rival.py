"""Stock Rasa beside a running system of ours: trained on the same data, served with Rasa's own stores."""

import hashlib
import os
import subprocess
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import yaml

from stack.beside import RunningSystem
from stack.ports import free_ports
from stack.processes import BOT_PYTHON
from stack.settings import ROOT
from stack.training import sources

CONFIG = Path(__file__).with_name("stock.yml")
KEPT = ROOT / ".data" / "stock"
START_SECONDS = 240.0
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


class Rival:
    """A stock Rasa server. ``url``, ``pid``; ``ready_after`` is the seconds its start took."""

    def __init__(self, system: RunningSystem, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
        endpoints.write_text(yaml.safe_dump(_endpoints(system)))
        credentials.write_text(yaml.safe_dump({"rest": None}))
        command = (
            *(BOT_PYTHON, "-m", "rasa", "run", "--model", str(model())),
            *("--endpoints", str(endpoints), "--credentials", str(credentials)),
            *("--interface", "127.0.0.1", "--port", str(port)),
        )
        self._log = (folder / "rasa.log").open("wb")
        began = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.pid = self._process.pid
        try:
            self._await_answer()
        except BaseException:
            self.stop()
            raise
        self.ready_after = time.monotonic() - began

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                httpx.get(f"{self.url}/version", timeout=2, trust_env=False).raise_for_status()
            except httpx.HTTPError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    said = (self._folder / "rasa.log").read_text(errors="replace")[-3000:]
                    raise RuntimeError(f"Stock Rasa did not start:\n{said}") from None
                time.sleep(0.2)
            else:
                return


def model() -> Path:
    """Its archive, trained if there is none for today's data. Raises RuntimeError."""
    path = KEPT / f"turns-{_mark()}.tar.gz"
    if not path.exists():
        train(path)
    return path


def train(path: Path) -> float:
    """Trains it into ``path``; the seconds of processor time. Raises RuntimeError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    print("- training stock Rasa; this takes some minutes", flush=True)
    command = (
        *(BOT_PYTHON, "-m", "rasa", "train", "--domain", "bot/domain.yml", "--config", str(CONFIG)),
        *("--data", "bot/data", "--out", str(path.parent)),
        *("--fixed-model-name", path.name.removesuffix(".tar.gz"), "--force"),
    )
    before = os.times()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False
    )
    after = os.times()
    if done.returncode:
        raise RuntimeError(f"Training stock Rasa failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return after.children_user + after.children_system - before.children_user - before.children_system


def _mark() -> str:
    digest = hashlib.sha256(CONFIG.read_bytes())
    for path in sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _endpoints(system: RunningSystem) -> dict[str, object]:
    place = urlsplit(system.bot_database)
    store = {
        "type": "SQL",
        "dialect": "postgresql",
        "url": place.hostname,
        "port": place.port,
        "db": place.path.lstrip("/"),
        "username": unquote(place.username or ""),
        "password": unquote(place.password or ""),
    }
    return {"action_endpoint": {"url": f"{system.actions}/webhook"}, "tracker_store": store}
