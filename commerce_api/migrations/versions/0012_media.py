"""Shoppers' files: what is to be fetched of each message, what became of it, and the bytes themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from commerce_api.core.schema import fence, key, owned, refers

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "message_media",
        *owned(),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("source", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("refusal", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("content_type", sa.Text),
        sa.Column("filename", sa.Text),
        sa.Column("size", sa.Integer),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("content", sa.LargeBinary),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        key("message_media"),
        refers("message_media", "message_id", "messages"),
        sa.UniqueConstraint(
            "tenant_id", "message_id", "place", name="uq_message_media_tenant_id_message_id_place"
        ),
        sa.CheckConstraint("state in ('pending', 'stored', 'refused')", name="state"),
        sa.CheckConstraint("(state = 'stored') = (content is not null)", name="content_is_stored"),
        sa.CheckConstraint("(state = 'refused') = (refusal is not null)", name="refusal_is_said"),
    )
    # Pictures and sound are compressed already.
    op.execute("alter table message_media alter column content set storage external")
    fence("message_media")


def downgrade() -> None:
    op.drop_table("message_media")
