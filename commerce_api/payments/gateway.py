"""The simulator's gateway: hosted checkouts, and callbacks signed with HMAC-SHA512 over the raw body.

Made in the image of the gateways that African sellers use: ``charge.success`` and ``charge.failed`` events,
amounts in minor units, our reference as the key of everything.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from commerce_api.core.money import MAX_AMOUNT, Currency, Money
from commerce_api.payments.errors import (
    CallbackSignatureWrong,
    CallbackUnreadable,
    CallbackUnsigned,
    PaymentProviderRefused,
    PaymentProviderUnavailable,
)
from commerce_api.payments.port import Checkout, CheckoutAsked, NewsStatus, PaymentNews, ProviderCall

SIGNATURE = "X-Gateway-Signature"

Name = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT, strict=True)]


class _Charge(BaseModel):
    reference: Name
    amount: Amount
    currency: Currency
    paid_at: AwareDatetime | None = None
    checkout_id: Name | None = None


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    event: Name
    id: Name
    data: _Charge


class _State(BaseModel):
    id: Name
    reference: Name
    amount: Amount
    currency: Currency
    status: Literal["open", "success", "failed"]
    paid_at: AwareDatetime | None = None


class _Page(BaseModel):
    id: Name
    url: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,2000}$")]


EVENTS = {"charge.success": NewsStatus.PAID, "charge.failed": NewsStatus.FAILED}
STATES = {"success": NewsStatus.PAID, "failed": NewsStatus.FAILED, "open": NewsStatus.PENDING}


class Gateway:
    """A ``PaymentProvider``: the gateway at ``base_url`` (no trailing slash), sharing ``secret`` with us."""

    name = "gateway"

    def __init__(self, base_url: str, secret: str) -> None:
        self._base_url = base_url
        self._secret = secret.encode()

    def sign(self, body: bytes) -> str:
        """The signature of these bytes, as hex."""
        return hmac.new(self._secret, body, hashlib.sha512).hexdigest()

    def build_checkout(self, asked: CheckoutAsked) -> ProviderCall:
        """``POST /checkouts``, signed over its body."""
        body = json.dumps(
            {
                "reference": asked.reference,
                "amount": asked.money.amount,
                "currency": asked.money.currency,
                "description": asked.description,
                "callback_url": asked.callback_url,
                "return_url": asked.return_url,
            }
        ).encode()
        headers = {"Content-Type": "application/json", SIGNATURE: self.sign(body)}
        return ProviderCall("POST", f"{self._base_url}/checkouts", headers, body)

    def read_checkout(self, status: int, body: bytes) -> Checkout:
        """The page's id and address, from an answer of 200 or 201."""
        _check(status)
        try:
            page = _Page.model_validate_json(body)
        except ValidationError as error:
            raise PaymentProviderUnavailable from error
        return Checkout(page.id, page.url)

    def build_state(self, reference: str) -> ProviderCall:
        """``GET /checkouts/{reference}``, signed over the address's path, since there is no body."""
        url = f"{self._base_url}/checkouts/{quote(reference, safe='')}"
        return ProviderCall("GET", url, {SIGNATURE: self.sign(urlsplit(url).path.encode())})

    def read_state(self, status: int, body: bytes) -> PaymentNews | None:
        """What the gateway knows; its event id is made of what it says, so that asking twice tells once."""
        if status == 404:
            return None
        _check(status)
        try:
            state = _State.model_validate_json(body)
        except ValidationError as error:
            raise PaymentProviderUnavailable from error
        return PaymentNews(
            event_id=f"asked:{state.reference}:{state.status}",
            reference=state.reference,
            status=STATES[state.status],
            money=Money(state.amount, state.currency),
            checkout_id=state.id,
            paid_at=state.paid_at,
        )

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Compares in constant time, over the bytes as they came."""
        given = headers.get(SIGNATURE)
        if not given:
            raise CallbackUnsigned
        if not hmac.compare_digest(given.encode(errors="replace"), self.sign(body).encode()):
            raise CallbackSignatureWrong

    def parse(self, body: bytes) -> PaymentNews:
        """A charge that succeeded or failed; any other event of the gateway's changes nothing."""
        try:
            event = _Event.model_validate_json(body)
        except ValidationError as error:
            faults = ", ".join(".".join(map(str, fault["loc"])) or "body" for fault in error.errors())
            raise CallbackUnreadable(f"This is not what the gateway sends: {faults}.") from error
        return PaymentNews(
            event_id=event.id,
            reference=event.data.reference,
            status=EVENTS.get(event.event, NewsStatus.OTHER),
            money=Money(event.data.amount, event.data.currency),
            checkout_id=event.data.checkout_id,
            paid_at=event.data.paid_at,
        )


def _check(status: int) -> None:
    if status in (200, 201):
        return
    if 400 <= status < 500 and status not in (408, 429):
        raise PaymentProviderRefused(status)
    raise PaymentProviderUnavailable
