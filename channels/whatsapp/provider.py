"""WhatsApp Cloud API as a ``Provider``."""

from __future__ import annotations

from typing import Optional, Tuple

from channels.messages import Media, OutboundMessage
from channels.meta.answering import Fault
from channels.meta.dialect import Meta
from channels.meta.nodes import Json, items, text_at
from channels.provider import Parsed, ProviderRequest, Rates, SenderAccount, Setup, WebhookRequest
from channels.treating import Treatment
from channels.whatsapp import building, errors, fetching, limits, parsing


class WhatsApp(Meta):
    """An account's address is its ``phone_number_id``, its credential ``access_token``."""

    name = "whatsapp"
    setup = Setup(
        vendor="whatsapp",
        base_url="https://graph.facebook.com",
        platform_secret="WHATSAPP_APP_SECRET",  # noqa: S106 -- the setting's name
        verify_token="WHATSAPP_VERIFY_TOKEN",  # noqa: S106 -- the setting's name
        api_version="v23.0",
    )
    rates = Rates(limits.ACCOUNT_PER_SECOND, limits.PAIR_SECONDS, limits.PAIR_BURST)
    window_hours: Optional[int] = limits.WINDOW_HOURS
    is_number_based = True

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
        return fetching.request(media, account, looked_up)

    def sent_id(self, answer: Json) -> Optional[str]:
        """See ``Meta.sent_id``."""
        found = (text_at(message, "id", limits.MESSAGE_ID) for message in items(answer, "messages"))
        return next((identity for identity in found if identity), None)

    def treatment(self, fault: Fault) -> Treatment:
        """See ``Meta.treatment``."""
        return errors.treatment(fault)
