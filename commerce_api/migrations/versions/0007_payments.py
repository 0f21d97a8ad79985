"""Payments, and what payment providers told us."""

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import APP_ROLE, fence, lookup, open_for_lookup

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MAX_AMOUNT = 10**15


def upgrade() -> None:
    _create_payments()
    _create_payment_callbacks()
    _fence_payment_callbacks()
    fence("payments")
    open_for_lookup("payments")
    lookup(
        "tenant_of_payment(reference text)",
        "uuid",
        "select tenant_id from payments p where p.reference = $1 limit 1",
    )
    lookup(
        "tenants_with_waiting_payments(before timestamptz)",
        "setof uuid",
        "select distinct tenant_id from payments where state in ('created', 'pending') and polled_at < $1",
    )


def downgrade() -> None:
    op.execute("drop function lookup.tenants_with_waiting_payments(timestamptz)")
    op.execute("drop function lookup.tenant_of_payment(text)")
    op.drop_table("payment_callbacks")
    op.drop_table("payments")


def _create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("checkout_id", sa.Text),
        sa.Column("is_refund_due", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("note", sa.Text),
        sa.Column("user_id", sa.Uuid),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True)),
        sa.Column("refunded_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("tenant_id", "reference"),
        sa.CheckConstraint(f"amount between 0 and {MAX_AMOUNT}", name="amount"),
        sa.CheckConstraint(
            "state in ('created', 'pending', 'paid', 'failed', 'cancelled', 'mismatch')", name="state"
        ),
        sa.CheckConstraint("(state = 'paid') = (paid_at is not null)", name="paid_at"),
    )
    op.create_index("ix_payments_reference", "payments", ["reference"])
    op.create_index("ix_payments_tenant_id_order_id", "payments", ["tenant_id", "order_id"])
    waiting = "state in ('created', 'pending')"
    op.create_index("ix_payments_polled_at", "payments", ["polled_at"], postgresql_where=sa.text(waiting))
    # Whatever raced: one open link an order, and one payment that settles it.
    op.create_index(
        "uq_payments_open",
        "payments",
        ["tenant_id", "order_id"],
        unique=True,
        postgresql_where=sa.text(waiting),
    )
    op.create_index(
        "uq_payments_settling",
        "payments",
        ["tenant_id", "order_id"],
        unique=True,
        postgresql_where=sa.text("state = 'paid' and not is_refund_due and refunded_at is null"),
    )


def _create_payment_callbacks() -> None:
    op.create_table(
        "payment_callbacks",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider", "event_id"),
        sa.CheckConstraint(
            "outcome in ('parked', 'paid', 'surplus', 'failed', 'mismatch', 'ignored')", name="outcome"
        ),
    )
    op.create_index("ix_payment_callbacks_reference", "payment_callbacks", ["reference"])


def _fence_payment_callbacks() -> None:
    """A callback may come before its tenant is known: it belongs to whoever owns the payment it names.

    The subquery is held by the policy of ``payments``: a session sees the callbacks of its tenant's payments.
    """
    op.execute("alter table payment_callbacks enable row level security")
    op.execute("alter table payment_callbacks force row level security")
    op.execute(f"create policy arriving on payment_callbacks for insert to {APP_ROLE} with check (true)")
    owned = "exists (select from payments p where p.reference = payment_callbacks.reference)"
    op.execute(f"create policy owned_read on payment_callbacks for select to {APP_ROLE} using ({owned})")
    op.execute(f"create policy owned_write on payment_callbacks for update to {APP_ROLE} using ({owned})")
    op.execute(f"grant select, insert, update on payment_callbacks to {APP_ROLE}")
