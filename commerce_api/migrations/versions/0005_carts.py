"""Carts, their lines, and the upsell offered beside each."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import fence

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carts",
        *_owned(),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        _to("contacts", "contact_id"),
        sa.CheckConstraint("state in ('open', 'ordered')", name="state"),
    )
    op.create_index(
        "uq_carts_open",
        "carts",
        ["tenant_id", "contact_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "cart_lines",
        *_owned(),
        sa.Column("cart_id", sa.Uuid, nullable=False),
        sa.Column("variant_id", sa.Uuid, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        _to("carts", "cart_id"),
        _to("variants", "variant_id"),
        sa.UniqueConstraint("tenant_id", "cart_id", "variant_id"),
        sa.CheckConstraint("quantity between 1 and 999", name="quantity_bounds"),
    )
    op.create_index("ix_cart_lines_variant", "cart_lines", ["tenant_id", "variant_id"])
    op.create_table(
        "upsell_offers",
        *_owned(),
        sa.Column("cart_id", sa.Uuid, nullable=False),
        sa.Column("variant_id", sa.Uuid, nullable=False),
        sa.Column("beside_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        _to("carts", "cart_id"),
        _to("variants", "variant_id"),
        _to("products", "beside_id"),
        sa.UniqueConstraint("tenant_id", "cart_id"),
        sa.CheckConstraint("state in ('offered', 'accepted', 'declined')", name="state"),
    )
    for table in ("carts", "cart_lines", "upsell_offers"):
        fence(table)


def _owned() -> tuple[sa.Column[UUID], sa.Column[UUID]]:
    return (sa.Column("tenant_id", sa.Uuid, primary_key=True), sa.Column("id", sa.Uuid, primary_key=True))


def _to(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


def downgrade() -> None:
    for table in ("upsell_offers", "cart_lines", "carts"):
        op.drop_table(table)
