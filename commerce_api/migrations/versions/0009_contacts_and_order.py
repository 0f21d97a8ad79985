"""One contact under several addresses, merges and link codes; messages in the order they were said."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from commerce_api.core.schema import fence, key, lookup, open_to_owner, owned, refers

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("contact_phones", "contact_merges", "link_codes", "link_tries", "parked_echoes")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("state in ('pending', 'claimed')")
ONE_TALK = "uq_conversations_tenant_id_contact_id_channel_account_id"
TWO_TALKS = sa.text(
    "select exists (select from conversations"
    " group by tenant_id, contact_id, channel_account_id having count(*) > 1)"
)


def upgrade() -> None:
    _contacts()
    _phones()
    _order()
    with open_to_owner("contacts", "contact_addresses", "conversations", "messages", "turns"):
        _carry_contacts_over()
        _carry_order_over()
    _demand_what_was_carried_over()
    _merges()
    _linking()
    _parked_echoes()
    for table in TABLES:
        fence(table)
    _lookups()


def downgrade() -> None:
    op.execute("drop function lookup.claimable_conversations(integer)")
    op.execute("drop function lookup.turns_held_by(text, timestamptz, uuid[])")
    for table in reversed(TABLES):
        op.drop_table(table)
    _forget_order()
    _forget_contacts()
    # As 0003 made it.
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


def _created_at() -> sa.Column[datetime]:
    return sa.Column("created_at", MOMENT, nullable=False)


def _contacts() -> None:
    """An address leads to a conversation; a number leads to one contact on every channel of a seller."""
    op.add_column("contacts", sa.Column("username", sa.Text))
    op.add_column("contacts", sa.Column("merged_into_id", sa.Uuid))
    op.create_foreign_key(
        "fk_contacts_tenant_id_merged_into_id",
        "contacts",
        "contacts",
        ["tenant_id", "merged_into_id"],
        ["tenant_id", "id"],
    )
    op.add_column("contact_addresses", sa.Column("conversation_id", sa.Uuid))
    op.add_column("contact_addresses", sa.Column("replaced_at", MOMENT))
    op.create_foreign_key(
        "fk_contact_addresses_tenant_id_conversation_id",
        "contact_addresses",
        "conversations",
        ["tenant_id", "conversation_id"],
        ["tenant_id", "id"],
    )
    _address_indexes()
    # A plain index where a downgrade could not bring the key back.
    op.execute(f"alter table conversations drop constraint if exists {ONE_TALK}")
    op.execute(f"drop index if exists {ONE_TALK}")
    op.create_index("ix_conversations_tenant_id_contact_id", "conversations", ["tenant_id", "contact_id"])


def _address_indexes() -> None:
    op.drop_constraint(
        "uq_contact_addresses_tenant_id_channel_account_id_address", "contact_addresses", type_="unique"
    )
    # An address that was given up may be someone else's one day.
    op.create_index(
        "uq_contact_addresses_in_use",
        "contact_addresses",
        ["tenant_id", "channel_account_id", "address"],
        unique=True,
        postgresql_where=sa.text("replaced_at is null"),
    )
    op.create_index(
        "ix_contact_addresses_tenant_id_channel_account_id_address",
        "contact_addresses",
        ["tenant_id", "channel_account_id", "address"],
    )
    op.create_index(
        "ix_contact_addresses_tenant_id_conversation_id",
        "contact_addresses",
        ["tenant_id", "conversation_id"],
    )


def _phones() -> None:
    op.create_table(
        "contact_phones",
        *owned(),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        _created_at(),
        key("contact_phones"),
        refers("contact_phones", "contact_id", "contacts"),
        sa.UniqueConstraint("tenant_id", "phone", name="uq_contact_phones_tenant_id_phone"),
    )
    op.create_index("ix_contact_phones_tenant_id_contact_id", "contact_phones", ["tenant_id", "contact_id"])


def _forget_contacts() -> None:
    op.drop_index("ix_conversations_tenant_id_contact_id")
    # Once contacts were merged, one may have two conversations on an account: then the key is only an index.
    columns = ["tenant_id", "contact_id", "channel_account_id"]
    if op.get_bind().execute(TWO_TALKS).scalar():
        op.create_index(ONE_TALK, "conversations", columns)
    else:
        op.create_unique_constraint(ONE_TALK, "conversations", columns)
    # The older code knows no address that was given up.
    op.execute("delete from contact_addresses where replaced_at is not null")
    op.drop_index("ix_contact_addresses_tenant_id_conversation_id")
    op.drop_index("ix_contact_addresses_tenant_id_channel_account_id_address")
    op.drop_index("uq_contact_addresses_in_use")
    op.create_unique_constraint(
        "uq_contact_addresses_tenant_id_channel_account_id_address",
        "contact_addresses",
        ["tenant_id", "channel_account_id", "address"],
    )
    for column in ("replaced_at", "conversation_id"):
        op.drop_column("contact_addresses", column)
    for column in ("merged_into_id", "username"):
        op.drop_column("contacts", column)


def _order() -> None:
    """Messages stand where they were said; a conversation knows when its next turn may be claimed."""
    op.add_column("conversations", sa.Column("turn_due_at", MOMENT))
    op.create_index(
        "ix_conversations_turn_due",
        "conversations",
        ["tenant_id", "turn_due_at"],
        postgresql_where=sa.text("turn_due_at is not null"),
    )
    op.add_column(
        "messages",
        sa.Column("said_at", MOMENT, nullable=False, server_default=sa.text("clock_timestamp()")),
    )
    op.add_column("messages", sa.Column("edited_at", MOMENT))
    op.add_column("messages", sa.Column("deleted_at", MOMENT))
    op.add_column("messages", sa.Column("joined_turn_id", sa.Uuid))
    op.create_foreign_key(
        "fk_messages_tenant_id_joined_turn_id",
        "messages",
        "turns",
        ["tenant_id", "joined_turn_id"],
        ["tenant_id", "id"],
    )
    op.create_index(
        "ix_messages_tenant_id_conversation_id_said_at",
        "messages",
        ["tenant_id", "conversation_id", "said_at", "position"],
    )
    for column in ("said_at", "due_at"):
        op.add_column("turns", sa.Column(column, MOMENT))
    op.add_column("turns", sa.Column("claim_id", sa.Uuid))
    op.drop_index("ix_turns_open")
    op.drop_index("ix_turns_waiting")
    op.create_index(
        "ix_turns_open",
        "turns",
        ["tenant_id", "conversation_id", "said_at", "position"],
        postgresql_where=OPEN,
    )


def _carry_contacts_over() -> None:
    op.execute(
        "update contact_addresses a set conversation_id = c.id from conversations c"
        " where c.tenant_id = a.tenant_id and c.contact_id = a.contact_id"
        " and c.channel_account_id = a.channel_account_id"
    )
    # Of contacts with one number the oldest keeps it; a person of the seller's may merge the others into it.
    op.execute(
        "insert into contact_phones (tenant_id, id, phone, contact_id, created_at)"
        " select distinct on (tenant_id, phone) tenant_id, gen_random_uuid(), phone, id, created_at"
        " from contacts where phone is not null order by tenant_id, phone, created_at, id"
    )


def _carry_order_over() -> None:
    op.execute("update messages set said_at = coalesce(least(sent_at, created_at), created_at)")
    op.execute("update turns set said_at = created_at, due_at = created_at")
    op.execute(
        "update conversations c set turn_due_at = now() where exists (select from turns t"
        " where t.tenant_id = c.tenant_id and t.conversation_id = c.id and t.state in ('pending', 'claimed'))"
    )


def _demand_what_was_carried_over() -> None:
    # Checks of what the same transaction wrote would otherwise be pending, and the tables can't be altered.
    op.execute("set constraints all immediate")
    op.alter_column("contact_addresses", "conversation_id", nullable=False)
    for column in ("said_at", "due_at"):
        op.alter_column("turns", column, nullable=False)


def _forget_order() -> None:
    op.drop_index("ix_turns_open")
    op.create_index(
        "ix_turns_open", "turns", ["tenant_id", "conversation_id", "position"], postgresql_where=OPEN
    )
    op.create_index("ix_turns_waiting", "turns", ["created_at"], postgresql_where=OPEN)
    op.drop_index("ix_messages_tenant_id_conversation_id_said_at")
    for column in ("joined_turn_id", "deleted_at", "edited_at", "said_at"):
        op.drop_column("messages", column)
    for column in ("claim_id", "due_at", "said_at"):
        op.drop_column("turns", column)
    op.drop_index("ix_conversations_turn_due")
    op.drop_column("conversations", "turn_due_at")


def _merges() -> None:
    op.create_table(
        "contact_merges",
        *owned(),
        sa.Column("kept_id", sa.Uuid, nullable=False),
        sa.Column("merged_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("moved", JSONB, nullable=False),
        _created_at(),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by", sa.Uuid),
        key("contact_merges"),
        refers("contact_merges", "kept_id", "contacts"),
        refers("contact_merges", "merged_id", "contacts"),
        sa.CheckConstraint("reason in ('shared_phone', 'same_person', 'moved', 'link_code')", name="reason"),
        sa.CheckConstraint("kept_id <> merged_id", name="two_contacts"),
    )
    # Someone who is part of another contact can't become part of a second.
    op.create_index(
        "uq_contact_merges_standing",
        "contact_merges",
        ["tenant_id", "merged_id"],
        unique=True,
        postgresql_where=sa.text("undone_at is null"),
    )
    op.create_index("ix_contact_merges_tenant_id_created_at", "contact_merges", ["tenant_id", "created_at"])


def _linking() -> None:
    op.create_table(
        "link_codes",
        *owned(),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        _created_at(),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        key("link_codes"),
        refers("link_codes", "conversation_id", "conversations"),
        sa.UniqueConstraint("tenant_id", "code", name="uq_link_codes_tenant_id_code"),
    )
    op.create_index("ix_link_codes_tenant_id_conversation_id", "link_codes", ["tenant_id", "conversation_id"])
    op.create_table(
        "link_tries",
        *owned(),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        _created_at(),
        key("link_tries"),
        refers("link_tries", "conversation_id", "conversations"),
    )
    op.create_index("ix_link_tries_tenant_id_created_at", "link_tries", ["tenant_id", "created_at"])


def _parked_echoes() -> None:
    op.create_table(
        "parked_echoes",
        *owned(),
        sa.Column("channel_account_id", sa.Uuid, nullable=False),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("provider_message_id", sa.Text, nullable=False),
        sa.Column("message", JSONB, nullable=False),
        _created_at(),
        key("parked_echoes"),
        refers("parked_echoes", "channel_account_id", "channel_accounts"),
        refers("parked_echoes", "conversation_id", "conversations"),
        sa.UniqueConstraint(
            "tenant_id",
            "channel_account_id",
            "provider_message_id",
            name="uq_parked_echoes_tenant_id_channel_account_id_provider_id",
        ),
    )


def _lookups() -> None:
    op.execute("drop function lookup.claimable_turn(timestamptz)")
    # By the database's clock: processes' clocks differ. Each seller's conversations stand in their own line;
    # the seller with the fewest turns under way comes first, and by lot among equals, so that the backlog of
    # one keeps no other waiting.
    lookup(
        "claimable_conversations(most integer)",
        "table (tenant_id uuid, conversation_id uuid)",
        """
        with recursive sellers(tenant_id) as (
          (select c.tenant_id from conversations c where c.turn_due_at is not null
            order by c.tenant_id limit 1)
          union all
          select (select c.tenant_id from conversations c
            where c.turn_due_at is not null and c.tenant_id > s.tenant_id order by c.tenant_id limit 1)
          from sellers s where s.tenant_id is not null
        ), busy as (
          select t.tenant_id, count(*) as turns from turns t
          where t.state = 'claimed' and t.lease_until >= now() group by t.tenant_id
        )
        select due.tenant_id, due.id from sellers s
        cross join lateral (
          select c.tenant_id, c.id, row_number() over (order by c.turn_due_at) as place
          from conversations c
          where c.tenant_id = s.tenant_id and c.turn_due_at <= now()
          order by c.turn_due_at limit most
        ) due
        left join busy on busy.tenant_id = due.tenant_id
        order by coalesce(busy.turns, 0) + due.place, random() limit most
        """,
    )
    lookup(
        "turns_held_by(worker text, until timestamptz, in_hand uuid[])",
        "table (tenant_id uuid, conversation_id uuid)",
        "select t.tenant_id, t.conversation_id from turns t"
        " where t.state = 'claimed' and t.worker = turns_held_by.worker"
        " and t.lease_until >= now() and t.lease_until < until and t.id <> all (in_hand)"
        " order by t.lease_until limit 5",
    )
