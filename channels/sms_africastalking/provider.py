"""Text messages through Africa's Talking as a ``Provider``."""

from __future__ import annotations

from typing import Mapping, Tuple

from channels.africastalking.dialect import AfricasTalking
from channels.messages import OutboundMessage
from channels.provider import (
    Acknowledgement,
    Parsed,
    ProviderRequest,
    Rates,
    SenderAccount,
    SendResult,
    WebhookRequest,
)
from channels.sms_africastalking import answering, building, parsing


class SmsAfricasTalking(AfricasTalking):
    """An account's address is its number or short code; the shopper's is theirs, E.164."""

    name = "sms_africastalking"
    # Africa's Talking names no rate; this is what one of their queues takes without holding others up.
    rates = Rates(account_per_second=10.0)
    acknowledgement = Acknowledgement(waits=9.0)

    def parse(self, request: WebhookRequest) -> Parsed:
        """See ``Provider.parse``."""
        return parsing.parse(request)

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> Tuple[ProviderRequest, ...]:
        """See ``Provider.build``."""
        return building.build(message, recipient, account)

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
        """See ``Provider.read``."""
        return answering.read(status, headers, body)
