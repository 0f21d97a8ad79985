"""What the channels of Africa's Talking do alike as ``Provider``."""

from __future__ import annotations

from typing import Mapping, Optional

from channels.africastalking import keys
from channels.africastalking.setup import SETUP
from channels.messages import Media
from channels.provider import MediaGone, ProviderRequest, SenderAccount, WebhookRequest


class AfricasTalking:
    """Known by the key in the path, without a handshake or files. See ``Provider``."""

    setup = SETUP
    window_hours: Optional[int] = None
    is_number_based = True

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """See ``Provider.challenge``: Africa's Talking has no handshake."""
        return None

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """See ``Provider.verify``."""
        return keys.verify(request, secrets)

    def media_request(
        self, media: Media, account: SenderAccount, looked_up: Optional[bytes]
    ) -> ProviderRequest:
        """See ``Provider.media_request``: feature phones send no files."""
        raise MediaGone("no file comes through Africa's Talking")
