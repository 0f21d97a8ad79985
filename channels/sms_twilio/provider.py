"""Text messages through Twilio as a ``Provider``."""

from __future__ import annotations

from typing import Optional, Tuple

from channels.messages import OutboundMessage
from channels.provider import Parsed, ProviderRequest, Rates, SenderAccount, WebhookRequest
from channels.sms_twilio import building, parsing
from channels.twilio import limits
from channels.twilio.dialect import Twilio


class SmsTwilio(Twilio):
    """An account's address is its number, E.164 or a short code; the shopper's is theirs, E.164."""

    name = "sms_twilio"
    rates = Rates(limits.SMS_PER_SECOND)
    window_hours: Optional[int] = None

    def parse(self, request: WebhookRequest) -> Parsed:
        """See ``Provider.parse``."""
        return parsing.parse(request)

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> Tuple[ProviderRequest, ...]:
        """See ``Provider.build``."""
        return building.build(message, recipient, account)
