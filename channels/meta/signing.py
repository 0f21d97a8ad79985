"""Who really sent a webhook: ``X-Hub-Signature-256`` and the GET handshake.

Meta signs the raw bytes with HMAC-SHA256 and the app secret ("Webhooks: getting started", Validate payloads).
The algorithm is fixed here and never taken from the header.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Mapping, Optional

from channels.provider import SignatureMissing, SignatureWrong, WebhookRequest

HEADER = "x-hub-signature-256"
SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")


def sign(body: bytes, secret: str) -> str:
    """The header's value for ``body``, as Meta makes it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify(request: WebhookRequest, secrets: Mapping[str, str]) -> str:
    """The name of the secret that signed ``request``. Raises SignatureMissing or SignatureWrong."""
    header = request.headers.get(HEADER, "").strip()
    if not header:
        raise SignatureMissing("no X-Hub-Signature-256 header")
    if not SIGNATURE.fullmatch(header):
        raise SignatureWrong("X-Hub-Signature-256 is not sha256= and 64 hex digits")
    for name, secret in secrets.items():
        if secret and hmac.compare_digest(sign(request.body, secret), header):
            return name
    raise SignatureWrong("X-Hub-Signature-256 fits none of the secrets")


def challenge(query: Mapping[str, str], verify_token: str) -> Optional[str]:
    """The handshake's answer, or None unless it carries our token."""
    given = query.get("hub.verify_token", "")
    fits = hmac.compare_digest(given.encode("utf-8", "replace"), verify_token.encode("utf-8", "replace"))
    if not (verify_token and fits and query.get("hub.mode") == "subscribe"):
        return None
    return query.get("hub.challenge")
