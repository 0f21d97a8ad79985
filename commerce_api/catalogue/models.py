"""Categories, products, their variants, photos and upsell pairs, as rows.

The tables that search reads are in ``search_models.py``.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commerce_api.core.columns import refers
from commerce_api.core.database import Base, TenantOwned
from commerce_api.core.money import MAX_AMOUNT

MAX_STOCK = 10_000_000
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Between which a sale begins and ends."""
MAX_PRICE = MAX_AMOUNT // 10**5
"""So that no cart's total, however full, comes near ``MAX_AMOUNT``."""


class Category(TenantOwned, Base):
    """A node of the tenant's tree; a root has no parent. ``position`` orders siblings."""

    __tablename__ = "categories"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        refers("parent_id", "categories"),
        UniqueConstraint("tenant_id", "slug"),
        CheckConstraint("parent_id <> id", name="not_own_parent"),
        Index("ix_categories_parent", "tenant_id", "parent_id"),
    )

    parent_id: Mapped[UUID | None]
    name: Mapped[str]
    slug: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)


class Product(TenantOwned, Base):
    """Something the shop sells. Withdrawn products are archived (``is_active`` false), never deleted.

    ``in_stock`` says that some active variant has stock; ``stock.py`` keeps it true to the variants.
    """

    __tablename__ = "products"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        refers("category_id", "categories"),
        UniqueConstraint("tenant_id", "sku"),
        Index(
            "ix_products_category",
            "tenant_id",
            "category_id",
            "is_active",
            "in_stock",
            "position",
            "name",
            "id",
        ),
    )

    sku: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    category_id: Mapped[UUID | None]
    unit: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    in_stock: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    category: Mapped[Category | None] = relationship(viewonly=True, lazy="raise")
    variants: Mapped[list["Variant"]] = relationship(
        viewonly=True, lazy="raise", order_by="Variant.position, Variant.sku", back_populates="product"
    )
    photos: Mapped[list["Photo"]] = relationship(
        viewonly=True, lazy="raise", order_by="Photo.position, Photo.id"
    )


class Variant(TenantOwned, Base):
    """What can be put in a cart. Prices are minor units of the tenant's currency; see ``prices.price_at``.

    ``name`` may be None when the product has only this one. ``attributes`` is text to text: colour, size.
    """

    __tablename__ = "variants"
    __table_args__ = (
        refers("product_id", "products"),
        UniqueConstraint("tenant_id", "sku"),
        CheckConstraint(f"stock between 0 and {MAX_STOCK}", name="stock_bounds"),
        CheckConstraint(f"regular_price between 0 and {MAX_PRICE}", name="regular_price_bounds"),
        CheckConstraint(f"sale_price between 0 and {MAX_PRICE}", name="sale_price_bounds"),
        CheckConstraint("sale_from < sale_until", name="sale_order"),
        Index("ix_variants_product", "tenant_id", "product_id", "position"),
        Index("ix_variants_stock", "tenant_id", "stock"),
    )

    product_id: Mapped[UUID]
    sku: Mapped[str]
    name: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    regular_price: Mapped[int] = mapped_column(BigInteger)
    sale_price: Mapped[int | None] = mapped_column(BigInteger)
    sale_from: Mapped[datetime | None]
    sale_until: Mapped[datetime | None]
    stock: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    product: Mapped[Product] = relationship(viewonly=True, lazy="raise", back_populates="variants")


class Photo(TenantOwned, Base):
    """A JPEG of ours, re-encoded from what the seller uploaded. ``key`` is random and names it in public."""

    __tablename__ = "photos"
    __table_args__ = (
        refers("product_id", "products"),
        UniqueConstraint("key"),
        Index("ix_photos_product", "tenant_id", "product_id", "position"),
    )

    product_id: Mapped[UUID]
    key: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    width: Mapped[int]
    height: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)


class UpsellPair(TenantOwned, Base):
    """``offered`` goes well with ``product``; of several, the heavier ``weight`` is offered first."""

    __tablename__ = "upsell_pairs"
    __table_args__ = (
        refers("product_id", "products"),
        refers("offered_id", "products"),
        UniqueConstraint("tenant_id", "product_id", "offered_id"),
        CheckConstraint("product_id <> offered_id", name="not_itself"),
    )

    product_id: Mapped[UUID]
    offered_id: Mapped[UUID]
    weight: Mapped[int] = mapped_column(default=1)
