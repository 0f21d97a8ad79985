"""The port every payment provider fits. It is pure: bytes and dataclasses in and out; ``calling.py`` sends.

A provider never moves our orders: it says what it was told (``PaymentNews``) and ``applying.py`` decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from commerce_api.core.money import Money


class NewsStatus(StrEnum):
    """What a provider says of a payment. ``OTHER`` changes nothing here: a test event, say."""

    PAID = "paid"
    FAILED = "failed"
    PENDING = "pending"
    OTHER = "other"


@dataclass(frozen=True)
class CheckoutAsked:
    """What to ask a provider for: a page where ``money`` can be paid. The same reference, the same page."""

    reference: str
    money: Money
    description: str
    callback_url: str
    return_url: str


@dataclass(frozen=True)
class Checkout:
    """A provider's page for one payment."""

    id: str
    url: str


@dataclass(frozen=True)
class PaymentNews:
    """What a provider said of one payment. ``event_id`` is unique there, ``money`` is what it took."""

    event_id: str
    reference: str
    status: NewsStatus
    money: Money | None = None
    checkout_id: str | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True)
class ProviderCall:
    """A request to send to a provider, byte for byte."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class PaymentProvider(Protocol):
    """One payment provider, with its credentials."""

    name: str

    def build_checkout(self, asked: CheckoutAsked) -> ProviderCall:
        """The request that makes a checkout."""
        ...

    def read_checkout(self, status: int, body: bytes) -> Checkout:
        """Its answer. Raises PaymentProviderRefused or PaymentProviderUnavailable."""
        ...

    def build_state(self, reference: str) -> ProviderCall:
        """The request that asks how a payment stands."""
        ...

    def read_state(self, status: int, body: bytes) -> PaymentNews | None:
        """Its answer; None when the provider has no such payment. Raises as ``read_checkout``."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Checks the signature over a raw body. Raises CallbackUnsigned or CallbackSignatureWrong."""
        ...

    def parse(self, body: bytes) -> PaymentNews:
        """Reads a verified callback. Raises CallbackUnreadable."""
        ...
