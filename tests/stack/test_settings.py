"""``.env.example`` is the whole list of settings, and the environment wins over ``.env``."""

import re
from pathlib import Path

import pytest

from commerce_api.core.settings import Settings as ApiSettings
from stack import settings
from stack.database import Urls
from stack.processes import environment, processes
from stack.settings import ROOT, Settings

LISTED = set(re.findall(r"^#([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
READ_BY_NAME = re.compile(r"""(?:environ(?:ment)?(?:\.get\(|\[|, )|secret\()\s*"([A-Z][A-Z0-9_]+)\"""")


def test_every_setting_of_the_api_and_of_the_set_up_is_listed() -> None:
    fields = {name.upper() for name in (*ApiSettings.model_fields, *Settings.model_fields)}
    assert fields - LISTED == set()


@pytest.mark.parametrize("room", ["actions", "bot/components", "bot/engine", "channels", "simulator"])
def test_every_variable_that_a_room_reads_is_listed(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        assert set(READ_BY_NAME.findall(path.read_text())) - LISTED == set(), path


def test_every_address_that_configures_rasa_is_listed() -> None:
    named = re.findall(r"\$\{(\w+)\}", (ROOT / "bot/endpoints.yml").read_text())
    assert named
    assert set(named) - LISTED == set()


def test_nothing_is_set_by_copying_the_list() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "ENV_FILE", tmp_path / ".env")
    monkeypatch.setattr("stack.processes.from_env_file", settings.from_env_file)
    for name in ("DEMO", "API_PORT", "WHATSAPP_API_BASE_URL", "PUBLIC_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / ".env"


def read(path: Path) -> Settings:
    return Settings(_env_file=path)  # type: ignore[call-arg]  # pydantic-settings' own argument


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text("API_PORT=9100\nWHATSAPP_API_BASE_URL=http://127.0.0.1:1/graph\nPUBLIC_URL=\n")
    monkeypatch.setenv("API_PORT", "9200")
    told = environment(read(env_file))
    assert told["PUBLIC_URL"] == "http://127.0.0.1:9200"
    assert told["WHATSAPP_API_BASE_URL"] == "http://127.0.0.1:1/graph"


def test_demo_mode_is_the_default_and_points_at_the_simulator(env_file: Path) -> None:
    told = environment(read(env_file))
    assert told["DEMO"] == "1"
    assert told["WHATSAPP_API_BASE_URL"] == "http://127.0.0.1:8010/whatsapp"
    real = environment(Settings(_env_file=env_file, demo=False))  # type: ignore[call-arg]
    assert "WHATSAPP_API_BASE_URL" not in real


def test_each_process_is_told_its_own_database_and_no_other(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner")
    listed = {
        one.name: one.environment
        for one in processes(read(env_file), Urls("owner-url", "app-url", "bot-url"))
    }
    assert {name: told.get("DATABASE_URL") for name, told in listed.items() if "DATABASE_URL" in told} == {
        "api": "app-url",
        "worker": "app-url",
    }
    assert [name for name, told in listed.items() if "BOT_DATABASE_URL" in told] == ["rasa"]
    assert [name for name, told in listed.items() if "DATABASE_OWNER_URL" in told] == []
