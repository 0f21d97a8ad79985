"""Channel accounts, contacts, conversations, messages, receipts, turns, deliveries."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from commerce_api.core.schema import APP_ROLE, fence, key, lookup, open_for_lookup, owned, refers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "channel_accounts",
    "contacts",
    "contact_addresses",
    "conversations",
    "messages",
    "message_parts",
    "receipts",
    "turns",
)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _channel_accounts()
    _contacts()
    _conversations()
    _messages()
    _message_parts()
    _receipts()
    _turns()
    for table in TABLES:
        fence(table)
    _quarantined_parts()
    _lookups()


def downgrade() -> None:
    for name in (
        "tenant_of_conversation(uuid)",
        "tenant_of_turn(uuid)",
        "channel_account(text, text)",
        "channel_accounts_with_secret(text)",
        "claimable_turn(timestamptz)",
        "conversations_with_due_messages(timestamptz, integer)",
    ):
        op.execute(f"drop function lookup.{name}")
    op.drop_table("quarantined_parts")
    for table in reversed(TABLES):
        op.drop_table(table)


def _one_of(column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} in ({listed})", name=column)


def _created_at() -> sa.Column[datetime]:
    return sa.Column("created_at", MOMENT, nullable=False)


def _channel_accounts() -> None:
    op.create_table(
        "channel_accounts",
        *owned(),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("display_number", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("credentials", sa.Text),
        sa.Column("has_app_secret", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        _created_at(),
        key("channel_accounts"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_channel_accounts_tenant_id"),
    )
    # The one unique key that does not begin with the tenant: a provider's number reaches one seller alone, or
    # a shopper's message could land in two shops. `accounts.connect` turns its violation into an error that
    # says the same whoever holds the address.
    op.create_index(
        "uq_channel_accounts_channel_address", "channel_accounts", ["channel", "address"], unique=True
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        *owned(),
        sa.Column("name", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("phone", sa.Text),
        _created_at(),
        key("contacts"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_contacts_tenant_id"),
    )
    op.create_table(
        "contact_addresses",
        *owned(),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("channel_account_id", sa.Uuid, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        _created_at(),
        key("contact_addresses"),
        refers("contact_addresses", "contact_id", "contacts"),
        refers("contact_addresses", "channel_account_id", "channel_accounts"),
        sa.UniqueConstraint(
            "tenant_id",
            "channel_account_id",
            "address",
            name="uq_contact_addresses_tenant_id_channel_account_id_address",
        ),
    )
    op.create_index(
        "ix_contact_addresses_tenant_id_contact_id", "contact_addresses", ["tenant_id", "contact_id"]
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        *owned(),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("channel_account_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("handled_by", sa.Text, nullable=False, server_default="bot"),
        sa.Column("handoff_reason", sa.Text),
        sa.Column("handoff_at", MOMENT),
        sa.Column("seller_id", sa.Uuid),
        sa.Column("last_message_at", MOMENT),
        sa.Column("reply_window_until", MOMENT),
        sa.Column("unread", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_position", sa.BigInteger, nullable=False, server_default="1"),
        _created_at(),
        key("conversations"),
        refers("conversations", "contact_id", "contacts"),
        refers("conversations", "channel_account_id", "channel_accounts"),
        _one_of("handled_by", "bot", "waiting", "seller"),
        sa.UniqueConstraint(
            "tenant_id",
            "contact_id",
            "channel_account_id",
            name="uq_conversations_tenant_id_contact_id_channel_account_id",
        ),
    )
    op.create_index(
        "ix_conversations_tenant_id_last_message_at", "conversations", ["tenant_id", "last_message_at"]
    )
    op.create_index("ix_conversations_id", "conversations", ["id"])


def _messages() -> None:
    op.create_table(
        "messages",
        *owned(),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("channel_account_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("seller_id", sa.Uuid),
        sa.Column("text", sa.Text),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("raw", JSONB),
        sa.Column("provider_message_id", sa.Text),
        sa.Column("reply_to_id", sa.Uuid),
        sa.Column("ordinal", sa.Integer),
        sa.Column("status", sa.Text),
        sa.Column("due_at", MOMENT),
        sa.Column("maybe_doubled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("failure_code", sa.Text),
        sa.Column("failure_text", sa.Text),
        sa.Column("sent_at", MOMENT),
        _created_at(),
        key("messages"),
        refers("messages", "conversation_id", "conversations"),
        refers("messages", "channel_account_id", "channel_accounts"),
        refers("messages", "reply_to_id", "messages"),
        _one_of("direction", "inbound", "outbound"),
        _one_of("author", "shopper", "assistant", "seller", "system"),
        _one_of("status", "queued", "sending", "sent", "delivered", "read", "failed"),
        sa.CheckConstraint("(direction = 'outbound') = (status is not null)", name="outbound_has_status"),
        sa.UniqueConstraint(
            "tenant_id",
            "channel_account_id",
            "provider_message_id",
            name="uq_messages_tenant_id_channel_account_id_provider_message_id",
        ),
        sa.UniqueConstraint(
            "tenant_id", "conversation_id", "position", name="uq_messages_tenant_id_conversation_id_position"
        ),
        sa.UniqueConstraint(
            "tenant_id", "reply_to_id", "ordinal", name="uq_messages_tenant_id_reply_to_id_ordinal"
        ),
    )
    # What is left to send, in order; small, because what was sent leaves it.
    op.create_index(
        "ix_messages_to_send",
        "messages",
        ["tenant_id", "conversation_id", "position"],
        postgresql_where=sa.text("status in ('queued', 'sending')"),
    )
    op.create_index(
        "ix_messages_due", "messages", ["due_at"], postgresql_where=sa.text("status in ('queued', 'sending')")
    )


def _message_parts() -> None:
    op.create_table(
        "message_parts",
        *owned(),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("channel_account_id", sa.Uuid, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("provider_message_id", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("doubts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attempt_id", sa.Uuid),
        sa.Column("attempted_at", MOMENT),
        sa.Column("failure_code", sa.Text),
        sa.Column("failure_text", sa.Text),
        key("message_parts"),
        refers("message_parts", "message_id", "messages"),
        refers("message_parts", "channel_account_id", "channel_accounts"),
        _one_of("status", "queued", "sending", "sent", "delivered", "read", "failed"),
        sa.UniqueConstraint(
            "tenant_id", "message_id", "part", name="uq_message_parts_tenant_id_message_id_part"
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "channel_account_id",
            "provider_message_id",
            name="uq_message_parts_tenant_id_channel_account_id_provider_id",
        ),
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        *owned(),
        sa.Column("channel_account_id", sa.Uuid, nullable=False),
        sa.Column("provider_message_id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("failure_code", sa.Text),
        sa.Column("failure_text", sa.Text),
        sa.Column("raw", JSONB, nullable=False),
        _created_at(),
        key("receipts"),
        refers("receipts", "channel_account_id", "channel_accounts"),
        _one_of("status", "sent", "delivered", "read", "failed"),
        sa.UniqueConstraint(
            "tenant_id",
            "channel_account_id",
            "provider_message_id",
            "status",
            name="uq_receipts_tenant_id_channel_account_id_provider_id_status",
        ),
    )
    op.create_index("ix_receipts_created_at", "receipts", ["created_at"])


def _turns() -> None:
    op.create_table(
        "turns",
        *owned(),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("lease_until", MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failure", sa.Text),
        _created_at(),
        sa.Column("ended_at", MOMENT),
        key("turns"),
        refers("turns", "conversation_id", "conversations"),
        refers("turns", "message_id", "messages"),
        _one_of("state", "pending", "claimed", "done", "failed", "skipped"),
        sa.UniqueConstraint("tenant_id", "message_id", name="uq_turns_tenant_id_message_id"),
    )
    op.create_index("ix_turns_id", "turns", ["id"])
    # The database's own word that a conversation has one running turn at most.
    op.create_index(
        "uq_turns_claimed",
        "turns",
        ["tenant_id", "conversation_id"],
        unique=True,
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "ix_turns_open",
        "turns",
        ["tenant_id", "conversation_id", "position"],
        postgresql_where=sa.text("state in ('pending', 'claimed')"),
    )
    op.create_index(
        "ix_turns_waiting",
        "turns",
        ["created_at"],
        postgresql_where=sa.text("state in ('pending', 'claimed')"),
    )


def _quarantined_parts() -> None:
    """What no seller's account was found for: kept apart from every tenant, unreadable to the application."""
    op.create_table(
        "quarantined_parts",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("raw", JSONB, nullable=False),
        _created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_quarantined_parts"),
    )
    op.create_index("ix_quarantined_parts_created_at", "quarantined_parts", ["created_at"])
    op.execute(f"grant insert, delete on quarantined_parts to {APP_ROLE}")
    op.execute(f"grant select (id, channel, secret, reason, created_at) on quarantined_parts to {APP_ROLE}")


