"""The bot side's settings."""

from __future__ import annotations

import pytest

from channels.provider import Setup
from channels.registry import PROVIDERS
from channels.settings import BotSettings, SettingsMissing, demo_secret, open_channels

WHATSAPP = PROVIDERS["whatsapp"].setup
REAL = {"SERVICE_TOKEN": "s", "WHATSAPP_APP_SECRET": "a", "WHATSAPP_VERIFY_TOKEN": "v"}


def test_demo_mode_needs_nothing() -> None:
    settings = BotSettings.read({"DEMO": "1"}, WHATSAPP)
    assert (settings.service_token, settings.platform_secret) == ("demo-service-token", "demo-app-secret")
    assert (settings.api_url, settings.webhook_urls) == ("http://127.0.0.1:8000", ("http://127.0.0.1:5005",))


def test_demo_mode_still_takes_what_is_set() -> None:
    settings = BotSettings.read({"DEMO": "true", "COMMERCE_API_URL": "http://api/", **REAL}, WHATSAPP)
    assert (settings.platform_secret, settings.api_url) == ("a", "http://api")


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("value", ["", " ", "demo"])
def test_outside_demo_mode_every_secret_must_be_set(name: str, value: str) -> None:
    demo = {"SERVICE_TOKEN": "demo-service-token", "WHATSAPP_APP_SECRET": "demo-app-secret"}
    given = demo.get(name, "demo-verify-token") if value == "demo" else value
    with pytest.raises(SettingsMissing, match=f"^{name}: missing or a demo value"):
        BotSettings.read({**REAL, name: given}, WHATSAPP)


def test_no_secret_is_in_what_is_printed() -> None:
    printed = repr(BotSettings.read({name: f"hidden-{name}" for name in REAL}, WHATSAPP))
    assert "hidden" not in printed


def test_a_channel_names_the_secrets_it_has_and_needs_no_others() -> None:
    real = {"SERVICE_TOKEN": "s", "TWILIO_AUTH_TOKEN": "t"}
    setup = Setup("twilio", "https://twilio.example", "TWILIO_AUTH_TOKEN")
    settings = BotSettings.read(real, setup)
    assert (settings.platform_secret, settings.verify_token) == ("t", "")
    for value in ("", "demo-auth-token"):
        with pytest.raises(SettingsMissing, match=r"^TWILIO_AUTH_TOKEN: missing"):
            BotSettings.read(
                {**real, "TWILIO_AUTH_TOKEN": value},
                Setup("twilio", "https://twilio.example", "TWILIO_AUTH_TOKEN"),
            )


def test_behind_a_proxy_the_public_address_counts_too() -> None:
    given = {"DEMO": "1", "WEBHOOK_URL": "https://in.example/", "PUBLIC_URL": "https://shop.example"}
    assert BotSettings.read(given).webhook_urls == ("https://in.example", "https://shop.example")


def test_every_channel_is_open_unless_some_are_named() -> None:
    known = {"whatsapp": 1, "instagram": 2}
    assert open_channels({}, known) == ("whatsapp", "instagram")
    assert open_channels({"CHANNELS": " instagram ,"}, known) == ("instagram",)
    with pytest.raises(SettingsMissing, match="no such channel as sms; there are whatsapp, instagram"):
        open_channels({"CHANNELS": "sms"}, known)


def test_the_demo_account_of_twilio_looks_like_one() -> None:
    assert demo_secret("TWILIO_ACCOUNT_SID") == "ACdemo00000000000000000000000000000"
