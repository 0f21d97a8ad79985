"""Outside demo mode a missing or demo secret stops the process with a sentence that names it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from channels.provider import Setup
from channels.registry import PROVIDERS
from channels.settings import SendingSettings
from commerce_api.core import settings
from commerce_api.core.settings import DEMO_SECRETS, Settings, SettingsError

REAL = {
    "CHANNELS": "whatsapp",
    "DATABASE_URL": "postgresql://app:pw@db/commerce",
    "SECRETS_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "SERVICE_TOKEN": "real-service-token",
    "PAYMENT_GATEWAY_SECRET": "real-gateway-secret",
    "PAYMENT_GATEWAY_BASE_URL": "https://gateway.example",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No settings from around the test."""
    monkeypatch.chdir(tmp_path)
    channels = ("channels", "whatsapp_api_base_url", "whatsapp_api_version")
    for name in (*Settings.model_fields, *DEMO_SECRETS, *channels):
        monkeypatch.delenv(name.upper(), raising=False)
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


def _set(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in {**REAL, **changes}.items():
        monkeypatch.setenv(name, value)


def test_real_settings_load_and_fall_back_to_the_real_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch)
    loaded = settings.load()
    assert loaded.channels["whatsapp"].base_url == "https://graph.facebook.com"
    assert loaded.master_key == bytes(range(32))


@pytest.mark.parametrize("name", [*DEMO_SECRETS])
@pytest.mark.parametrize("is_demo_value", [True, False])
def test_a_missing_or_demo_secret_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, is_demo_value: bool
) -> None:
    _set(monkeypatch, **{name.upper(): DEMO_SECRETS[name] if is_demo_value else ""})
    with pytest.raises(SettingsError, match=rf"{name.upper()}: missing or a demo value") as caught:
        settings.load()
    others = {other.upper() for other in DEMO_SECRETS} - {name.upper()}
    assert not any(other in str(caught.value) for other in others)


def test_every_missing_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", REAL["DATABASE_URL"])
    with pytest.raises(SettingsError) as caught:
        settings.load()
    for name in set(DEMO_SECRETS) - {"payment_gateway_secret"}:
        assert name.upper() in str(caught.value)


def test_no_secret_is_told_in_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, SERVICE_TOKEN="", PAYMENT_GATEWAY_SECRET="very-private-value")
    with pytest.raises(SettingsError) as caught:
        settings.load()
    assert "very-private-value" not in str(caught.value)


def test_a_missing_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "1")
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        settings.load()


@pytest.mark.parametrize("key", ["not base64!", "c2hvcnQ=", "A" * 43])
@pytest.mark.parametrize("demo", ["0", "1"])
def test_a_secrets_key_of_the_wrong_form_is_refused(
    monkeypatch: pytest.MonkeyPatch, key: str, demo: str
) -> None:
    _set(monkeypatch, SECRETS_KEY=key, DEMO=demo)
    with pytest.raises(SettingsError, match="SECRETS_KEY: must be base64 of 32 random bytes"):
        settings.load()


def test_demo_mode_fills_in_the_demo_secrets_and_the_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("DATABASE_URL", REAL["DATABASE_URL"])
    loaded = settings.load()
    for name, demo in DEMO_SECRETS.items():
        assert getattr(loaded, name).get_secret_value() == demo
    assert loaded.channels["whatsapp"].base_url == "http://127.0.0.1:8010/whatsapp"
    assert loaded.payment_gateway_base_url == "http://127.0.0.1:8010/gateway"


def test_without_a_payment_gateway_it_starts_and_takes_no_pay_links(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, PAYMENT_GATEWAY_BASE_URL="", PAYMENT_GATEWAY_SECRET="")
    assert not settings.load().takes_pay_links
    _set(monkeypatch)
    settings.load.cache_clear()
    assert settings.load().takes_pay_links


@pytest.fixture
def newone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider of a vendor that keeps the platform's own credentials."""
    setup = Setup("newone", "https://newone.example", platform_credentials={"api_key": "NEWONE_API_KEY"})
    monkeypatch.setitem(PROVIDERS, "newone", SimpleNamespace(setup=setup))


@pytest.mark.usefixtures("newone")
def test_a_channel_sends_where_and_as_whom_its_own_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, WHATSAPP_API_VERSION="v99.0", NEWONE_API_KEY="k", CHANNELS="whatsapp, newone")
    channels = settings.load().channels
    assert channels["newone"] == SendingSettings("https://newone.example", "", {"api_key": "k"})
    assert channels["whatsapp"] == SendingSettings("https://graph.facebook.com", "v99.0", {})
    assert set(channels) == {"whatsapp", "newone"}


@pytest.mark.usefixtures("newone")
@pytest.mark.parametrize("value", ["", "demo-api-key"])
def test_an_open_channel_without_its_credentials_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    _set(monkeypatch, NEWONE_API_KEY=value, CHANNELS="newone")
    with pytest.raises(SettingsError, match="NEWONE_API_KEY: missing or a demo value"):
        settings.load()
    _set(monkeypatch, CHANNELS="whatsapp")
    assert set(settings.load().channels) == {"whatsapp"}


def test_a_channel_that_does_not_exist_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, CHANNELS="whatsap")
    with pytest.raises(SettingsError, match="CHANNELS: no such channel as whatsap; there are"):
        settings.load()


PROVIDER = {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "desk", "OIDC_CLIENT_SECRET": "hush"}


@pytest.mark.parametrize("missing", PROVIDER)
def test_half_a_provider_to_sign_in_with_stops_the_process(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    _set(monkeypatch, **{**PROVIDER, missing: ""})
    with pytest.raises(SettingsError, match=f"{missing}: missing, while other settings of the provider"):
        settings.load()


def test_a_provider_is_spoken_to_by_https_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, **PROVIDER)
    assert settings.load().oidc_issuer == "https://id.example"
    for issuer in ("http://id.example", "http://127.0.0.1.evil.example"):
        _set(monkeypatch, **{**PROVIDER, "OIDC_ISSUER": issuer})
        settings.load.cache_clear()
        with pytest.raises(SettingsError, match="OIDC_ISSUER: must begin with https://"):
            settings.load()
