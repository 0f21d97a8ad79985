"""The processes that make up a running system: their commands, environments, ports and health addresses.

``commands`` is the one place where a command is written: ``make run`` starts them on the loopback address,
and ``docker-compose.yml`` runs the same ones listening on every address of their containers.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from stack.database import Urls
from stack.settings import ROOT, Settings, from_env_file

LOOPBACK = "127.0.0.1"
PYTHON = ".venv/bin/python"
BOT_PYTHON = "bot/.venv/bin/python"
DATABASE_SETTINGS = ("DATABASE_URL", "DATABASE_OWNER_URL", "BOT_DATABASE_URL")


@dataclass(frozen=True)
class Process:
    """One process. ``health`` is an address that answers once it is up; without one, running counts as up.

    ``port_setting`` names the setting that moves its port.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    port: int | None = None
    port_setting: str = ""
    health: str = ""


def commands(settings: Settings, host: str = LOOPBACK) -> dict[str, tuple[str, ...]]:
    """Each process's command, run from the project's root."""
    return {
        "api": (*_uvicorn("console.app:create_app", host, settings.api_port),),
        "worker": (PYTHON, "-m", "commerce_api.worker"),
        "actions": (PYTHON, "-m", "actions", "--actions", "actions", "--port", str(settings.actions_port)),
        "rasa": (
            *(BOT_PYTHON, "-m", "rasa", "run", "--model", "models"),
            *("--endpoints", "bot/endpoints.yml", "--credentials", "bot/credentials.yml"),
            *("--interface", host, "--port", str(settings.rasa_port)),
        ),
        "simulator": (*_uvicorn("simulator.app:create_app", host, settings.simulator_port),),
    }


def training_command(out: str) -> tuple[str, ...]:
    """Trains the assistant into ``out/assistant.tar.gz``."""
    return (
        *(BOT_PYTHON, "-m", "rasa", "train", "--domain", "bot/domain.yml", "--config", "bot/config.yml"),
        *("--data", "bot/data", "--out", out, "--fixed-model-name", "assistant"),
    )


def _uvicorn(factory: str, host: str, port: int) -> tuple[str, ...]:
    address = ("--host", host, "--port", str(port))
    return (PYTHON, "-m", "uvicorn", "--factory", factory, *address, "--timeout-graceful-shutdown", "5")


def environment(settings: Settings) -> dict[str, str]:
    """What every process is told: the user's own settings, and where the others are. No database."""
    told = {**from_env_file(), **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}}
    ours = {
        "DEMO": "1" if settings.demo else "0",
        "PUBLIC_URL": settings.api_url,
        "COMMERCE_API_URL": settings.api_url,
        "WEBHOOK_URL": settings.rasa_url,
        "RASA_URL": settings.rasa_url,
        "ACTIONS_URL": settings.actions_url,
    }
    if settings.demo:
        ours["SIMULATOR_PUBLIC_URL"] = settings.simulator_url
        for vendor in ("whatsapp", "instagram", "twilio", "africastalking"):
            ours[f"{vendor.upper()}_API_BASE_URL"] = f"{settings.simulator_url}/{vendor}"
        ours["PAYMENT_GATEWAY_BASE_URL"] = f"{settings.simulator_url}/gateway"
    fixed = {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        # What Rasa's old dependencies say of each other is for nobody here.
        "PYTHONWARNINGS": "ignore::DeprecationWarning",
        "SANIC_HOST": LOOPBACK,
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(ROOT / ".data" / "rasa-cache"),
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    merged = {**ours, **{name: value for name, value in told.items() if value}, **fixed}
    return {name: value for name, value in merged.items() if name not in DATABASE_SETTINGS}


def processes(settings: Settings, urls: Urls) -> tuple[Process, ...]:
    """Every process of this machine's system, in the order in which they are started.

    Only the API and its worker are told the shop's database, as the role that owns nothing; only Rasa is told
    the tracker store's.
    """
    shared, run = environment(settings), commands(settings)
    shop = {**shared, "DATABASE_URL": urls.application}
    bot = {**shared, "BOT_DATABASE_URL": urls.bot}
    listed = [
        Process("rasa", run["rasa"], bot, settings.rasa_port, "RASA_PORT", settings.rasa_url),
        Process("api", run["api"], shop, settings.api_port, "API_PORT", f"{settings.api_url}/healthz"),
        Process("worker", run["worker"], shop),
        Process(
            "actions",
            run["actions"],
            shared,
            settings.actions_port,
            "ACTIONS_PORT",
            f"{settings.actions_url}/health",
        ),
    ]
    if settings.demo:
        url, port = settings.simulator_url, settings.simulator_port
        listed.append(Process("simulator", run["simulator"], shared, port, "SIMULATOR_PORT", url))
    return tuple(listed)
