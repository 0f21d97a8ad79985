"""What the commerce API answers the bot side, as frozen dataclasses.

Each has ``read``, which takes the API's JSON and ignores keys it doesn't know, so that a newer API can serve
an older bot. Ids stay strings here: the bot side only carries them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Tuple

from channels.messages import Location

Json = Dict[str, Any]


@dataclass(frozen=True)
class Money:
    """Integer minor units of an ISO 4217 currency."""

    amount: int
    currency: str

    @classmethod
    def read(cls, data: Json) -> Money:
        return cls(data["amount"], data["currency"])


@dataclass(frozen=True)
class Conversation:
    """The shop and the shopper of a conversation; ``hours`` and ``returns_policy`` are the seller's own text.

    ``opening`` maps weekdays (``mon`` … ``sun``) to spans, empty for always; ``local_time`` is the shop's
    own, ISO 8601.
    """

    id: str
    channel: str
    handled_by: str
    shop_name: str
    currency: str
    languages: Tuple[str, ...]
    contact_name: Optional[str] = None
    language: Optional[str] = None
    shop_address: Optional[str] = None
    hours: Optional[str] = None
    is_open: bool = True
    opening: Dict[str, Any] = field(default_factory=dict)
    returns_policy: Optional[str] = None
    local_time: Optional[str] = None

    @classmethod
    def read(cls, data: Json) -> Conversation:
        return cls(**{**known(cls, data), "languages": tuple(data["languages"])})


@dataclass(frozen=True)
class Category:
    """A category with products for sale, counted over its whole subtree."""

    id: str
    name: str
    product_count: int
    parent_id: Optional[str] = None

    @classmethod
    def read(cls, data: Json) -> Category:
        return cls(**known(cls, data))


@dataclass(frozen=True)
class Variant:
    """Something that can be bought; ``name`` is None for an only one. ``price`` is today's."""

    id: str
    sku: str
    price: Money
    stock: int
    name: Optional[str] = None
    attributes: Dict[str, str] = field(default_factory=dict)
    regular_price: Optional[Money] = None

    @classmethod
    def read(cls, data: Json) -> Variant:
        regular = data.get("regular_price")
        return cls(
            **{
                **known(cls, data),
                "price": Money.read(data["price"]),
                "regular_price": Money.read(regular) if regular else None,
            }
        )


@dataclass(frozen=True)
class Product:
    """A product with every variant; ``matched`` are the ids of those that the search words could mean.

    ``unit`` is what one of it is ("yard", "1 L bottle"); ``photo_url`` is public.
    """

    id: str
    sku: str
    name: str
    variants: Tuple[Variant, ...]
    matched: Tuple[str, ...] = ()
    description: Optional[str] = None
    category: Optional[str] = None
    unit: Optional[str] = None
    photo_url: Optional[str] = None

    @classmethod
    def read(cls, data: Json) -> Product:
        variants = tuple(Variant.read(variant) for variant in data["variants"])
        matched = tuple(data.get("matched") or (variant.id for variant in variants))
        return cls(**{**known(cls, data), "variants": variants, "matched": matched})


@dataclass(frozen=True)
class Page:
    """Some products of ``total``. ``corrected`` is the search as the API understood it."""

    items: Tuple[Product, ...]
    total: int
    corrected: Optional[str] = None

    @classmethod
    def read(cls, data: Json) -> Page:
        return cls(tuple(Product.read(item) for item in data["items"]), data["total"], data.get("corrected"))


@dataclass(frozen=True)
class Line:
    """A line of a cart or an order. ``variant`` is its name, None when the product has only one.

    ``is_agreed`` says that ``unit_price`` is one that was bargained for, and holds only for a while.
    """

    id: str
    product_id: str
    product_name: str
    sku: str
    variant_id: str
    variant: Optional[str]
    quantity: int
    unit_price: Money
    total: Money
    is_agreed: bool = False

    @classmethod
    def read(cls, data: Json) -> Line:
        product = data["product"]
        return cls(
            id=data["id"],
            product_id=product["id"],
            product_name=product["name"],
            sku=product["sku"],
            variant_id=data["variant_id"],
            variant=data.get("variant"),
            quantity=data["quantity"],
            unit_price=Money.read(data["unit_price"]),
            total=Money.read(data["total"]),
            is_agreed=data.get("agreed_until") is not None,
        )


