"""A receipt that names no account of the seller's is found by the id its message was sent under."""

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import LOOKUP_ROLE, lookup, open_for_lookup

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BY_ID, UNDER_WAY = "ix_message_parts_provider_message_id", "ix_message_parts_sending"
OPENED = ("message_parts", "contact_addresses")


def upgrade() -> None:
    op.create_index(BY_ID, "message_parts", ["provider_message_id"])
    op.create_index(
        UNDER_WAY, "message_parts", ["message_id"], postgresql_where=sa.text("status = 'sending'")
    )
    for table in OPENED:
        open_for_lookup(table)
    # Each gives one address, or none where several accounts would fit: then nobody knows whose it is.
    lookup(
        "account_of_sent(channel text, provider_message_id text)",
        "text",
        "select min(a.address) from message_parts p join channel_accounts a"
        " on a.tenant_id = p.tenant_id and a.id = p.channel_account_id"
        " where a.channel = account_of_sent.channel"
        " and p.provider_message_id = account_of_sent.provider_message_id"
        " having count(distinct a.id) = 1",
    )
    lookup(
        "account_of_sending(channel text, recipient text)",
        "text",
        "select min(a.address) from message_parts p"
        " join messages m on m.tenant_id = p.tenant_id and m.id = p.message_id"
        " join contact_addresses d on d.tenant_id = m.tenant_id and d.conversation_id = m.conversation_id"
        " and d.replaced_at is null"
        " join channel_accounts a on a.tenant_id = p.tenant_id and a.id = p.channel_account_id"
        " where p.status = 'sending' and a.channel = account_of_sending.channel"
        " and d.address = account_of_sending.recipient"
        " having count(distinct a.id) = 1",
    )


def downgrade() -> None:
    for name in ("account_of_sending", "account_of_sent"):
        op.execute(f"drop function lookup.{name}")
    for table in OPENED:
        op.execute(f"drop policy lookup_rows on {table}")
        op.execute(f"revoke select on {table} from {LOOKUP_ROLE}")
    op.drop_index(UNDER_WAY, "message_parts")
    op.drop_index(BY_ID, "message_parts")
