"""What a member takes off a shopper's cart, how much the shop lets them, and what an order had off."""

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import fence, key, owned, refers

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "cart_discounts",
        *owned(),
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("unit", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("until", AT, nullable=False),
        key("cart_discounts"),
        refers("cart_discounts", "cart_id", "carts"),
        sa.UniqueConstraint("tenant_id", "cart_id", name="uq_cart_discounts_tenant_id_cart_id"),
        sa.CheckConstraint("percent between 1 and 100", name="percent_bounds"),
    )
    fence("cart_discounts")
    _add("tenants", sa.Column("discount_limit_percent", sa.Integer, nullable=False, server_default="0"))
    _add("orders", sa.Column("discount", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("orders", sa.Column("discount_percent", sa.Integer))


def _add(table: str, column: sa.Column[int]) -> None:
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)


def downgrade() -> None:
    op.drop_column("orders", "discount_percent")
    op.drop_column("orders", "discount")
    op.drop_column("tenants", "discount_limit_percent")
    op.drop_table("cart_discounts")
