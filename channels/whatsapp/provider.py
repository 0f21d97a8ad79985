"""WhatsApp Cloud API as a ``Provider``."""

from __future__ import annotations

from typing import Mapping, Optional, Tuple

from channels.messages import OutboundMessage
from channels.provider import Parsed, ProviderRequest, SenderAccount, SendResult, WebhookRequest
from channels.whatsapp import answering, building, parsing, signing


class WhatsApp:
    """Meta's dialect. An account's address is its ``phone_number_id``, its credential ``access_token``."""

    name = "whatsapp"

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """See ``Provider.challenge``."""
        return signing.challenge(query, verify_token)

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """See ``Provider.verify``."""
        return signing.verify(request, secrets)

    def parse(self, body: bytes) -> Parsed:
        """See ``Provider.parse``."""
        return parsing.parse(body)

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> Tuple[ProviderRequest, ...]:
        """See ``Provider.build``."""
        return building.build(message, message_id, recipient, account)

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
        """See ``Provider.read``."""
        return answering.read(status, headers, body)
