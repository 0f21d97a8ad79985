"""The inbox: who has a conversation, labels, sleep and resolution; notes, canned replies, later messages.

Whoever watches is told of what changed by PostgreSQL itself, so that no writer can forget it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from commerce_api.core.schema import fence, key, lookup, owned, refers

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ADDED = ("assignee_id", "labels", "snoozed_until", "resolved_at")
WORDS = "to_tsvector('simple', coalesce(text, ''))"
# What a page shows of a conversation, and of a message already in the thread.
SHOWN_TALK = (
    "next_position",
    "last_message_at",
    "handled_by",
    "seller_id",
    "assignee_id",
    "unread",
    "labels",
    "snoozed_until",
    "resolved_at",
    "contact_id",
)
SHOWN_MESSAGE = ("status", "text", "edited_at", "deleted_at", "maybe_doubled")
SAYING = """
select m.conversation_id from messages m
where m.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
and to_tsvector('simple', coalesce(m.text, '')) @@ to_tsquery('simple', words)
group by m.conversation_id order by max(m.said_at) desc limit most
"""


def upgrade() -> None:
    _conversations()
    _tables()
    _tell("conversations", "id", SHOWN_TALK, first="after insert")
    _tell("messages", "conversation_id", SHOWN_MESSAGE)
    op.execute(f"create index ix_messages_words on messages using gin (({WORDS})) where text is not null")
    lookup("conversations_saying(words text, most int)", "setof uuid", SAYING)


def _conversations() -> None:
    op.add_column("conversations", sa.Column("assignee_id", sa.Uuid(), sa.ForeignKey("users.id")))
    op.add_column("conversations", sa.Column("labels", ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.add_column("conversations", sa.Column("snoozed_until", AT))
    op.add_column("conversations", sa.Column("resolved_at", AT))
    op.create_index(
        "ix_conversations_waiting",
        "conversations",
        ["tenant_id", "handoff_at"],
        postgresql_where=sa.text("handled_by = 'waiting'"),
    )


def _tables() -> None:
    op.create_table(
        "conversation_notes",
        *owned(),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        key("conversation_notes"),
        refers("conversation_notes", "conversation_id", "conversations"),
    )
    op.create_table(
        "canned_replies",
        *owned(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        key("canned_replies"),
        sa.UniqueConstraint("tenant_id", "name", name="uq_canned_replies_tenant_id_name"),
    )
    op.create_table(
        "scheduled_messages",
        *owned(),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("settled_at", AT),
        sa.Column("outcome", sa.Text()),
        sa.Column("created_at", AT, nullable=False),
        key("scheduled_messages"),
        refers("scheduled_messages", "conversation_id", "conversations"),
    )
    for table in ("conversation_notes", "scheduled_messages"):
        op.create_index(
            f"ix_{table}_tenant_id_conversation_id", table, ["tenant_id", "conversation_id", "created_at"]
        )
    for table in ("conversation_notes", "canned_replies", "scheduled_messages"):
        fence(table)


def _tell(table: str, conversation: str, shown: tuple[str, ...], *, first: str | None = None) -> None:
    """Tells channel ``desk`` the tenant and conversation of a row whose shown columns changed."""
    op.execute(
        f"create function tell_desk_of_{table}() returns trigger language plpgsql as $$ begin"
        f" perform pg_notify('desk', new.tenant_id || ' ' || new.{conversation}); return null; end $$"
    )
    differs = " or ".join(f"old.{column} is distinct from new.{column}" for column in shown)
    op.execute(
        f"create trigger tell_desk_of_change after update on {table} for each row when ({differs})"
        f" execute function tell_desk_of_{table}()"
    )
    if first:
        op.execute(
            f"create trigger tell_desk_of_new {first} on {table} for each row"
            f" execute function tell_desk_of_{table}()"
        )


def downgrade() -> None:
    op.execute("drop function lookup.conversations_saying(text, int)")
    op.drop_index("ix_messages_words", "messages")
    op.execute("drop trigger tell_desk_of_new on conversations")
    for table in ("conversations", "messages"):
        op.execute(f"drop trigger tell_desk_of_change on {table}")
        op.execute(f"drop function tell_desk_of_{table}()")
    for table in ("scheduled_messages", "canned_replies", "conversation_notes"):
        op.drop_table(table)
    op.drop_index("ix_conversations_waiting", "conversations")
    for column in ADDED:
        op.drop_column("conversations", column)
