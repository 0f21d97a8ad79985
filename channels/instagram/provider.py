"""Instagram as a ``Provider``."""

from __future__ import annotations

from typing import Optional, Tuple

from channels.instagram import building, errors, fetching, limits, parsing
from channels.messages import Media, OutboundMessage
from channels.meta.answering import Fault
from channels.meta.dialect import Meta
from channels.meta.nodes import Json, name_at
from channels.provider import Parsed, ProviderRequest, Rates, SenderAccount, Setup, WebhookRequest
from channels.treating import Treatment


class Instagram(Meta):
    """An account's address is its professional account's id, its credential ``access_token``.

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
    window_hours: Optional[int] = limits.WINDOW_HOURS
    is_number_based = False

    def parse(self, request: WebhookRequest) -> Parsed:
        """See ``Provider.parse``."""
        return parsing.parse(request.body, request.received_at)

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> Tuple[ProviderRequest, ...]:
        """See ``Provider.build``."""
        return building.build(message, message_id, recipient, account)

    def media_request(
        self, media: Media, account: SenderAccount, looked_up: Optional[bytes]
    ) -> ProviderRequest:
        """See ``Provider.media_request``."""
        return fetching.request(media)

    def sent_id(self, answer: Json) -> Optional[str]:
        """See ``Meta.sent_id``."""
        return name_at(answer, "message_id", limits.MESSAGE_ID)

    def treatment(self, fault: Fault) -> Treatment:
        """See ``Meta.treatment``."""
        return errors.treatment(fault)
