"""What every provider's folder gives: five pure functions over bytes and dataclasses.

A provider opens no socket, reads no clock and no environment, and knows neither Rasa nor the database. The
conformance tests in ``tests/channels/test_conformance.py`` hold every registered provider to this page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Dict, List, Mapping, Optional, Protocol, Tuple, Union

from channels.messages import InboundMessage, Media, OutboundMessage, Receipt

LONG_AGO = datetime.fromtimestamp(0, timezone.utc)


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


class MediaGone(Exception):
    """The provider has no such file, or no longer."""


@dataclass(frozen=True)
class WebhookRequest:
    """A webhook as it came in. Header names are lower case.

    ``urls`` are the whole addresses it may have been posted to, query included, the likeliest first: behind
    a proxy the one that was signed is not the one that arrives. ``path_key`` is the secret in the path.
    ``received_at``, aware, UTC, is the time of what comes from a provider that tells none (Twilio).
    """

    body: bytes
    headers: Mapping[str, str]
    urls: Tuple[str, ...]
    path_key: Optional[str] = None
    received_at: datetime = LONG_AGO


@dataclass(frozen=True)
class Parsed:
    """Everything one webhook held; ``quarantined`` are the unreadable parts, whole, each with the reason."""

    messages: Tuple[InboundMessage, ...] = ()
    receipts: Tuple[Receipt, ...] = ()
    quarantined: Tuple[Tuple[Dict[str, Any], str], ...] = ()


@dataclass(frozen=True)
class SenderAccount:
    """The sending side of a channel account: its address, the base address, its decrypted credentials.

    ``callback_url`` is the channel's own webhook, for providers that ask with each message where to tell what
    became of it; empty when nobody is to be told.
    """

    address: str
    base_url: str
    credentials: Mapping[str, str]
    api_version: str = ""
    callback_url: str = ""


@dataclass(frozen=True)
class ProviderRequest:
    """One HTTP request to the provider. ``json_body`` or ``form`` is set, never both.

    A form's value may be a list of texts, where a name is sent several times. ``is_file``: what comes back is
    a shopper's file, to be fetched with care for where its address leads.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    json_body: Optional[Dict[str, Any]] = None
    form: Optional[Dict[str, Union[str, List[str]]]] = None
    is_file: bool = False


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


@dataclass(frozen=True)
class Setup:
    """What a provider needs of the settings, by their names; ``channels/settings.py`` reads them.

    ``vendor`` begins the names ``<VENDOR>_API_BASE_URL`` and ``<VENDOR>_API_VERSION``, for which ``base_url``
    and ``api_version`` stand when they are not set. ``platform_secret`` names the setting whose secret
    vouches for webhooks of every account, ``verify_token`` the one with the handshake's token;
    ``secret_credential`` is what an account's own such secret is called among its credentials.
    ``platform_credentials`` maps a credential to the setting that holds the platform's own, for accounts that
    bring none; empty where every account must bring its own.
    """

    vendor: str
    base_url: str
    platform_secret: Optional[str] = None
    verify_token: Optional[str] = None
    platform_credentials: Mapping[str, str] = field(default_factory=dict)
    secret_credential: str = "app_secret"  # noqa: S105 -- the name a credential goes by
    api_version: str = ""


@dataclass(frozen=True)
class Rates:
    """How fast a provider takes messages: of an account in a second, and to one shopper.

    To one shopper ``burst`` messages may go at once, and one more every ``pair_seconds``.
    """

    account_per_second: float
    pair_seconds: float = 0.0
    burst: int = 1


@dataclass(frozen=True)
class Acknowledgement:
    """What a stored webhook is answered with, status 200.

    Where the answer is the reply itself (USSD), ``goes_on`` stands before a screen that expects an answer and
    ``ends`` before the last; nothing is ever sent there by itself.

    ``waits`` is for how many seconds a provider that delivers a webhook but once may be kept waiting while it
    can't be stored; None for one that comes again for hours, which is put off soon.
    """

    body: str = "ok"
    content_type: str = "text/plain; charset=utf-8"
    goes_on: str = ""
    ends: str = ""
    waits: Optional[float] = None

    @property
    def is_reply(self) -> bool:
        """Whether the answer to a webhook is what the shopper reads next."""
        return bool(self.goes_on)


class Provider(Protocol):
    """A provider's dialect. ``name`` is its folder, its channel name and its webhook path.

    ``window_hours`` is how long after a shopper's message free-form replies are taken, None for always.
    ``is_number_based``: the shopper's address is their telephone number.
    """

    name: str
    setup: Setup
    rates: Rates
    acknowledgement: Acknowledgement
    window_hours: Optional[int]
    is_number_based: bool

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """The text that answers the provider's GET handshake, or None when the token is wrong."""
        ...

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """The name of the secret the signature (or the key in the path) was made with.

        ``secrets`` maps a name (``platform`` or a channel account's id) to a secret. Compares in constant
        time over the raw bytes. Raises SignatureMissing or SignatureWrong.
        """
        ...

    def parse(self, request: WebhookRequest) -> Parsed:
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

    def media_request(
        self, media: Media, account: SenderAccount, looked_up: Optional[bytes]
    ) -> ProviderRequest:
        """The next request towards the file of ``media``; without ``looked_up``, the first.

        Where the provider keeps files under ids, the first answers JSON, which comes back as ``looked_up``.
        ``is_file`` of the request tells which. Raises MediaGone when ``looked_up`` names no file.
        """
        ...
