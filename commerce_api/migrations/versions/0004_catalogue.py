"""Categories, products, variants, photos, upsell pairs and their search index."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from commerce_api.core.schema import fence, lookup, open_for_lookup

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MAX_STOCK = 10_000_000
MAX_PRICE = 10**10


def upgrade() -> None:
    _categories()
    _products()
    _variants()
    _photos()
    _upsell_pairs()
    for table in ("categories", "products", "variants", "photos", "upsell_pairs"):
        fence(table)
    open_for_lookup("photos")
    lookup(
        "photo(key text)",
        "table (tenant_id uuid, id uuid)",
        "select photos.tenant_id, photos.id from photos where photos.key = photo.key",
    )


def _owned() -> tuple[sa.Column[UUID], sa.Column[UUID]]:
    return (sa.Column("tenant_id", sa.Uuid, primary_key=True), sa.Column("id", sa.Uuid, primary_key=True))


def _to(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


def _categories() -> None:
    op.create_table(
        "categories",
        *_owned(),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        _to("categories", "parent_id"),
        sa.UniqueConstraint("tenant_id", "slug"),
        sa.CheckConstraint("parent_id <> id", name="not_own_parent"),
    )
    op.create_index("ix_categories_parent", "categories", ["tenant_id", "parent_id"])


def _products() -> None:
    op.create_table(
        "products",
        *_owned(),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("category_id", sa.Uuid),
        sa.Column("unit", sa.Text),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("in_stock", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        _to("categories", "category_id"),
        sa.UniqueConstraint("tenant_id", "sku"),
    )
    order = ["is_active", "in_stock", "position", "name", "id"]
    op.create_index("ix_products_browse", "products", ["tenant_id", *order])
    op.create_index("ix_products_category", "products", ["tenant_id", "category_id", *order])


def _variants() -> None:
    op.create_table(
        "variants",
        *_owned(),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("attributes", JSONB, nullable=False, server_default="{}"),
        sa.Column("regular_price", sa.BigInteger, nullable=False),
        sa.Column("sale_price", sa.BigInteger),
        sa.Column("sale_from", sa.DateTime(timezone=True)),
        sa.Column("sale_until", sa.DateTime(timezone=True)),
        sa.Column("stock", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        _to("products", "product_id"),
        sa.UniqueConstraint("tenant_id", "sku"),
        sa.CheckConstraint(f"stock between 0 and {MAX_STOCK}", name="stock_bounds"),
        sa.CheckConstraint(f"regular_price between 0 and {MAX_PRICE}", name="regular_price_bounds"),
        sa.CheckConstraint(f"sale_price between 0 and {MAX_PRICE}", name="sale_price_bounds"),
        sa.CheckConstraint("sale_from < sale_until", name="sale_order"),
    )
    op.create_index("ix_variants_product", "variants", ["tenant_id", "product_id", "position"])
    op.create_index("ix_variants_stock", "variants", ["tenant_id", "stock"])


def _photos() -> None:
    op.create_table(
        "photos",
        *_owned(),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        _to("products", "product_id"),
        # Not by tenant: the key alone names a photo in public, before any tenant is known.
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_photos_product", "photos", ["tenant_id", "product_id", "position"])


def _upsell_pairs() -> None:
    op.create_table(
        "upsell_pairs",
        *_owned(),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("offered_id", sa.Uuid, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False, server_default="1"),
        _to("products", "product_id"),
        _to("products", "offered_id"),
        sa.UniqueConstraint("tenant_id", "product_id", "offered_id"),
        sa.CheckConstraint("product_id <> offered_id", name="not_itself"),
    )


def downgrade() -> None:
    op.execute("drop function lookup.photo(text)")
    for table in ("upsell_pairs", "photos", "variants", "products", "categories"):
        op.drop_table(table)