@dataclass(frozen=True)
class Cart:
    """The open cart; no lines when there is none."""

    lines: Tuple[Line, ...]
    total: Money

    @classmethod
    def read(cls, data: Json) -> Cart:
        return cls(tuple(Line.read(line) for line in data["lines"]), Money.read(data["total"]))


@dataclass(frozen=True)
class Bargain:
    """What the shop says to a shopper who bargains: ``price`` for each of ``quantity`` or more.

    ``said`` is ``fixed``, ``pair``, ``counter``, ``last``, ``agreed``, ``held``, ``limit`` or ``over``;
    an agreed price holds for ``held_minutes``.
    """

    said: str
    price: Money
    regular_price: Money
    quantity: int = 1
    bargain_id: Optional[str] = None
    held_minutes: Optional[int] = None

    @classmethod
    def read(cls, data: Json) -> Bargain:
        prices = {part: Money.read(data[part]) for part in ("price", "regular_price")}
        return cls(**{**known(cls, data), **prices})


@dataclass(frozen=True)
class UpsellOffer:
    """One thing offered beside the cart; offered at most once a cart. ``beside`` is what it goes with."""

    id: str
    product: Product
    variant: Variant
    beside: str

    @classmethod
    def read(cls, data: Json) -> UpsellOffer:
        return cls(data["id"], Product.read(data["product"]), Variant.read(data["variant"]), data["beside"])


@dataclass(frozen=True)
class DeliveryZone:
    """Where the shop delivers. ``eta`` is the seller's own words, such as "same day"."""

    id: str
    name: str
    fee: Money
    eta: Optional[str] = None

    @classmethod
    def read(cls, data: Json) -> DeliveryZone:
        return cls(data["id"], data["name"], Money.read(data["fee"]), data.get("eta"))


@dataclass(frozen=True)
class Delivery:
    """How an order gets there: ``method`` is ``delivery`` (zone and address or pin) or ``pickup``."""

    method: str
    zone_id: Optional[str] = None
    address: Optional[str] = None
    location: Optional[Location] = None


@dataclass(frozen=True)
class Quote:
    """What an order would cost now, placed nowhere."""

    subtotal: Money
    delivery_fee: Money
    total: Money

    @classmethod
    def read(cls, data: Json) -> Quote:
        return cls(*(Money.read(data[part]) for part in ("subtotal", "delivery_fee", "total")))


@dataclass(frozen=True)
class Order:
    """A placed order. ``state`` is one of the states of ``commerce_api/orders/states.py``."""

    number: str
    state: str
    payment_method: str
    is_paid: bool
    lines: Tuple[Line, ...]
    subtotal: Money
    delivery_fee: Money
    total: Money
    delivery_method: str
    placed_at: str
    customer_name: Optional[str] = None
    address: Optional[str] = None
    zone: Optional[str] = None
    eta: Optional[str] = None

    @classmethod
    def read(cls, data: Json) -> Order:
        money = {part: Money.read(data[part]) for part in ("subtotal", "delivery_fee", "total")}
        return cls(**{**known(cls, data), **money, "lines": tuple(Line.read(line) for line in data["lines"])})


@dataclass(frozen=True)
class PaymentLink:
    """A page where the shopper pays an order; ``reference`` names the payment."""

    url: str
    reference: str
    amount: Money

    @classmethod
    def read(cls, data: Json) -> PaymentLink:
        return cls(data["url"], data["reference"], Money.read(data["amount"]))


def known(cls: Any, data: Json) -> Json:
    """The part of the JSON that the dataclass has a field for."""
    return {name: data[name] for name in cls.__dataclass_fields__ if name in data}
