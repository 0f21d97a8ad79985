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

    A price agreed with the shopper has ``agreed_until``, and today's beside it as ``regular_price``.
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
    """The open cart; no lines when there is none."""

    lines: list[LineRead]
    total: MoneyRead
    currency: str


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
    return CartRead(lines=[_line(line, currency) for line in cart.lines], total=total, currency=currency)


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


def _line(line: PricedLine, currency: str) -> LineRead:
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
        agreed_until=line.agreed.until if line.agreed else None,
    )
