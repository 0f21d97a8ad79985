"""Consent, pacing, notices on channel accounts, and the road a channel account's messages leave by."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import APP_ROLE, fence, key, owned, refers

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("consent_entries", "account_notices", "buckets")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("channel_accounts", sa.Column("road_id", sa.Uuid))
    op.create_foreign_key(
        "fk_channel_accounts_tenant_id_road_id",
        "channel_accounts",
        "channel_accounts",
        ["tenant_id", "road_id"],
        ["tenant_id", "id"],
    )
    op.add_column("messages", sa.Column("pace_epoch", sa.Integer))
    # What came in on an account of late: it counts towards the account's rate.
    op.create_index(
        "ix_messages_arrived",
        "messages",
        ["tenant_id", "channel_account_id", "created_at"],
        postgresql_where=sa.text("direction = 'inbound'"),
    )
    _consent_entries()
    _account_notices()
    _buckets()
    for table in TABLES:
        fence(table)
    # What a shopper said of being written to is never rewritten.
    op.execute(f"revoke update, delete on consent_entries from {APP_ROLE}")
    _job_indexes()


def downgrade() -> None:
    op.execute("drop index ix_procrastinate_jobs_tenant")
    op.execute("drop index ix_procrastinate_jobs_lock_open")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_messages_arrived", "messages")
    op.drop_column("messages", "pace_epoch")
    op.drop_constraint("fk_channel_accounts_tenant_id_road_id", "channel_accounts", type_="foreignkey")
    op.drop_column("channel_accounts", "road_id")


def _one_of(column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} in ({listed})", name=column)


def _moment(name: str, *, is_needed: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, MOMENT, nullable=not is_needed)


def _consent_entries() -> None:
    op.create_table(
        "consent_entries",
        *owned(),
        sa.Column("number", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("channel_account_id", sa.Uuid, nullable=False),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("message_id", sa.Uuid),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("told_by", sa.Text, nullable=False),
        _moment("said_at"),
        _moment("created_at"),
        key("consent_entries"),
        refers("consent_entries", "contact_id", "contacts"),
        refers("consent_entries", "channel_account_id", "channel_accounts"),
        refers("consent_entries", "conversation_id", "conversations"),
        refers("consent_entries", "message_id", "messages"),
        _one_of("word", "stop", "start"),
        _one_of("scope", "all", "marketing"),
        _one_of("told_by", "words", "provider"),
    )
    for columns in (["tenant_id", "contact_id", "channel_account_id"], ["tenant_id", "conversation_id"]):
        op.create_index(f"ix_consent_entries_{'_'.join(columns)}", "consent_entries", columns)


def _account_notices() -> None:
    op.create_table(
        "account_notices",
        *owned(),
        sa.Column("channel_account_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("times", sa.Integer, nullable=False, server_default="1"),
        _moment("opened_at"),
        _moment("last_at"),
        _moment("closed_at", is_needed=False),
        key("account_notices"),
        refers("account_notices", "channel_account_id", "channel_accounts"),
    )
    op.create_index(
        "uq_account_notices_open",
        "account_notices",
        ["tenant_id", "channel_account_id", "code"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        "ix_account_notices_tenant_id_channel_account_id",
        "account_notices",
        ["tenant_id", "channel_account_id", "opened_at"],
    )


def _buckets() -> None:
    op.create_table(
        "buckets",
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("tenants.id"), nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        _moment("full_at"),
        _moment("counted_at"),
        _moment("paused_until", is_needed=False),
        sa.Column("strikes", sa.Integer, nullable=False, server_default="0"),
        sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("tenant_id", "scope", "subject_id", name="pk_buckets"),
        _one_of("scope", "account", "pair", "flood"),
    )


def _job_indexes() -> None:
    """For the backlog of one tenant, and for a job's lock among ten thousand waiting jobs."""
    op.execute(
        "create index ix_procrastinate_jobs_tenant on procrastinate_jobs ((args ->> 'tenant_id'))"
        " where status = 'todo'"
    )
    op.execute(
        "create index ix_procrastinate_jobs_lock_open on procrastinate_jobs (lock)"
        " where status in ('todo', 'doing')"
    )
