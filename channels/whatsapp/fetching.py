"""A shopper's file: its id is looked up at the Graph API, which answers where it lies for five minutes.

Meta's "Media" reference, "Retrieve media URL" and "Download media": both requests carry the access token.
Newer webhooks name an address beside the id; it has aged by the time a file is fetched, so the id is asked.
"""

from __future__ import annotations

import re
from typing import Optional

from channels import payload
from channels.messages import Media
from channels.provider import MalformedWebhook, MediaGone, ProviderRequest, SenderAccount

IDENTITY = re.compile(r"[A-Za-z0-9_:-]+")


def request(media: Media, account: SenderAccount, looked_up: Optional[bytes]) -> ProviderRequest:
    """See ``Provider.media_request``."""
    headers = {"Authorization": f"Bearer {account.credentials.get('access_token', '')}"}
    if looked_up is None and media.provider_media_id:
        identity = media.provider_media_id
        if not IDENTITY.fullmatch(identity):
            raise MediaGone("an id Meta would not give")
        url = "/".join(part for part in (account.base_url, account.api_version, identity) if part)
        return ProviderRequest("GET", url, headers)
    address = media.url if looked_up is None else _address(looked_up)
    if not address:
        raise MediaGone("the file lies nowhere")
    return ProviderRequest("GET", address, headers, is_file=True)


def _address(looked_up: bytes) -> Optional[str]:
    try:
        url = payload.read_object(looked_up).get("url")
    except MalformedWebhook as fault:
        raise MediaGone(str(fault)) from fault
    return url if isinstance(url, str) else None
