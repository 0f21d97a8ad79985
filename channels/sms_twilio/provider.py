"""Text messages through Twilio as a ``Provider``."""

from __future__ import annotations

from typing import Mapping, Optional, Tuple

from channels.messages import Media, OutboundMessage
from channels.provider import (
    Parsed,
    ProviderRequest,
    Rates,
    SenderAccount,
    SendResult,
    WebhookRequest,
)
from channels.sms_twilio import building, parsing
from channels.twilio import answering, fetching, limits, signing
from channels.twilio.setup import ACKNOWLEDGEMENT, SETUP


class SmsTwilio:
    """An account's address is its number, E.164 or a short code; the shopper's is theirs, E.164."""

    name = "sms_twilio"
    setup = SETUP
    rates = Rates(limits.SMS_PER_SECOND)
    acknowledgement = ACKNOWLEDGEMENT
    window_hours: Optional[int] = None
    is_number_based = True

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """See ``Provider.challenge``: Twilio has no handshake."""
        return None

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """See ``Provider.verify``."""
        return signing.verify(request, secrets)

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
        """See ``Provider.media_request``."""
        return fetching.request(media, account, looked_up)
