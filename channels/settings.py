"""The settings of channels and of the bot side, from the environment alone, and what stands in in demo mode.

Outside demo mode a secret that is missing or a demo one stops the process at start, with a sentence that
names it. Here and not with the API because Rasa's process has only the standard library and httpx to read
them with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Mapping, Optional, Tuple

from channels.provider import Setup

SERVICE_TOKEN = "SERVICE_TOKEN"  # noqa: S105 -- the setting's name
DEMO_SERVICE_TOKEN = "demo-service-token"  # noqa: S105 -- published; refused outside demo mode
DEMO_ACCOUNT_SID = "ACdemo00000000000000000000000000000"
API_URL = "http://127.0.0.1:8000"
WEBHOOK_URL = "http://127.0.0.1:5005"
SIMULATOR_URL = "http://127.0.0.1:8010"
CHANNELS = "CHANNELS"


class SettingsMissing(Exception):
    """The process can't start; the text names every setting at fault and what to do."""


@dataclass(frozen=True)
class BotSettings:
    """What a process of the bot side needs. URLs carry no trailing slash; secrets are not in its ``repr``.

    ``webhook_urls`` are the addresses under which the world may know the Rasa server, the likeliest first.
    ``platform_secret`` vouches for a channel's webhooks and ``verify_token`` answers its handshake; each is
    empty where the channel has none, and both where it is closed.
    """

    api_url: str
    webhook_urls: Tuple[str, ...]
    service_token: str = field(repr=False)
    platform_secret: str = field(default="", repr=False)
    verify_token: str = field(default="", repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str], setup: Optional[Setup] = None) -> BotSettings:
        """The settings, with those of the channel set up so. Raises SettingsMissing."""
        reader = _Reader(environment)
        webhook_url = reader.url("WEBHOOK_URL", WEBHOOK_URL)
        settings = cls(
            api_url=reader.url("COMMERCE_API_URL", API_URL),
            webhook_urls=tuple(dict.fromkeys((webhook_url, reader.url("PUBLIC_URL", webhook_url)))),
            service_token=reader.secret(SERVICE_TOKEN),
            platform_secret=reader.secret(setup.platform_secret) if setup else "",
            verify_token=reader.secret(setup.verify_token) if setup else "",
        )
        reader.check()
        return settings


@dataclass(frozen=True)
class SendingSettings:
    """Where a channel's provider takes messages, and the platform's credentials there, if it has any."""

    base_url: str
    api_version: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str], setup: Setup) -> SendingSettings:
        """The settings of the channel set up so. Raises SettingsMissing."""
        reader = _Reader(environment)
        prefix = setup.vendor.upper()
        real = f"{SIMULATOR_URL}/{setup.vendor}" if reader.is_demo else setup.base_url
        settings = cls(
            base_url=reader.url(f"{prefix}_API_BASE_URL", real),
            api_version=reader.text(f"{prefix}_API_VERSION") or setup.api_version,
            credentials={name: reader.secret(held) for name, held in setup.platform_credentials.items()},
        )
        reader.check()
        return settings


def open_channels(environment: Mapping[str, str], known: Mapping[str, object]) -> Tuple[str, ...]:
    """The channels that are open: those of ``CHANNELS``, a comma-separated list, else every ``known`` one.

    Raises SettingsMissing when the list names one that isn't known.
    """
    named = tuple(name.strip() for name in environment.get(CHANNELS, "").split(",") if name.strip())
    unknown = [name for name in named if name not in known]
    if unknown:
        raise SettingsMissing(
            f"{CHANNELS}: no such channel as {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return named or tuple(known)


def demo_secret(name: str) -> str:
    """What stands in for a secret in demo mode: ``WHATSAPP_APP_SECRET``'s is ``demo-app-secret``."""
    known: Dict[str, str] = {SERVICE_TOKEN: DEMO_SERVICE_TOKEN, "TWILIO_ACCOUNT_SID": DEMO_ACCOUNT_SID}
    return known.get(name) or "demo-" + name.partition("_")[2].lower().replace("_", "-")


class _Reader:
    """The environment, and the names of the settings found missing in it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._wrong: List[str] = []
        self.is_demo = self.text("DEMO").lower() in ("1", "true", "yes", "on")

    def text(self, name: str) -> str:
        return self._environment.get(name, "").strip()

    def url(self, name: str, default: str) -> str:
        return (self.text(name) or default).rstrip("/")

    def secret(self, name: Optional[str]) -> str:
        """The secret set under ``name``, in demo mode else the demo one; empty without a name."""
        if name is None:
            return ""
        value, stand_in = self.text(name), demo_secret(name)
        if not self.is_demo and value in ("", stand_in):
            self._wrong.append(name)
        return value or stand_in

    def check(self) -> None:
        """Raises SettingsMissing when any secret was missing."""
        if self._wrong:
            raise SettingsMissing(
                f"{', '.join(self._wrong)}: missing or a demo value; set it in .env or the environment,"
                " or set DEMO=1"
            )
