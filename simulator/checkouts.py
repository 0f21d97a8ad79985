"""The payment gateway's side of a payment: checkouts, what shoppers decide, and callbacks about it."""

import json
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from babel.numbers import format_currency, get_currency_precision

from simulator.posting import Attempt, Post, Poster
from simulator.wire import Json, gateway_signature

CHECKOUTS = 5000
TRUE_SIGNATURE = "true"
LOCALES = {"NGN": "en_NG", "KES": "en_KE", "GHS": "en_GH", "ZAR": "en_ZA", "XOF": "fr_CI", "XAF": "fr_CM"}
FIELDS = {
    "reference": str,
    "amount": int,
    "currency": str,
    "description": str,
    "callback_url": str,
    "return_url": str,
}


class GatewayRefusal(Exception):
    """A request the gateway turns down, with its HTTP status and code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Order:
    """What the shop asked to be paid. ``amount`` is in minor units."""

    reference: str
    amount: int
    currency: str
    description: str
    callback_url: str
    return_url: str


@dataclass(eq=False)
class Checkout:
    """One payment page. ``status`` is open, success or failed; a failed one may be tried again."""

    order: Order
    id: str = field(default_factory=lambda: "chk_" + secrets.token_urlsafe(15))
    status: str = "open"
    paid_at: datetime | None = None
    attempts: int = 0
    confirmed: bool = False

    @property
    def locale(self) -> str:
        """How money is written where this currency is used."""
        return LOCALES.get(self.order.currency, "en")

    @property
    def price(self) -> str:
        """The amount as people write it, such as ``₦12,500.00``."""
        amount = self.order.amount / 10 ** get_currency_precision(self.order.currency)
        price = format_currency(amount, self.order.currency, locale=self.locale)
        # CLDR glues "Ksh" to the figure, and fonts of cheap phones lack the narrow no-break space.
        return price.replace("Ksh", "KSh\u00a0").replace("\u202f", "\u00a0")

    def state(self) -> Json:
        """The checkout as the gateway's API shows it."""
        return {
            "id": self.id,
            "reference": self.order.reference,
            "amount": self.order.amount,
            "currency": self.order.currency,
            "status": self.status,
            "paid_at": self.paid_at.isoformat() if self.paid_at else None,
        }


class Gateway:
    """Every checkout, by id and by the shop's reference."""

    def __init__(self, secret: str, poster: Poster, pauses: tuple[float, ...]) -> None:
        self._secret = secret
        self._poster = poster
        self._pauses = pauses
        self._by_id: OrderedDict[str, Checkout] = OrderedDict()
        self._by_reference: dict[str, Checkout] = {}
        self.is_muted = False

    def sign(self, body: bytes) -> str:
        """The signature of these bytes."""
        return gateway_signature(self._secret, body)

    def open(self, body: bytes) -> Checkout:
        """A checkout for the order in the body, the same one for the same order. Raises GatewayRefusal."""
        order = read_order(body)
        known = self._by_reference.get(order.reference)
        if known and known.order != order:
            raise GatewayRefusal(409, "reference_taken", "This reference was used for another order.")
        if known:
            return known
        checkout = Checkout(order)
        self._by_id[checkout.id] = self._by_reference[order.reference] = checkout
        if len(self._by_id) > CHECKOUTS:
            self._by_reference.pop(self._by_id.popitem(last=False)[1].order.reference)
        return checkout

    def find(self, checkout_id: str) -> Checkout:
        """The checkout with this id. Raises GatewayRefusal."""
        if checkout_id not in self._by_id:
            raise GatewayRefusal(404, "not_found", "There is no such checkout.")
        return self._by_id[checkout_id]

    def by_reference(self, reference: str) -> Checkout:
        """The checkout of this reference. Raises GatewayRefusal."""
        if reference not in self._by_reference:
            raise GatewayRefusal(404, "not_found", "There is no checkout of this reference.")
        return self._by_reference[reference]

    def decide(self, checkout: Checkout, now: datetime, *, approve: bool) -> None:
        """The shopper approves or declines. What is paid stays paid, and is told once."""
        if checkout.status == "success":
            return
        checkout.attempts += 1
        checkout.status = "success" if approve else "failed"
        checkout.paid_at = now if approve else None
        if not self.is_muted:
            self._poster.soon(self._call_back(checkout, self.event(checkout)))

    def event(self, checkout: Checkout) -> Json:
        """The callback's body for what the checkout is now; same event, same id."""
        data = {key: value for key, value in checkout.state().items() if key != "id"}
        return {
            "event": f"charge.{checkout.status}",
            "id": f"evt_{checkout.id[4:]}_{checkout.attempts}",
            "data": {**data, "checkout_id": checkout.id},
        }

    async def call_back_once(self, checkout: Checkout, event: Json, signature: str | None) -> Attempt:
        """Posts a callback once, with the ``TRUE_SIGNATURE``, none (None), or the one given."""
        body = json.dumps(event).encode()
        value = self.sign(body) if signature == TRUE_SIGNATURE else signature
        headers = {} if value is None else {"X-Gateway-Signature": value}
        return await self._poster.once(Post(checkout.order.callback_url, body, headers, "callback"))

    async def _call_back(self, checkout: Checkout, event: Json) -> None:
        body = json.dumps(event).encode()
        headers = {"X-Gateway-Signature": self.sign(body)}
        post = Post(checkout.order.callback_url, body, headers, "callback")
        checkout.confirmed = (await self._poster.deliver(post, self._pauses)).is_accepted

    def forget(self) -> None:
        """Drops every checkout."""
        self._by_id.clear()
        self._by_reference.clear()
        self.is_muted = False


def read_order(body: bytes) -> Order:
    """The order in a request's body. Raises GatewayRefusal naming the field at fault."""
    try:
        facts = json.loads(body)
    except ValueError:
        raise GatewayRefusal(400, "bad_json", "The body is not JSON.") from None
    if not isinstance(facts, dict):
        raise GatewayRefusal(400, "bad_json", "The body is not a JSON object.")
    for name, kind in FIELDS.items():
        if type(facts.get(name)) is not kind or not facts[name]:
            raise GatewayRefusal(
                422, "field_invalid", f"{name} must be a {kind.__name__}, not empty and not 0."
            )
    if facts["amount"] < 0 or facts["currency"] not in LOCALES:
        raise GatewayRefusal(422, "field_invalid", f"{facts['amount']} {facts['currency']} can't be charged.")
    for name in ("callback_url", "return_url"):
        if not facts[name].startswith(("http://", "https://")):
            raise GatewayRefusal(422, "field_invalid", f"{name} must be an http or https address.")
    return Order(**{name: facts[name] for name in FIELDS})
