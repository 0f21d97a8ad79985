"""Every setting, read once from the environment and ``.env``; ``.env.example`` lists them for people.

Outside demo mode a missing or demo secret stops the process at start, with a sentence saying which.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from email.utils import parseaddr
from functools import lru_cache
from typing import Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from channels.registry import PROVIDERS
from channels.settings import (
    DEMO_SERVICE_TOKEN,
    SIMULATOR_URL,
    WEBHOOK_URL,
    SendingSettings,
    SettingsMissing,
    open_channels,
)

DEMO_SECRETS = {
    "secrets_key": "ZGVtby1zZWNyZXRzLWtleS1ub3QtZm9yLXJlYWwtdSE=",
    "service_token": DEMO_SERVICE_TOKEN,
    "payment_gateway_secret": "demo-gateway-secret",
}
SECRETS_KEY_BYTES = 32


class SettingsError(ValueError):
    """The settings can't be used; the text names each one at fault and what to do."""


class Settings(BaseSettings):
    """The settings of every process of the API. URLs carry no trailing slash.

    Those of the channels are kept apart: which there are, and what they need, their providers say.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    demo: bool = False
    database_url: SecretStr
    public_url: str = "http://127.0.0.1:8000"
    service_token: SecretStr = SecretStr("")
    secrets_key: SecretStr = Field(SecretStr(""), description="base64 of 32 random bytes")
    payment_gateway_base_url: str = ""
    payment_gateway_secret: SecretStr = SecretStr("")
    webhook_url: str = Field(WEBHOOK_URL, description="the Rasa server's address as providers know it")
    twilio_whatsapp_number: str = Field("", description="the platform's own sender, E.164")
    rasa_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    database_pool_size: int = 10
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = Field("your provider", description="on the button of the sign-in page")
    mail_from: str = Field("", description="the sender of letters: an address, or `Name <address>`")
    _channels: Mapping[str, SendingSettings] = PrivateAttr(default_factory=dict)

    @property
    def channels(self) -> Mapping[str, SendingSettings]:
        """The channels that are open, with where and as whom the platform sends."""
        return self._channels

    @property
    def master_key(self) -> bytes:
        """The 32 bytes of ``SECRETS_KEY``, from which every key is derived (``core/secrets.py``)."""
        return base64.b64decode(self.secrets_key.get_secret_value(), validate=True)

    @property
    def takes_pay_links(self) -> bool:
        """Whether there is a payment gateway to make pay links with."""
        return bool(self.payment_gateway_base_url)

    @property
    def sends_mail(self) -> bool:
        """Whether there is a server to send letters by."""
        return bool(self.smtp_host)

    @model_validator(mode="after")
    def _check_oidc(self) -> Self:
        needed = {
            "OIDC_ISSUER": self.oidc_issuer,
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret.get_secret_value(),
        }
        missing = [name for name, value in needed.items() if not value]
        if 0 < len(missing) < len(needed):
            raise ValueError(f"{', '.join(missing)}: missing, while other settings of the provider are given")
        is_here = urlsplit(self.oidc_issuer).hostname in ("127.0.0.1", "::1", "localhost")
        if self.oidc_issuer and not is_here and not self.oidc_issuer.startswith("https://"):
            raise ValueError("OIDC_ISSUER: must begin with https://")
        return self

    @model_validator(mode="after")
    def _check_mail(self) -> Self:
        password = self.smtp_password.get_secret_value()
        if not any((self.smtp_host, self.smtp_username, password, self.mail_from)):
            return self
        needed = {"SMTP_HOST": self.smtp_host, "MAIL_FROM": "@" in parseaddr(self.mail_from)[1]}
        if self.smtp_username or password:
            needed |= {"SMTP_USERNAME": self.smtp_username, "SMTP_PASSWORD": password}
        wrong = [name for name, value in needed.items() if not value]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: missing or wrong, while other settings of mail are given")
        if password and self.smtp_security == "none":
            raise ValueError("SMTP_SECURITY: `none` would send SMTP_PASSWORD in the clear")
        return self

    @model_validator(mode="after")
    def _fill_and_check(self) -> Self:
        if self.demo:
            self._fill_for_demo()
            self._check_secrets_key()
            self._read_channels()
            return self
        wrong = [
            name
            for name, demo in DEMO_SECRETS.items()
            if getattr(self, name).get_secret_value() in ("", demo)
            and (name != "payment_gateway_secret" or self.takes_pay_links)
        ]
        if wrong:
            names = ", ".join(name.upper() for name in wrong)
            raise ValueError(
                f"{names}: missing or a demo value; set it in .env or the environment, or set DEMO=1"
            )
        self._check_secrets_key()
        self._read_channels()
        return self

    def _read_channels(self) -> None:
        """Reads what the open channels need. Raises ValueError naming what is missing."""
        file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
        environment = {**file, **os.environ, "DEMO": "1" if self.demo else "0"}
        try:
            named = open_channels(environment, PROVIDERS)
            self._channels = {
                name: SendingSettings.read(environment, PROVIDERS[name].setup) for name in named
            }
        except SettingsMissing as missing:
            raise ValueError(str(missing)) from missing

    def _check_secrets_key(self) -> None:
        try:
            fits = len(self.master_key) == SECRETS_KEY_BYTES
        except (binascii.Error, ValueError):
            fits = False
        if not fits:
            raise ValueError(
                "SECRETS_KEY: must be base64 of 32 random bytes, such as `openssl rand -base64 32` prints"
            )

    def _fill_for_demo(self) -> None:
        for name, demo in DEMO_SECRETS.items():
            if not getattr(self, name).get_secret_value():
                object.__setattr__(self, name, SecretStr(demo))
        if not self.payment_gateway_base_url:
            object.__setattr__(self, "payment_gateway_base_url", f"{SIMULATOR_URL}/gateway")


@lru_cache
def load() -> Settings:
    """The settings of this process. Raises SettingsError naming every setting that is missing or wrong."""
    try:
        return Settings()  # type: ignore[call-arg]  # pydantic-settings fills the fields from the environment
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, e['loc'])).upper()} {e['msg']}".strip() for e in error.errors())
        raise SettingsError("The settings can't be used: " + "; ".join(faults)) from error
