"""What the assistant is asked and hands on: the shop's word on returns, and what a person is called for."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenants", sa.Column("returns_policy", sa.Text))
    op.add_column("conversations", sa.Column("handoff_summary", sa.Text))


def downgrade() -> None:
    op.drop_column("conversations", "handoff_summary")
    op.drop_column("tenants", "returns_policy")
