"""The bot side's settings, from the environment alone, and the values that stand in for them in demo mode.

Outside demo mode a secret that is missing or a demo one stops the process at start, with a sentence that
names it. Here and not with the API because Rasa's process has only the standard library and httpx to read
them with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import List, Mapping, Optional

SERVICE_TOKEN = "SERVICE_TOKEN"  # noqa: S105 -- the setting's name
DEMO_SERVICE_TOKEN = "demo-service-token"  # noqa: S105 -- published; refused outside demo mode
API_URL = "http://127.0.0.1:8000"
WEBHOOK_URL = "http://127.0.0.1:5005"


class SettingsMissing(Exception):
    """The process can't start; the text names every setting at fault and what to do."""


@dataclass(frozen=True)
class BotSettings:
    """What a process of the bot side needs. URLs carry no trailing slash; secrets are not in its ``repr``.

    ``platform_secret`` signs a channel's webhooks and ``verify_token`` answers its handshake; each is empty
    where the channel has none.
    """

    api_url: str
    webhook_url: str
    service_token: str = field(repr=False)
    platform_secret: str = field(repr=False)
    verify_token: str = field(repr=False)

    @classmethod
    def read(
        cls,
        environment: Mapping[str, str],
        *,
        platform_secret: Optional[str] = None,
        verify_token: Optional[str] = None,
    ) -> BotSettings:
        """The settings, with those of a channel under the names given. Raises SettingsMissing."""
        demo = environment.get("DEMO", "").strip().lower() in ("1", "true", "yes", "on")
        wrong: List[str] = []

        def secret(name: Optional[str]) -> str:
            if name is None:
                return ""
            value = environment.get(name, "").strip()
            stand_in = demo_secret(name)
            if not demo and value in ("", stand_in):
                wrong.append(name)
            return value or stand_in

        settings = cls(
            api_url=_url(environment, "COMMERCE_API_URL", API_URL),
            webhook_url=_url(environment, "WEBHOOK_URL", WEBHOOK_URL),
            service_token=secret(SERVICE_TOKEN),
            platform_secret=secret(platform_secret),
            verify_token=secret(verify_token),
        )
        if wrong:
            names = ", ".join(wrong)
            raise SettingsMissing(
                f"{names}: missing or a demo value; set it in .env or the environment, or set DEMO=1"
            )
        return settings


def demo_secret(name: str) -> str:
    """What stands in for a secret in demo mode: ``WHATSAPP_APP_SECRET``'s is ``demo-app-secret``."""
    if name == SERVICE_TOKEN:
        return DEMO_SERVICE_TOKEN
    return "demo-" + name.partition("_")[2].lower().replace("_", "-")


def _url(environment: Mapping[str, str], name: str, default: str) -> str:
    return (environment.get(name, "").strip() or default).rstrip("/")
