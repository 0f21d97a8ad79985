"""Orders, their lines, delivery zones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from commerce_api.core.schema import fence

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MAX_AMOUNT = 10**15

STATES = ", ".join(
    f"'{state}'"
    for state in (
        "placed",
        "confirmed",
        "paid",
        "packed",
        "out_for_delivery",
        "delivered",
        "cancelled",
        "returned",
        "refunded",
    )
)


def upgrade() -> None:
    _create_delivery_zones()
    _create_orders()
    _create_order_lines()
    _create_order_moves()
    for table in ("delivery_zones", "orders", "order_lines", "order_moves"):
        fence(table)


def downgrade() -> None:
    for table in ("order_moves", "order_lines", "orders", "delivery_zones"):
        op.drop_table(table)


def _create_delivery_zones() -> None:
    op.create_table(
        "delivery_zones",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("eta", sa.Text),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("tenant_id", "name"),
        sa.CheckConstraint(f"fee between 0 and {MAX_AMOUNT}", name="fee"),
    )


def _create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("conversation_id", sa.Uuid),
        sa.Column("cart_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("customer_name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("delivery_method", sa.Text, nullable=False),
        sa.Column("zone_id", sa.Uuid),
        sa.Column("zone_name", sa.Text),
        sa.Column("zone_eta", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("latitude", sa.Double),
        sa.Column("longitude", sa.Double),
        sa.Column("payment_method", sa.Text, nullable=False),
        sa.Column("is_paid", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_refund_due", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("holds_stock", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("subtotal", sa.BigInteger, nullable=False),
        sa.Column("delivery_fee", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("cancellation_reason", sa.Text),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tenant_id", "contact_id"], ["contacts.tenant_id", "contacts.id"]),
        sa.ForeignKeyConstraint(
            ["tenant_id", "conversation_id"],
            ["conversations.tenant_id", "conversations.id"],
        ),
        sa.ForeignKeyConstraint(["tenant_id", "cart_id"], ["carts.tenant_id", "carts.id"]),
        sa.ForeignKeyConstraint(
            ["tenant_id", "zone_id"],
            ["delivery_zones.tenant_id", "delivery_zones.id"],
            ondelete="SET NULL (zone_id)",
        ),
        sa.UniqueConstraint("tenant_id", "number"),
        # One order a cart, whatever raced.
        sa.UniqueConstraint("tenant_id", "cart_id"),
        sa.CheckConstraint(f"state in ({STATES})", name="state"),
        sa.CheckConstraint("delivery_method in ('delivery', 'pickup')", name="delivery_method"),
        sa.CheckConstraint("payment_method in ('cash_on_delivery', 'pay_link')", name="payment_method"),
        sa.CheckConstraint(
            "least(subtotal, delivery_fee) >= 0 and total = subtotal + delivery_fee"
            f" and total <= {MAX_AMOUNT}",
            name="total",
        ),
        sa.CheckConstraint("is_paid = (paid_at is not null)", name="paid_at"),
    )
    op.create_index("ix_orders_tenant_id_placed_at", "orders", ["tenant_id", "placed_at"])
    op.create_index(
        "ix_orders_tenant_id_contact_id_placed_at", "orders", ["tenant_id", "contact_id", "placed_at"]
    )
    op.create_index("ix_orders_tenant_id_state_placed_at", "orders", ["tenant_id", "state", "placed_at"])
    op.create_index("ix_orders_tenant_id_conversation_id", "orders", ["tenant_id", "conversation_id"])


def _create_order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("variant_id", sa.Uuid, nullable=False),
        sa.Column("product_name", sa.Text, nullable=False),
        sa.Column("product_sku", sa.Text, nullable=False),
        sa.Column("variant_name", sa.Text),
        sa.Column("variant_sku", sa.Text, nullable=False),
        sa.Column("unit_price", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "product_id"],
            ["products.tenant_id", "products.id"],
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "variant_id"],
            ["variants.tenant_id", "variants.id"],
        ),
        sa.UniqueConstraint("tenant_id", "order_id", "position"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("unit_price >= 0 and total = unit_price * quantity", name="total"),
    )
    op.create_index("ix_order_lines_tenant_id_variant_id", "order_lines", ["tenant_id", "variant_id"])
    op.create_index("ix_order_lines_tenant_id_product_id", "order_lines", ["tenant_id", "product_id"])


def _create_order_moves() -> None:
    op.create_table(
        "order_moves",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "order_id", "ordinal"),
        sa.CheckConstraint(f"from_state in ({STATES})", name="from_state"),
        sa.CheckConstraint(f"to_state in ({STATES})", name="to_state"),
        sa.CheckConstraint("actor in ('shopper', 'person', 'system')", name="actor"),
    )
