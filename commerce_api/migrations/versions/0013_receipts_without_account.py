"""A receipt that names no account of the seller's is found by the id its message was sent under."""

from alembic import op

from commerce_api.core.schema import LOOKUP_ROLE, lookup, open_for_lookup

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEX = "ix_message_parts_provider_message_id"


def upgrade() -> None:
    op.create_index(INDEX, "message_parts", ["provider_message_id"])
    open_for_lookup("message_parts")
    # One address, or none where the id was given to several accounts: then nobody knows whose it is.
    lookup(
        "account_of_sent(channel text, provider_message_id text)",
        "text",
        "select min(a.address) from message_parts p join channel_accounts a"
        " on a.tenant_id = p.tenant_id and a.id = p.channel_account_id"
        " where a.channel = account_of_sent.channel"
        " and p.provider_message_id = account_of_sent.provider_message_id"
        " having count(distinct a.id) = 1",
    )


def downgrade() -> None:
    op.execute("drop function lookup.account_of_sent")
    op.execute("drop policy lookup_rows on message_parts")
    op.execute(f"revoke select on message_parts from {LOOKUP_ROLE}")
    op.drop_index(INDEX, "message_parts")
