"""The bot side's settings."""

from __future__ import annotations

import pytest

from channels.settings import BotSettings, SettingsMissing

WHATSAPP = {"platform_secret": "WHATSAPP_APP_SECRET", "verify_token": "WHATSAPP_VERIFY_TOKEN"}
REAL = {"SERVICE_TOKEN": "s", "WHATSAPP_APP_SECRET": "a", "WHATSAPP_VERIFY_TOKEN": "v"}


def test_demo_mode_needs_nothing() -> None:
    settings = BotSettings.read({"DEMO": "1"}, **WHATSAPP)
    assert (settings.service_token, settings.platform_secret) == ("demo-service-token", "demo-app-secret")
    assert (settings.api_url, settings.webhook_url) == ("http://127.0.0.1:8000", "http://127.0.0.1:5005")


def test_demo_mode_still_takes_what_is_set() -> None:
    settings = BotSettings.read({"DEMO": "true", "COMMERCE_API_URL": "http://api/", **REAL}, **WHATSAPP)
    assert (settings.platform_secret, settings.api_url) == ("a", "http://api")


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("value", ["", " ", "demo"])
def test_outside_demo_mode_every_secret_must_be_set(name: str, value: str) -> None:
    demo = {"SERVICE_TOKEN": "demo-service-token", "WHATSAPP_APP_SECRET": "demo-app-secret"}
    given = demo.get(name, "demo-verify-token") if value == "demo" else value
    with pytest.raises(SettingsMissing, match=f"^{name}: missing or a demo value"):
        BotSettings.read({**REAL, name: given}, **WHATSAPP)


def test_no_secret_is_in_what_is_printed() -> None:
    printed = repr(BotSettings.read({name: f"hidden-{name}" for name in REAL}, **WHATSAPP))
    assert "hidden" not in printed


def test_a_channel_names_the_secrets_it_has_and_needs_no_others() -> None:
    real = {"SERVICE_TOKEN": "s", "TWILIO_AUTH_TOKEN": "t"}
    settings = BotSettings.read(real, platform_secret="TWILIO_AUTH_TOKEN")
    assert (settings.platform_secret, settings.verify_token) == ("t", "")
    for value in ("", "demo-auth-token"):
        with pytest.raises(SettingsMissing, match=r"^TWILIO_AUTH_TOKEN: missing"):
            BotSettings.read({**real, "TWILIO_AUTH_TOKEN": value}, platform_secret="TWILIO_AUTH_TOKEN")
