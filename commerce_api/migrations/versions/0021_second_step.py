"""The second step of signing in, and its recovery codes."""

import sqlalchemy as sa
from alembic import op

from commerce_api.core.schema import APP_ROLE

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_steps",
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("last_counter", sa.BigInteger()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(), primary_key=True),
    )
    op.execute(f"grant select, insert, update, delete on second_steps to {APP_ROLE}")
    op.execute(f"grant select, insert, delete on recovery_codes to {APP_ROLE}")


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("second_steps")
