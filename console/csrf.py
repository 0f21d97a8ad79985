"""The token every form and htmx request carries, so that no other site can act in a person's name.

It follows from the browser's own cookie under a key of ours; each page shows it under another mask, since
what is compressed together with a fixed secret can be guessed from its length.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

BYTES = 32


class FormTokens:
    """Makes and checks tokens under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, cookie: str) -> str:
        """A token for whoever has the cookie; another text each time."""
        mask = secrets.token_bytes(BYTES)
        return base64.urlsafe_b64encode(mask + _mixed(mask, self._of(cookie))).decode()

    def fits(self, token: str, cookie: str) -> bool:
        """Whether the token was made for this cookie; compared in constant time."""
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except (binascii.Error, ValueError):
            return False
        if len(raw) != 2 * BYTES:
            return False
        return hmac.compare_digest(_mixed(raw[:BYTES], raw[BYTES:]), self._of(cookie))

    def _of(self, cookie: str) -> bytes:
        return hmac.new(self._key, cookie.encode(errors="surrogateescape"), hashlib.sha256).digest()


def _mixed(mask: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(mask, other, strict=True))
