"""Photos in sellers' replies."""

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import fence, key, lookup, open_for_lookup, owned, refers

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reply_photos",
        *owned(),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        key("reply_photos"),
        refers("reply_photos", "conversation_id", "conversations"),
        sa.UniqueConstraint("key", name="uq_reply_photos_key"),
    )
    fence("reply_photos")
    open_for_lookup("reply_photos")
    lookup(
        "reply_photo(key text)",
        "table (tenant_id uuid, id uuid)",
        "select p.tenant_id, p.id from reply_photos p where p.key = reply_photo.key",
    )


def downgrade() -> None:
    op.execute("drop function lookup.reply_photo(text)")
    op.drop_table("reply_photos")
