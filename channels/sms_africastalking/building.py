"""An ``OutboundMessage`` as Africa's Talking text messages ("Sending SMS"), one request each."""

from __future__ import annotations

from typing import Tuple

from channels.messages import OutboundMessage
from channels.provider import ProviderRequest, SenderAccount
from channels.sms.building import texts


def build(message: OutboundMessage, recipient: str, account: SenderAccount) -> Tuple[ProviderRequest, ...]:
    """The requests that say ``message``, in order; none when it says nothing."""
    headers = {"apiKey": account.credentials.get("api_key", ""), "Accept": "application/json"}
    known = {"username": account.credentials.get("username", ""), "to": recipient, "from": account.address}
    return tuple(
        ProviderRequest(
            "POST", f"{account.base_url}/version1/messaging", headers, form={**known, "message": text}
        )
        for text in texts(message)
    )
