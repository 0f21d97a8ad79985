"""A shopper's file: the webhook says where it lies, at an address that needs no token of ours."""

from __future__ import annotations

from channels.messages import Media
from channels.provider import MediaGone, ProviderRequest


def request(media: Media) -> ProviderRequest:
    """See ``Provider.media_request``."""
    if not media.url:
        raise MediaGone("the file lies nowhere")
    return ProviderRequest("GET", media.url, {}, is_file=True)
