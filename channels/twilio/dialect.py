"""What Twilio's channels do alike as ``Provider``; each brings its rates, its parsing and its building."""

from __future__ import annotations

from typing import Mapping, Optional

from channels.messages import Media
from channels.provider import ProviderRequest, SenderAccount, SendResult, WebhookRequest
from channels.twilio import answering, fetching, signing
from channels.twilio.setup import ACKNOWLEDGEMENT, SETUP


class Twilio:
    """Signed over the address and the form, without a handshake. See ``Provider``."""

    setup = SETUP
    acknowledgement = ACKNOWLEDGEMENT
    is_number_based = True

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """See ``Provider.challenge``: Twilio has no handshake."""
        return None

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """See ``Provider.verify``."""
        return signing.verify(request, secrets)

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
        """See ``Provider.read``."""
        return answering.read(status, headers, body)

    def media_request(
        self, media: Media, account: SenderAccount, looked_up: Optional[bytes]
    ) -> ProviderRequest:
        """See ``Provider.media_request``."""
        return fetching.request(media, account, looked_up)
