"""The shop's word on returns, what a person is called for, and why something was offered beside a cart."""

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import open_to_owner

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = "'offered', 'accepted', 'declined'"


def upgrade() -> None:
    op.add_column("tenants", sa.Column("returns_policy", sa.Text))
    op.add_column("conversations", sa.Column("handoff_summary", sa.Text))
    op.add_column(
        "tenants",
        sa.Column("upsell_held_out_percent", sa.Integer, nullable=False, server_default=sa.text("0")),
    )
    op.alter_column("tenants", "upsell_held_out_percent", server_default=None)
    op.add_column("upsell_offers", sa.Column("source", sa.String(20), nullable=False, server_default="pair"))
    op.alter_column("upsell_offers", "source", server_default=None)
    op.drop_constraint("ck_upsell_offers_state", "upsell_offers")
    op.create_check_constraint("state", "upsell_offers", f"state in ({BEFORE}, 'held_out')")
    op.create_check_constraint("source", "upsell_offers", "source in ('pair', 'together')")


def downgrade() -> None:
    # Offers that were not made are no offers to what knew none.
    with open_to_owner("upsell_offers"):
        op.execute("delete from upsell_offers where state = 'held_out'")
    op.drop_constraint("ck_upsell_offers_source", "upsell_offers")
    op.drop_constraint("ck_upsell_offers_state", "upsell_offers")
    op.create_check_constraint("state", "upsell_offers", f"state in ({BEFORE})")
    op.drop_column("upsell_offers", "source")
    op.drop_column("tenants", "upsell_held_out_percent")
    op.drop_column("conversations", "handoff_summary")
    op.drop_column("tenants", "returns_policy")
