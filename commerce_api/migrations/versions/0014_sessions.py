"""Sessions of people at the desk, and the trail of what members did."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from commerce_api.core.schema import APP_ROLE, fence, key, owned

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("agent", sa.Text()),
        sa.Column("source", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.execute(f"grant select, insert, update, delete on user_sessions to {APP_ROLE}")
    # Tokens given out before this moment no longer serve.
    op.add_column("users", sa.Column("signed_out_at", sa.DateTime(timezone=True)))
    op.create_table(
        "audit_entries",
        *owned(),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        key("audit_entries"),
    )
    op.create_index("ix_audit_entries_tenant_id_at", "audit_entries", ["tenant_id", "at"])
    fence("audit_entries")
    # A trail is added to; nobody rewrites it.
    op.execute(f"revoke update, delete on audit_entries from {APP_ROLE}")


def downgrade() -> None:
    op.drop_table("audit_entries")
    op.drop_column("users", "signed_out_at")
    op.drop_table("user_sessions")
