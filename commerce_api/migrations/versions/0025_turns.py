"""Conversations that wait, given to members in turn."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenants", sa.Column("shares_out", sa.Boolean, nullable=False, server_default=sa.false()))
    op.alter_column("tenants", "shares_out", server_default=None)
    op.add_column("memberships", sa.Column("given_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("memberships", "given_at")
    op.drop_column("tenants", "shares_out")
