"""The settings behind every channel of Twilio: the platform's account, or the seller's own."""

from __future__ import annotations

from channels.provider import Acknowledgement, Setup

SETUP = Setup(
    vendor="twilio",
    base_url="https://api.twilio.com",
    platform_secret="TWILIO_AUTH_TOKEN",  # noqa: S106 -- the setting's name
    platform_credentials={"account_sid": "TWILIO_ACCOUNT_SID", "auth_token": "TWILIO_AUTH_TOKEN"},
    secret_credential="auth_token",  # noqa: S106 -- the name a credential goes by
)
# Any text in the answer would be sent to the shopper. Twilio waits for 15 s ("Webhooks connection
# overrides"), and comes again, if told to, for a connection that failed.
ACKNOWLEDGEMENT = Acknowledgement(
    body='<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
    content_type="text/xml; charset=utf-8",
    waits=12.0,
)
