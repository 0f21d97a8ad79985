"""An ``OutboundMessage`` as Twilio text messages, its picture with them where pictures travel."""

from __future__ import annotations

from typing import Tuple

from channels.messages import OutboundMessage
from channels.provider import ProviderRequest, SenderAccount
from channels.sms.building import texts
from channels.twilio import limits, sending


def build(message: OutboundMessage, recipient: str, account: SenderAccount) -> Tuple[ProviderRequest, ...]:
    """The requests that say ``message``, in order; none when it says nothing."""
    takes_pictures = all(one.startswith(limits.MMS_PREFIXES) for one in (recipient, account.address))
    picture = message.image_url if takes_pictures else None
    return tuple(
        sending.request(account, account.address, recipient, body=text, media=None if place else picture)
        for place, text in enumerate(texts(message))
    )
