"""The bot side's settings, from the environment alone, and the values that stand in for them in demo mode.

Outside demo mode a secret that is missing or a demo one stops the process at start, with a sentence that
names it. Here and not with the API because Rasa's process has only the standard library and httpx to read
them with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Mapping

DEMO_SECRETS = {
    "SERVICE_TOKEN": "demo-service-token",
    "WHATSAPP_APP_SECRET": "demo-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "demo-verify-token",
}
API_URL = "http://127.0.0.1:8000"
WEBHOOK_URL = "http://127.0.0.1:5005"


class SettingsMissing(Exception):
    """The process can't start; the text names every setting at fault and what to do."""


@dataclass(frozen=True)
class BotSettings:
    """What a channel's webhook needs. URLs carry no trailing slash; secrets are not in its ``repr``."""

    api_url: str
    webhook_url: str
    service_token: str = field(repr=False)
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str], channel: str) -> BotSettings:
        """The settings of ``channel``. Raises SettingsMissing."""
        demo = environment.get("DEMO", "").strip().lower() in ("1", "true", "yes", "on")
        wrong: List[str] = []

        def secret(name: str) -> str:
            value = environment.get(name, "").strip()
            stand_in = DEMO_SECRETS[name]
            if not demo and value in ("", stand_in):
                wrong.append(name)
            return value or stand_in

        prefix = channel.upper()
        settings = cls(
            api_url=_url(environment, "COMMERCE_API_URL", API_URL),
            webhook_url=_url(environment, "WEBHOOK_URL", WEBHOOK_URL),
            service_token=secret("SERVICE_TOKEN"),
            app_secret=secret(f"{prefix}_APP_SECRET"),
            verify_token=secret(f"{prefix}_VERIFY_TOKEN"),
        )
        if wrong:
            names = ", ".join(wrong)
            raise SettingsMissing(
                f"{names}: missing or a demo value; set it in .env or the environment, or set DEMO=1"
            )
        return settings


def _url(environment: Mapping[str, str], name: str, default: str) -> str:
    return (environment.get(name, "").strip() or default).rstrip("/")
