"""What became of conversations: steps that nothing else tells, and one view over everything that happened."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from commerce_api.core.schema import APP_ROLE, fence, key, owned, refers

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = (
    "handed_off",
    "taken_over",
    "handed_back",
    "conversation_closed",
    "user_joined",
    "user_left",
    "product_clicked",
    "cart_line_added",
    "cart_line_changed",
    "cart_line_removed",
    "cart_cleared",
)
# Each a SELECT of: tenant, id, when, what, whose conversation, which person did it, and the facts as JSON.
# Where one row tells of two events, the second's id is made of the first's.
SOURCES = (
    """select tenant_id, id, at, kind, conversation_id, user_id, facts from conversation_steps""",
    """select tenant_id, id, created_at, 'conversation_started', id, null::uuid,
        jsonb_build_object('channel', channel) from conversations""",
    """select tenant_id, id, created_at, 'message_received', conversation_id, null::uuid,
        jsonb_build_object('message_id', id, 'kind', kind)
        from messages where direction = 'inbound' and kind <> 'event'""",
    """select tenant_id, id, sent_at, 'message_sent', conversation_id, seller_id,
        jsonb_build_object('message_id', id, 'kind', kind, 'author', author)
        from messages where direction = 'outbound' and sent_at is not null""",
    """select r.tenant_id, r.id, r.at, 'message_read', m.conversation_id, null::uuid,
        jsonb_build_object('message_id', m.id)
        from receipts r
        join message_parts p on p.tenant_id = r.tenant_id and p.channel_account_id = r.channel_account_id
          and p.provider_message_id = r.provider_message_id and p.part = 0
        join messages m on m.tenant_id = p.tenant_id and m.id = p.message_id
        where r.status = 'read'""",
    """select o.tenant_id, v.id, v.at,
        case when v.from_state is null then 'order_placed' else 'order_' || v.to_state end,
        o.conversation_id, v.user_id,
        jsonb_build_object('order_id', o.id, 'number', o.number, 'amount', o.total, 'currency', o.currency,
          'actor', v.actor)
        from order_moves v join orders o on o.tenant_id = v.tenant_id and o.id = v.order_id
        where v.from_state is distinct from v.to_state""",
    """select p.tenant_id, p.id, p.created_at, 'payment_started', o.conversation_id, p.user_id,
        jsonb_build_object('order_id', o.id, 'number', o.number, 'amount', p.amount, 'currency', p.currency,
          'provider', p.provider)
        from payments p join orders o on o.tenant_id = p.tenant_id and o.id = p.order_id""",
    """select p.tenant_id, md5(p.id || 'paid')::uuid, p.paid_at, 'payment_paid', o.conversation_id, p.user_id,
        jsonb_build_object('order_id', o.id, 'number', o.number, 'amount', p.amount, 'currency', p.currency,
          'provider', p.provider)
        from payments p join orders o on o.tenant_id = p.tenant_id and o.id = p.order_id
        where p.paid_at is not null""",
)


def upgrade() -> None:
    op.create_table(
        "conversation_steps",
        *owned(),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid),
        sa.Column("facts", JSONB, nullable=False, server_default="{}"),
        sa.Column("at", MOMENT, nullable=False),
        key("conversation_steps"),
        refers("conversation_steps", "conversation_id", "conversations"),
        sa.CheckConstraint(f"kind in {KINDS}", name="kind"),
    )
    op.create_index("ix_conversation_steps_tenant_id_at", "conversation_steps", ["tenant_id", "at"])
    op.create_index(
        "ix_conversation_steps_tenant_id_conversation_id",
        "conversation_steps",
        ["tenant_id", "conversation_id", "at"],
    )
    # What a week, or a month, of a shop is read by.
    op.create_index("ix_messages_tenant_id_created_at", "messages", ["tenant_id", "created_at"])
    fence("conversation_steps")
    # With the asker's own rights: every table below holds its fence.
    columns = "tenant_id, id, at, kind, conversation_id, user_id, facts"
    op.execute(
        f"create view conversation_events ({columns}) with (security_invoker = true) as "
        + " union all ".join(SOURCES)
    )
    op.execute(f"grant select on conversation_events to {APP_ROLE}")


def downgrade() -> None:
    op.execute("drop view conversation_events")
    op.drop_index("ix_messages_tenant_id_created_at")
    op.drop_table("conversation_steps")
