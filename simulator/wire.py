"""What several stand-ins write alike: JSON's bytes and signatures over them."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from typing import Any

type Json = dict[str, Any]


def dump(body: Json) -> bytes:
    """A webhook's bytes the way Meta writes them: compact, and everything outside ASCII as ``\\uXXXX``."""
    return json.dumps(body, separators=(",", ":")).encode()


def meta_signature(secret: str, body: bytes) -> str:
    """The value of ``X-Hub-Signature-256`` over these very bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def twilio_signature(token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """The value of ``X-Twilio-Signature``: the address and every parameter, sorted, under HMAC-SHA1."""
    signed = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def gateway_signature(secret: str, body: bytes) -> str:
    """The value of ``X-Gateway-Signature`` over these very bytes."""
    return hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()


def trace_id() -> str:
    """An ``fbtrace_id``."""
    return "A" + secrets.token_urlsafe(16)[:22]
