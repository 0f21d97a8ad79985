"""What every provider's folder gives: five pure functions over bytes and dataclasses.

A provider opens no socket, reads no clock and no environment, and knows neither Rasa nor the database. The
conformance tests in ``tests/channels/test_conformance.py`` hold every registered provider to this page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Dict, Mapping, Optional, Protocol, Tuple

from channels.messages import InboundMessage, OutboundMessage, Receipt


class ProviderError(Exception):
    """A webhook that is not what the provider sends. ``status`` is the HTTP answer it gets."""

    status = 400


class SignatureMissing(ProviderError):
    """No signature came with the request."""

    status = 401


class SignatureWrong(ProviderError):
    """The signature fits none of the secrets."""

    status = 403


class MalformedWebhook(ProviderError):
    """Not a body this provider would ever send."""

    status = 400


@dataclass(frozen=True)
class WebhookRequest:
    """A webhook as it came in. Header names are lower case; ``url`` is the public address it came to."""

    body: bytes
    headers: Mapping[str, str]
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    path_key: Optional[str] = None


@dataclass(frozen=True)
class Parsed:
    """Everything one webhook held; ``quarantined`` are the unreadable parts, whole, each with the reason."""

    messages: Tuple[InboundMessage, ...] = ()
    receipts: Tuple[Receipt, ...] = ()
    quarantined: Tuple[Tuple[Dict[str, Any], str], ...] = ()


@dataclass(frozen=True)
class SenderAccount:
    """The sending side of a channel account: its address, the base address, its decrypted credentials."""

    address: str
    base_url: str
    credentials: Mapping[str, str]
    api_version: str = ""


@dataclass(frozen=True)
class ProviderRequest:
    """One HTTP request to the provider. ``json_body`` or ``form`` is set, never both."""

    method: str
    url: str
    headers: Mapping[str, str]
    json_body: Optional[Dict[str, Any]] = None
    form: Optional[Dict[str, str]] = None


class SendOutcome(str, Enum):
    """What became of a send. ``RETRY`` may succeed later; ``REFUSED`` never will."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True)
class SendResult:
    """A provider's answer to one request. ``retry_after`` in seconds when the provider named a time.

    ``most_tries`` says after how many a ``RETRY`` is hopeless, when that is fewer than usual.
    """

    outcome: SendOutcome
    provider_message_id: Optional[str] = None
    error_code: Optional[str] = None
    error_text: Optional[str] = None
    retry_after: Optional[float] = None
    tell_seller: bool = False
    most_tries: Optional[int] = None


class Provider(Protocol):
    """A provider's dialect. ``name`` is its folder, its channel name and its webhook path."""

    name: str

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """The text that answers the provider's GET handshake, or None when the token is wrong."""
        ...

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """The name of the secret the signature was made with.

        ``secrets`` maps a name (``platform`` or a channel account's id) to a secret. Compares in constant
        time over the raw bytes. Raises SignatureMissing or SignatureWrong.
        """
        ...

    def parse(self, body: bytes) -> Parsed:
        """Every message and receipt in the body, in order. Raises MalformedWebhook when it is alien.

        One unreadable part never costs the others: it comes back quarantined.
        """
        ...

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> Tuple[ProviderRequest, ...]:
        """The requests that say ``message`` to ``recipient``, in order, within the provider's limits.

        No text and no choice is lost: what does not fit one request goes into more. Choices carry
        ``choice_id(message_id, place)``. Deterministic, so that a retry of one part is the same part.
        """
        ...

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
        """What the provider's HTTP answer to one request means. Never raises."""
        ...
