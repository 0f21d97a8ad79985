"""Signing in with a provider."""

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import APP_ROLE, lookup

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_accounts",
        sa.Column("issuer", sa.Text(), primary_key=True),
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", "issuer"),
    )
    op.create_table(
        "provider_sign_ins",
        sa.Column("state_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("visitor_hash", sa.LargeBinary(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.execute(f"grant select, insert, delete on provider_accounts to {APP_ROLE}")
    op.execute(f"grant select, insert, delete on provider_sign_ins to {APP_ROLE}")
    op.create_index("ix_invitations_email", "invitations", ["email"])
    lookup(
        "tenants_inviting(the_email text)",
        "setof uuid",
        "select tenant_id from invitations where email = the_email order by created_at, tenant_id",
    )


def downgrade() -> None:
    op.execute("drop function lookup.tenants_inviting(text)")
    op.drop_index("ix_invitations_email", "invitations")
    op.drop_table("provider_sign_ins")
    op.drop_table("provider_accounts")
