"""Text messages through Africa's Talking as a ``Provider``."""

from __future__ import annotations

from typing import Mapping, Optional, Tuple

from channels.africastalking import keys
from channels.africastalking.setup import SETUP
from channels.messages import Media, OutboundMessage
from channels.provider import (
    Acknowledgement,
    MediaGone,
    Parsed,
    ProviderRequest,
    Rates,
    SenderAccount,
    SendResult,
    WebhookRequest,
)
from channels.sms_africastalking import answering, building, parsing


class SmsAfricasTalking:
    """An account's address is its number or short code; the shopper's is theirs, E.164."""

    name = "sms_africastalking"
    setup = SETUP
    # Africa's Talking names no rate; this is what one of their queues takes without holding others up.
    rates = Rates(account_per_second=10.0)
    acknowledgement = Acknowledgement()
    window_hours: Optional[int] = None
    is_number_based = True

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """See ``Provider.challenge``: Africa's Talking has no handshake."""
        return None

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """See ``Provider.verify``."""
        return keys.verify(request, secrets)

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

    def media_request(
        self, media: Media, account: SenderAccount, looked_up: Optional[bytes]
    ) -> ProviderRequest:
        """See ``Provider.media_request``: a text message has no files."""
        raise MediaGone("text messages carry no files")
