"""WhatsApp through Twilio as a ``Provider``."""

from __future__ import annotations

from typing import Optional, Tuple

from channels.messages import OutboundMessage
from channels.provider import Parsed, ProviderRequest, Rates, SenderAccount, WebhookRequest
from channels.twilio import limits
from channels.twilio.dialect import Twilio
from channels.whatsapp_twilio import building, parsing


class WhatsAppTwilio(Twilio):
    """An account's address is its number, E.164; the shopper's their ``wa_id`` or business-scoped id."""

    name = "whatsapp_twilio"
    rates = Rates(limits.WHATSAPP_PER_SECOND, limits.WHATSAPP_PAIR_SECONDS, limits.WHATSAPP_PAIR_BURST)
    window_hours: Optional[int] = limits.WHATSAPP_WINDOW_HOURS

    def parse(self, request: WebhookRequest) -> Parsed:
        """See ``Provider.parse``."""
        return parsing.parse(request)

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> Tuple[ProviderRequest, ...]:
        """See ``Provider.build``."""
        return building.build(message, recipient, account)