def _lookups() -> None:
    for table in ("channel_accounts", "conversations", "messages", "turns"):
        open_for_lookup(table)
    lookup(
        "tenant_of_conversation(conversation uuid)",
        "uuid",
        "select c.tenant_id from conversations c where c.id = conversation",
    )
    lookup("tenant_of_turn(turn uuid)", "uuid", "select t.tenant_id from turns t where t.id = turn")
    lookup(
        "channel_account(channel text, address text)",
        "table (tenant_id uuid, id uuid)",
        "select a.tenant_id, a.id from channel_accounts a"
        " where a.channel = channel_account.channel and a.address = channel_account.address",
    )
    lookup(
        "channel_accounts_with_secret(channel text)",
        "table (tenant_id uuid, id uuid)",
        "select a.tenant_id, a.id from channel_accounts a"
        " where a.channel = channel_accounts_with_secret.channel and a.has_app_secret and a.is_active",
    )
    # The conversation whose oldest unfinished turn is free, and has been there longest.
    lookup(
        "claimable_turn(now timestamptz)",
        "table (tenant_id uuid, conversation_id uuid)",
        "select t.tenant_id, t.conversation_id from turns t"
        " where (t.state = 'pending' or (t.state = 'claimed' and t.lease_until < claimable_turn.now))"
        " and not exists (select from turns earlier where earlier.tenant_id = t.tenant_id"
        " and earlier.conversation_id = t.conversation_id and earlier.state in ('pending', 'claimed')"
        " and earlier.position < t.position)"
        " order by t.created_at limit 20",
    )
    lookup(
        "conversations_with_due_messages(now timestamptz, most integer)",
        "table (tenant_id uuid, conversation_id uuid)",
        "select m.tenant_id, m.conversation_id from messages m"
        " where m.status in ('queued', 'sending') and m.due_at <= conversations_with_due_messages.now"
        " group by m.tenant_id, m.conversation_id order by min(m.due_at) limit most",
    )
