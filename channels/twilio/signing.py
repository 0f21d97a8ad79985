"""Who really sent a webhook: ``X-Twilio-Signature``.

Twilio's "Webhooks security": HMAC-SHA1 with the auth token, in base64, over the address it posted to and, of
a form, every name and value, sorted; a value that comes twice under a name counts once. Of any other body the
address has the digest, as ``bodySHA256``. Twilio's own validators try the address with its port and without.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Iterable, Iterator, Mapping, Tuple
from urllib.parse import SplitResult, parse_qs, urlsplit

from channels import forms
from channels.provider import MalformedWebhook, SignatureMissing, SignatureWrong, WebhookRequest

HEADER = "x-twilio-signature"
DIGEST = "bodySHA256"
PORTS = {"https": 443, "http": 80}

Pairs = Iterable[Tuple[str, str]]


def sign(url: str, pairs: Pairs, token: str) -> str:
    """The header's value for a form posted to ``url``, as Twilio makes it."""
    signed = url + "".join(name + value for name, value in sorted(set(pairs)))
    made = hmac.new(token.encode(), signed.encode("utf-8", "surrogateescape"), hashlib.sha1)
    return base64.b64encode(made.digest()).decode()


def verify(request: WebhookRequest, secrets: Mapping[str, str]) -> str:
    """The name of the secret that signed ``request``. Raises SignatureMissing or SignatureWrong."""
    header = request.headers.get(HEADER, "").strip()
    if not header:
        raise SignatureMissing("no X-Twilio-Signature header")
    given = header.encode("utf-8", "replace")
    for url, pairs in _signed(request):
        for name, secret in secrets.items():
            if secret and hmac.compare_digest(sign(url, pairs, secret).encode(), given):
                return name
    raise SignatureWrong("X-Twilio-Signature fits none of the secrets")


def _signed(request: WebhookRequest) -> Iterator[Tuple[str, Pairs]]:
    """What may have been signed: each address the request may have been posted to, and the form with it."""
    try:
        pairs: Pairs = forms.pairs(request.body)
    except MalformedWebhook as fault:
        raise SignatureWrong(str(fault)) from fault
    digest = hashlib.sha256(request.body).hexdigest()
    for url in request.urls:
        parts = urlsplit(url)
        named = parse_qs(parts.query).get(DIGEST)
        if named and not hmac.compare_digest(named[0].lower().encode("utf-8", "replace"), digest.encode()):
            continue
        for variant in _variants(parts, url):
            yield variant, () if named else pairs


def _variants(parts: SplitResult, url: str) -> Tuple[str, ...]:
    """The address as it is, without its port, and with the one that its scheme means."""
    host = parts.netloc.rpartition("@")
    name = host[2].partition(":")[0] if not host[2].startswith("[") else host[2].partition("]")[0] + "]"
    try:
        port = parts.port or PORTS.get(parts.scheme, 443)
    except ValueError:
        return (url,)
    without = parts._replace(netloc=host[0] + host[1] + name)
    with_port = parts._replace(netloc=f"{host[0]}{host[1]}{name}:{port}")
    return tuple(dict.fromkeys((url, without.geturl(), with_port.geturl())))
