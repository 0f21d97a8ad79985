"""Carts in JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from commerce_api.carts.models import UpsellOffer
from commerce_api.carts.queries import PricedCart, PricedLine
from commerce_api.catalogue.presenting import Presenter
from commerce_api.catalogue.schemas import ProductRead, VariantRead
from commerce_api.catalogue.service import Upsell
from commerce_api.core.money import MoneyRead

# Wider than what a cart takes, so that "five thousand" is refused with `quantity_invalid`, not as malformed.
Quantity = Annotated[int, Field(ge=-(10**9), le=10**9)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LineAdd(_Body):
    """What to add."""

    variant_id: UUID
    quantity: Quantity


class QuantitySet(_Body):
    """A line's new quantity; 0 removes the line."""

    quantity: Quantity


class UpsellAnswer(_Body):
    """What the shopper said to an offer."""

    accepted: bool


class LineProduct(BaseModel):
    """The product of a line."""

    id: UUID
    name: str
    sku: str


class LineRead(BaseModel):
    """A line at today's price. ``variant`` is its name, null when the product has only one.

    A price agreed with the shopper, or lowered by a member's discount, has ``agreed_until``, and today's
    beside it as ``regular_price``.
    ``is_available`` is false when the product was withdrawn or there is not enough of it: the cart can't be
    ordered until the line is changed.
    """

    id: UUID
    product: LineProduct
    variant_id: UUID
    variant: str | None
    quantity: int
    unit_price: MoneyRead
    total: MoneyRead
    is_available: bool
    regular_price: MoneyRead
    agreed_until: datetime | None


class CartRead(BaseModel):
    """The open cart; no lines when there is none. ``discount`` is what a member took off, else null."""

    lines: list[LineRead]
    total: MoneyRead
    currency: str
    discount: "DiscountRead | None"


class DiscountRead(BaseModel):
    """What a member took off: the percent, what it comes to with this cart, and until when it holds."""

    percent: int
    amount: MoneyRead
    until: datetime


class DiscountWrite(_Body):
    """So many percent off."""

    percent: Annotated[int, Field(ge=1, le=100)]


class OfferRead(BaseModel):
    """Something to offer; ``beside`` is the name of what it goes with."""

    id: UUID
    product: ProductRead
    variant: VariantRead
    beside: str


class OfferAnswer(BaseModel):
    """The offer, or null when there is none to make."""

    offer: OfferRead | None


def cart_read(cart: PricedCart, currency: str) -> CartRead:
    """The cart in the shop's currency."""
    total = MoneyRead(amount=cart.total, currency=currency)
    until = cart.discount.until if cart.discount else None
    return CartRead(
        lines=[_line(line, currency, until) for line in cart.lines],
        total=total,
        currency=currency,
        discount=_discount(cart, currency),
    )


def _discount(cart: PricedCart, currency: str) -> DiscountRead | None:
    if cart.discount is None:
        return None
    amount = MoneyRead(amount=cart.taken_off, currency=currency)
    return DiscountRead(percent=cart.discount.percent, amount=amount, until=cart.discount.until)


def offer_answer(
    offered: tuple[UpsellOffer, Upsell] | None, presenter: Presenter, currency: str
) -> OfferAnswer:
    """The offer as the shopper is to see it."""
    if offered is None:
        return OfferAnswer(offer=None)
    offer, upsell = offered
    return OfferAnswer(
        offer=OfferRead(
            id=offer.id,
            product=presenter.product(upsell.product, currency),
            variant=presenter.variant(upsell.variant, currency),
            beside=upsell.beside.name,
        )
    )


def _line(line: PricedLine, currency: str, discounted_until: datetime | None) -> LineRead:
    lower_until = discounted_until if line.discount else None
    product = line.variant.product
    return LineRead(
        id=line.id,
        product=LineProduct(id=product.id, name=product.name, sku=product.sku),
        variant_id=line.variant.id,
        variant=line.variant.name,
        quantity=line.quantity,
        unit_price=MoneyRead(amount=line.unit_price, currency=currency),
        total=MoneyRead(amount=line.total, currency=currency),
        is_available=line.is_available,
        regular_price=MoneyRead(amount=line.regular_price, currency=currency),
        agreed_until=line.agreed.until if line.agreed else lower_until,
    )
