"""The settings behind every channel of Africa's Talking: one platform account, or the seller's own."""

from __future__ import annotations

from channels.provider import Setup

SETUP = Setup(
    vendor="africastalking",
    base_url="https://api.africastalking.com",
    platform_secret="AFRICASTALKING_CALLBACK_KEY",  # noqa: S106 -- the setting's name
    platform_credentials={"username": "AFRICASTALKING_USERNAME", "api_key": "AFRICASTALKING_API_KEY"},
    secret_credential="callback_key",  # noqa: S106 -- the name a credential goes by
)
