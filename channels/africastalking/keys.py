"""The key in a webhook's path. Africa's Talking signs nothing, so the address itself is the secret."""

from __future__ import annotations

import hmac
from typing import Mapping

from channels.provider import SignatureMissing, SignatureWrong, WebhookRequest


def verify(request: WebhookRequest, secrets: Mapping[str, str]) -> str:
    """The name of the secret that is the path's key. Raises SignatureMissing and SignatureWrong.

    Every secret is compared, in constant time; an empty one fits nothing.
    """
    if not request.path_key:
        raise SignatureMissing("there is no key in the path")
    key = request.path_key.encode("utf-8", "surrogatepass")
    fitting = [
        name
        for name, secret in secrets.items()
        if hmac.compare_digest(key, secret.encode("utf-8", "surrogatepass")) and secret
    ]
    if not fitting:
        raise SignatureWrong("the key in the path is none of ours")
    return fitting[0]
