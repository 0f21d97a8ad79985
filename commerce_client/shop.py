"""One conversation's seller and shopper, as an action sees them: typed calls, keyed by message and action."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Mapping, Optional, Protocol, Tuple

from commerce_client.models import (
    Bargain,
    Cart,
    Category,
    Conversation,
    Delivery,
    DeliveryZone,
    Json,
    Order,
    Page,
    PaymentLink,
    Product,
    Quote,
    UpsellOffer,
)


class Caller(Protocol):
    """What calls the API: ``CommerceClient``."""

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Optional[Json] = None,
        params: Optional[Mapping[str, Any]] = None,
        key: Optional[str] = None,
        repeatable: bool = False,
    ) -> Json:
        """One call; its JSON object. Raises ApiRefused and ApiUnavailable."""


class Shop:
    """One conversation's view of its seller's shop, and of the shopper's cart and orders there."""

    def __init__(self, client: Caller, conversation_id: str, message_id: str, action: str) -> None:
        self._client = client
        self._path = f"/conversations/{conversation_id}"
        self._message_id = message_id
        self._action = action
        self._ordinal = 0

    async def conversation(self) -> Conversation:
        """The shop, the shopper and who handles the conversation."""
        return Conversation.read(await self._get(""))

    async def remember(self, *, name: Optional[str] = None, language: Optional[str] = None) -> None:
        """Keeps the shopper's name or language."""
        await self._post("/remember", {"name": name, "language": language})

    async def hand_off(self, reason: str, summary: Optional[str] = None) -> None:
        """Asks for a person: the conversation is ``waiting`` until a seller takes it.

        ``summary`` tells them in a paragraph what it is about.
        """
        told = {"summary": summary} if summary else {}
        await self._post("/handoff", {"reason": reason, **told})

    async def not_understood(self, guess: str, confidence: float) -> None:
        """Writes down that this message's meaning was not found; ``guess`` is the likeliest intent."""
        facts = {"message_id": self._message_id, "guess": guess, "confidence": confidence}
        await self._post("/not-understood", facts)

    async def categories(self) -> Tuple[Category, ...]:
        """The categories that have something for sale, in the seller's order."""
        return tuple(Category.read(item) for item in (await self._get("/categories"))["items"])

    async def products(
        self,
        words: Optional[str] = None,
        *,
        category_id: Optional[str] = None,
        limit: int = 10,
        skip: int = 0,
    ) -> Page:
        """Products that fit the words (best first), or a category, or all; those in stock first."""
        params = {"q": words, "category_id": category_id, "limit": limit, "skip": skip}
        return Page.read(await self._get("/products", {k: v for k, v in params.items() if v is not None}))

    async def product(self, product_id: str) -> Product:
        """One product. Raises ApiRefused ``not_found``."""
        return Product.read(await self._get(f"/products/{product_id}"))

    async def cart(self) -> Cart:
        """The open cart."""
        return Cart.read(await self._get("/cart"))

    async def add_line(self, variant_id: str, quantity: int) -> Cart:
        """Adds to the cart. Raises ApiRefused ``out_of_stock`` (``available``) or ``quantity_invalid``."""
        return Cart.read(await self._post("/cart/lines", {"variant_id": variant_id, "quantity": quantity}))

    async def set_quantity(self, line_id: str, quantity: int) -> Cart:
        """Makes a line's quantity this; 0 removes it. Raises as ``add_line``, or ``not_found``."""
        return Cart.read(await self._post(f"/cart/lines/{line_id}/quantity", {"quantity": quantity}))

    async def clear_cart(self) -> Cart:
        """Empties the cart."""
        return Cart.read(await self._post("/cart/clear", {}))

    async def is_bargained(self, product_id: str) -> bool:
        """Whether a product's price may come down. Raises ApiRefused ``not_found``."""
        return bool((await self._get(f"/products/{product_id}/bargaining"))["is_on"])

    async def bargain(
        self,
        variant_id: str,
        *,
        quantity: int = 1,
        amount: Optional[int] = None,
        amount_off: Optional[int] = None,
        percent_off: Optional[int] = None,
    ) -> Bargain:
        """One round of bargaining; amounts in minor units, none of them only asks for less."""
        said = {"amount": amount, "amount_off": amount_off, "percent_off": percent_off}
        body: Json = {"variant_id": variant_id, "quantity": quantity}
        body.update({name: value for name, value in said.items() if value is not None})
        return Bargain.read(await self._post("/bargains", body))

    async def accept_bargain(self, bargain_id: str, *, is_pair: bool = False) -> Bargain:
        """Agrees on the shop's price, or with ``is_pair`` on that for several. Raises ``bargain_over``."""
        return Bargain.read(await self._post(f"/bargains/{bargain_id}/accept", {"is_pair": is_pair}))

    async def refuse_bargain(self, bargain_id: str) -> Bargain:
        """Leaves it."""
        return Bargain.read(await self._post(f"/bargains/{bargain_id}/refuse", {}))

    async def offer_upsell(self) -> Optional[UpsellOffer]:
        """Something to offer beside the cart, recorded as offered; None when nothing is left to offer."""
        offer = (await self._post("/upsell-offers", {}))["offer"]
        return UpsellOffer.read(offer) if offer else None

    async def answer_upsell(self, offer_id: str, *, accepted: bool) -> Cart:
        """Records the answer; an accepted offer is in the cart."""
        return Cart.read(await self._post(f"/upsell-offers/{offer_id}/answer", {"accepted": accepted}))

    async def delivery_zones(self) -> Tuple[DeliveryZone, ...]:
        """Where the shop delivers, in the seller's order."""
        return tuple(DeliveryZone.read(item) for item in (await self._get("/delivery-zones"))["items"])

    async def payment_methods(self) -> Tuple[str, ...]:
        """The shop's methods: ``cash_on_delivery``, ``pay_link``."""
        return tuple((await self._get("/payment-methods"))["items"])

    async def quote(self, delivery: Delivery) -> Quote:
        """What the cart would cost, delivered so."""
        return Quote.read(await self._post("/quote", {"delivery": asdict(delivery)}))

    async def place_order(
        self,
        *,
        customer_name: str,
        delivery: Delivery,
        payment_method: str,
        expected_total: Optional[int] = None,
    ) -> Order:
        """Turns the cart into an order, holding its stock.

        ``expected_total`` is the quoted total, in minor units, that the shopper agreed to. Raises ApiRefused
        ``cart_empty``, ``out_of_stock`` (facts: ``lines``, each with ``product``, ``variant`` and
        ``available``), ``price_changed`` (facts: ``expected``, ``total``), ``zone_unknown``,
        ``address_missing`` or ``payment_method_unknown``.
        """
        body: Json = {
            "customer_name": customer_name,
            "delivery": asdict(delivery),
            "payment_method": payment_method,
        }
        if expected_total is not None:
            body["expected_total"] = expected_total
        return Order.read(await self._post("/orders", body))

    async def orders(self, limit: int = 5) -> Tuple[Order, ...]:
        """The shopper's orders with this seller, newest first."""
        return tuple(Order.read(item) for item in (await self._get("/orders", {"limit": limit}))["items"])

    async def cancel_order(self, number: str, reason: str) -> Order:
        """Cancels an order. Raises ApiRefused ``order_move_illegal`` (too late) or ``not_found``."""
        return Order.read(await self._post(f"/orders/{number}/cancel", {"reason": reason}))

    async def payment_link(self, number: str) -> PaymentLink:
        """The page where an order is paid, the same one while it is good. Raises ``order_not_payable``."""
        return PaymentLink.read(await self._post(f"/orders/{number}/payment-link", {}))

    async def _get(self, path: str, params: Optional[Mapping[str, Any]] = None) -> Json:
        return await self._client.call("GET", f"{self._path}{path}", params=params)

    async def _post(self, path: str, body: Json) -> Json:
        key = f"{self._message_id}:{self._action}:{self._ordinal}"
        self._ordinal += 1
        return await self._client.call("POST", f"{self._path}{path}", json=body, key=key)
