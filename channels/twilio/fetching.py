"""A shopper's file: it lies at the address that came with the message.

Twilio's "Media resource": the address is Twilio's own and takes the account's credentials, then leads on to
where the file is stored.
"""

from __future__ import annotations

from typing import Dict, Optional
from urllib.parse import urlsplit

from channels.messages import Media
from channels.provider import MediaGone, ProviderRequest, SenderAccount
from channels.twilio.sending import authorization

OWN = ".twilio.com"


def request(media: Media, account: SenderAccount, looked_up: Optional[bytes]) -> ProviderRequest:
    """See ``Provider.media_request``."""
    if not media.url:
        raise MediaGone("the message named no address")
    headers: Dict[str, str] = authorization(account) if _is_twilios(media.url, account.base_url) else {}
    return ProviderRequest("GET", media.url, headers, is_file=True)


def _is_twilios(url: str, base_url: str) -> bool:
    """Whether the account's credentials may be shown there, and nowhere else."""
    try:
        asked, base = urlsplit(url), urlsplit(base_url)
        is_base = (asked.scheme, asked.hostname, asked.port) == (base.scheme, base.hostname, base.port)
        return is_base or (asked.scheme == "https" and (asked.hostname or "").endswith(OWN))
    except ValueError:
        return False
