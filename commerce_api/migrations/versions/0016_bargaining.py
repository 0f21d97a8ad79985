"""How far prices may be bargained down, each shopper's bargains, and their rounds."""

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import fence, key, owned, refers

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("bargain_rounds", "bargains", "bargain_terms")


def upgrade() -> None:
    op.create_table(
        "bargain_terms",
        *owned(),
        sa.Column("product_id", sa.Uuid),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("floor_percent", sa.Integer, nullable=False),
        sa.Column("floor_price", sa.BigInteger),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("steps", "patience", "limit_per_contact", "held_minutes", "pair_quantity")
        ),
        key("bargain_terms"),
        refers("bargain_terms", "product_id", "products"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_bargain_terms_tenant_id"),
        sa.UniqueConstraint(
            "tenant_id",
            "product_id",
            name="uq_bargain_terms_tenant_id_product_id",
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint("floor_percent between 1 and 100", name="floor_percent_bounds"),
        sa.CheckConstraint(
            "floor_price is null or (floor_price > 0 and product_id is not null)", name="floor_price_bounds"
        ),
        sa.CheckConstraint("steps between 1 and 10 and patience between 1 and 20", name="way_bounds"),
        sa.CheckConstraint(
            "held_minutes > 0 and pair_quantity > 0 and limit_per_contact > 0", name="positive"
        ),
    )
    op.create_table(
        "bargains",
        *owned(),
        *(
            sa.Column(name, sa.Uuid, nullable=False)
            for name in ("contact_id", "conversation_id", "product_id", "variant_id")
        ),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("regular_price", sa.BigInteger, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("rounds", sa.Integer, nullable=False),
        sa.Column("asked_price", sa.BigInteger, nullable=False),
        sa.Column("best_offer", sa.BigInteger),
        sa.Column("pair_price", sa.BigInteger),
        sa.Column("pair_quantity", sa.Integer),
        sa.Column("agreed_price", sa.BigInteger),
        sa.Column("least_quantity", sa.Integer, nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        key("bargains"),
        *(
            refers("bargains", f"{name}_id", f"{name}s")
            for name in ("contact", "conversation", "product", "variant")
        ),
        sa.CheckConstraint("state in ('open', 'agreed', 'used', 'refused', 'lapsed')", name="state"),
        sa.CheckConstraint("agreed_price between 1 and regular_price", name="agreed_price_bounds"),
    )
    op.create_index(
        "uq_bargains_live",
        "bargains",
        ["tenant_id", "contact_id", "variant_id"],
        unique=True,
        postgresql_where=sa.text("state in ('open', 'agreed')"),
    )
    op.create_index(
        "ix_bargains_contact", "bargains", ["tenant_id", "contact_id", "product_id", "updated_at"]
    )
    op.create_table(
        "bargain_rounds",
        *owned(),
        sa.Column("bargain_id", sa.Uuid, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("asked", sa.String(20), nullable=False),
        sa.Column("offered", sa.BigInteger),
        sa.Column("quantity", sa.Integer),
        sa.Column("answered", sa.String(20), nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        key("bargain_rounds"),
        refers("bargain_rounds", "bargain_id", "bargains"),
        sa.UniqueConstraint(
            "tenant_id", "bargain_id", "ordinal", name="uq_bargain_rounds_tenant_id_bargain_id"
        ),
    )
    for table in TABLES:
        fence(table)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
