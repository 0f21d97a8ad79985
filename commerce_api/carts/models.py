"""Carts, their lines and what was offered beside them, as rows. No price is kept: the catalogue has it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned

MAX_QUANTITY = 999
MAX_LINES = 50


class CartState(StrEnum):
    """An open cart can change; an ordered one has become an order."""

    OPEN = "open"
    ORDERED = "ordered"


class OfferState(StrEnum):
    """What the shopper made of an upsell offer; ``held_out`` is one that was not made, for comparison."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    HELD_OUT = "held_out"


class OfferSource(StrEnum):
    """Why something was offered: the seller's pair, or that others bought the two together."""

    PAIR = "pair"
    TOGETHER = "together"


class Cart(TenantOwned, Base):
    """What a contact means to buy; one open cart a contact."""

    __tablename__ = "carts"
    __table_args__ = (
        refers("contact_id", "contacts"),
        Index(
            "uq_carts_open", "tenant_id", "contact_id", unique=True, postgresql_where=text("state = 'open'")
        ),
    )

    contact_id: Mapped[UUID]
    state: Mapped[CartState] = mapped_column(named(CartState), default=CartState.OPEN)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CartLine(TenantOwned, Base):
    """So many of a variant. ``position`` is the order in which lines were first added."""

    __tablename__ = "cart_lines"
    __table_args__ = (
        refers("cart_id", "carts"),
        refers("variant_id", "variants"),
        UniqueConstraint("tenant_id", "cart_id", "variant_id"),
        CheckConstraint(f"quantity between 1 and {MAX_QUANTITY}", name="quantity_bounds"),
        Index("ix_cart_lines_variant", "tenant_id", "variant_id"),
    )

    cart_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    quantity: Mapped[int]
    position: Mapped[int]


class UpsellOffer(TenantOwned, Base):
    """The one thing offered beside a cart, because ``beside_id`` (a product) was in it."""

    __tablename__ = "upsell_offers"
    __table_args__ = (
        refers("cart_id", "carts"),
        refers("variant_id", "variants"),
        refers("beside_id", "products"),
        UniqueConstraint("tenant_id", "cart_id"),
    )

    cart_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    beside_id: Mapped[UUID]
    state: Mapped[OfferState] = mapped_column(named(OfferState), default=OfferState.OFFERED)
    source: Mapped[OfferSource] = mapped_column(named(OfferSource), default=OfferSource.PAIR)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CartDiscount(TenantOwned, Base):
    """So many percent off a cart's prices by a member's word, until ``until``; one a cart.

    A price comes down to whole multiples of ``unit`` (minor units), and to the product's bargaining floor at
    most (``queries.read``).
    """

    __tablename__ = "cart_discounts"
    __table_args__ = (
        refers("cart_id", "carts"),
        UniqueConstraint("tenant_id", "cart_id"),
        CheckConstraint("percent between 1 and 100", name="percent_bounds"),
    )

    cart_id: Mapped[UUID]
    percent: Mapped[int]
    unit: Mapped[int]
    user_id: Mapped[UUID]
    given_at: Mapped[datetime]
    until: Mapped[datetime]
