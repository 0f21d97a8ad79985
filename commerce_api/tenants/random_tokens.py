"""Random tokens of sessions and links: given out once, and kept as a hash alone."""

import hashlib
import secrets

TOKEN_BYTES = 32
LONGEST = 64


def make() -> tuple[str, bytes]:
    """A token nobody had before, and its digest."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, digest(token)


def digest(token: str) -> bytes:
    """What is stored of a token. It has 256 random bits, so that a plain SHA-256 can't be guessed back."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).digest()
