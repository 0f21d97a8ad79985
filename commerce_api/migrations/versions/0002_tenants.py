"""Tenants, users, memberships, failed logins, idempotency keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from commerce_api.core.schema import APP_ROLE, fence, lookup, open_for_lookup

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def upgrade() -> None:
    _make_tenants()
    _make_users()
    _make_memberships()
    _make_sign_in_failures()
    _make_idempotency_keys()
    # The application checks at start that the migrations are at head.
    op.execute(f"grant select on alembic_version to {APP_ROLE}")


def _make_tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("languages", ARRAY(sa.Text()), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("hours", sa.Text()),
        sa.Column("opening", JSONB(), nullable=False, server_default="{}"),
        sa.Column("payment_methods", ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, server_default="active"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'", name="slug"),
        sa.CheckConstraint("status in ('active', 'suspended')", name="status"),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    )
    op.execute(f"grant select, insert, update on tenants to {APP_ROLE}")


def _make_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("is_platform_admin", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),
    )
    op.execute(f"grant select, insert, update on users to {APP_ROLE}")


def _make_memberships() -> None:
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False, index=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "user_id"),
        sa.CheckConstraint("role in ('owner', 'admin', 'agent', 'trainer', 'viewer')", name="role"),
    )
    fence("memberships")
    open_for_lookup("memberships")
    lookup(
        "tenants_of_user(the_user uuid)",
        "setof uuid",
        "select tenant_id from memberships where user_id = the_user order by created_at, tenant_id",
    )


def _make_sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("email_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.execute(f"grant select, insert, update, delete on sign_in_failures to {APP_ROLE}")


def _make_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("scope_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("headers", JSONB()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.execute(f"grant select, insert, update, delete on idempotency_keys to {APP_ROLE}")


def downgrade() -> None:
    op.execute("drop function lookup.tenants_of_user(uuid)")
    for table in ("idempotency_keys", "sign_in_failures", "memberships", "users", "tenants"):
        op.drop_table(table)
    op.execute(f"revoke select on alembic_version from {APP_ROLE}")
