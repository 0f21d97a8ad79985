"""Every provider there is: one line each, named as its channel."""

from __future__ import annotations

from typing import Dict

from channels.instagram.provider import Instagram
from channels.provider import Provider
from channels.sms_africastalking.provider import SmsAfricasTalking
from channels.sms_twilio.provider import SmsTwilio
from channels.ussd_africastalking.provider import UssdAfricasTalking
from channels.whatsapp.provider import WhatsApp
from channels.whatsapp_twilio.provider import WhatsAppTwilio

PROVIDERS: Dict[str, Provider] = {
    provider.name: provider
    for provider in (
        WhatsApp(),
        WhatsAppTwilio(),
        Instagram(),
        SmsTwilio(),
        SmsAfricasTalking(),
        UssdAfricasTalking(),
    )
}
