"""Invitations, links to a new password, and the trail of what befell an account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from commerce_api.core.schema import APP_ROLE, fence, key, lookup, open_for_lookup, owned

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("email_proven_at", sa.DateTime(timezone=True)))
    _make_invitations()
    op.create_table(
        "password_links",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("by_tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id")),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.execute(f"grant select, insert, delete on password_links to {APP_ROLE}")
    op.create_table(
        "account_events",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_account_events_user_id_at", "account_events", ["user_id", "at"])
    # A trail is added to; nobody rewrites it.
    op.execute(f"grant select, insert on account_events to {APP_ROLE}")


def _make_invitations() -> None:
    op.create_table(
        "invitations",
        *owned(),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, index=True),
        sa.Column("invited_by_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        key("invitations"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_invitations_tenant_id"),
        sa.UniqueConstraint("tenant_id", "email", name="uq_invitations_tenant_id_email"),
        sa.CheckConstraint("role in ('owner', 'admin', 'agent', 'trainer', 'viewer')", name="role"),
        sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),
    )
    fence("invitations")
    open_for_lookup("invitations")
    lookup(
        "tenant_inviting(the_hash bytea)",
        "uuid",
        "select tenant_id from invitations where token_hash = the_hash limit 1",
    )


def downgrade() -> None:
    op.drop_table("account_events")
    op.drop_table("password_links")
    op.execute("drop function lookup.tenant_inviting(bytea)")
    op.drop_table("invitations")
    op.drop_column("users", "email_proven_at")
