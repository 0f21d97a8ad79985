"""Screens of dialogues that are answers to webhooks (USSD): where each shopper is, and what they saw."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from commerce_api.core.schema import fence, key, owned, refers

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = ("screens", "shown_screens")


def upgrade() -> None:
    op.create_table(
        "screens",
        *owned(),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("typed", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("current", JSONB),
        sa.Column("home", JSONB),
        sa.Column("behind", JSONB, nullable=False),
        _moment("updated_at"),
        key("screens"),
        refers("screens", "conversation_id", "conversations"),
        sa.UniqueConstraint("tenant_id", "conversation_id", name="uq_screens_tenant_id_conversation_id"),
        sa.CheckConstraint("mode in ('answer', 'resume', 'working', 'write', 'told')", name="mode"),
    )
    op.create_table(
        "shown_screens",
        *owned(),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("is_last", sa.Boolean, nullable=False),
        _moment("created_at"),
        key("shown_screens"),
        refers("shown_screens", "message_id", "messages"),
        sa.UniqueConstraint("tenant_id", "message_id", name="uq_shown_screens_tenant_id_message_id"),
    )
    for table in TABLES:
        fence(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, MOMENT, nullable=False)
