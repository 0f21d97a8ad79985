"""WhatsApp Cloud API as a ``Provider``."""

from __future__ import annotations

from typing import Mapping, Optional, Tuple

from channels.messages import Media, OutboundMessage
from channels.meta import answering, signing
from channels.meta.nodes import Json, items, text_at
from channels.provider import (
    Acknowledgement,
    Parsed,
    ProviderRequest,
    Rates,
    SenderAccount,
    SendResult,
    Setup,
    WebhookRequest,
)
from channels.whatsapp import building, errors, fetching, limits, parsing


class WhatsApp:
    """Meta's dialect. An account's address is its ``phone_number_id``, its credential ``access_token``."""

    name = "whatsapp"
    setup = Setup(
        vendor="whatsapp",
        base_url="https://graph.facebook.com",
        platform_secret="WHATSAPP_APP_SECRET",  # noqa: S106 -- the setting's name
        verify_token="WHATSAPP_VERIFY_TOKEN",  # noqa: S106 -- the setting's name
        api_version="v23.0",
    )
    rates = Rates(limits.ACCOUNT_PER_SECOND, limits.PAIR_SECONDS, limits.PAIR_BURST)
    acknowledgement = Acknowledgement()
    window_hours: Optional[int] = limits.WINDOW_HOURS
    is_number_based = True

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """See ``Provider.challenge``."""
        return signing.challenge(query, verify_token)

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """See ``Provider.verify``."""
        return signing.verify(request, secrets)

    def parse(self, request: WebhookRequest) -> Parsed:
        """See ``Provider.parse``."""
        return parsing.parse(request.body, request.received_at)

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> Tuple[ProviderRequest, ...]:
        """See ``Provider.build``."""
        return building.build(message, message_id, recipient, account)

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
        """See ``Provider.read``."""
        return answering.read(status, headers, body, sent_id=_sent_id, treatment=errors.treatment)

    def media_request(
        self, media: Media, account: SenderAccount, looked_up: Optional[bytes]
    ) -> ProviderRequest:
        """See ``Provider.media_request``."""
        return fetching.request(media, account, looked_up)


def _sent_id(answer: Json) -> Optional[str]:
    found = (text_at(message, "id", limits.MESSAGE_ID) for message in items(answer, "messages"))
    return next((identity for identity in found if identity), None)
