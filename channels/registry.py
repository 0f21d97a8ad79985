"""Every provider there is: one line each, named as its channel."""

from __future__ import annotations

from typing import Dict

from channels.provider import Provider
from channels.ussd_africastalking.provider import UssdAfricasTalking
from channels.whatsapp.provider import WhatsApp

PROVIDERS: Dict[str, Provider] = {provider.name: provider for provider in (WhatsApp(), UssdAfricasTalking())}
