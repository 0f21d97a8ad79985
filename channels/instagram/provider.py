"""Instagram as a ``Provider``."""

from __future__ import annotations

from typing import Mapping, Optional, Tuple

from channels.instagram import building, errors, fetching, limits, parsing
from channels.messages import Media, OutboundMessage
from channels.meta import answering, signing
from channels.meta.nodes import Json, name_at
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


class Instagram:
    """Meta's dialect. An account's address is its professional account's id, its credential ``access_token``.

    A shopper's address is their Instagram-scoped id, good with this account alone.
    """

    name = "instagram"
    setup = Setup(
        vendor="instagram",
        base_url="https://graph.instagram.com",
        platform_secret="INSTAGRAM_APP_SECRET",  # noqa: S106 -- the setting's name
        verify_token="INSTAGRAM_VERIFY_TOKEN",  # noqa: S106 -- the setting's name
        api_version="v23.0",
    )
    rates = Rates(limits.ACCOUNT_PER_SECOND)
    acknowledgement = Acknowledgement()
    window_hours: Optional[int] = limits.WINDOW_HOURS
    is_number_based = False

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
        self,
        media: Media,
        account: SenderAccount,
        looked_up: Optional[bytes],
    ) -> ProviderRequest:
        """See ``Provider.media_request``."""
        return fetching.request(media)


def _sent_id(answer: Json) -> Optional[str]:
    return name_at(answer, "message_id", limits.MESSAGE_ID)
