"""A shopper's file: its id is looked up at the Graph API, which answers where it lies for five minutes.

Meta's "Media" reference, "Retrieve media URL" and "Download media": both requests carry the access token.
"""

from __future__ import annotations

from typing import Optional
from urllib.parse import quote

from channels import payload
from channels.messages import Media
from channels.provider import MalformedWebhook, MediaGone, ProviderRequest, SenderAccount


def request(media: Media, account: SenderAccount, looked_up: Optional[bytes]) -> ProviderRequest:
    """See ``Provider.media_request``."""
    headers = {"Authorization": f"Bearer {account.credentials.get('access_token', '')}"}
    if looked_up is None and media.provider_media_id:
        url = f"{account.base_url}/{account.api_version}/{quote(media.provider_media_id, safe='')}"
        return ProviderRequest("GET", url, headers)
    return ProviderRequest("GET", _address(looked_up), headers, is_file=True)


def _address(looked_up: Optional[bytes]) -> str:
    try:
        url = payload.read_object(looked_up or b"").get("url")
    except MalformedWebhook as fault:
        raise MediaGone(str(fault)) from fault
    if not isinstance(url, str) or not url:
        raise MediaGone("the answer names no address")
    return url
