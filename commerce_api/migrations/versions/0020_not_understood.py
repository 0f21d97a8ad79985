"""What the assistant did not understand is a step of the conversation; steps are told as they happen."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CHECK = "ck_conversation_steps_kind"
BEFORE = (
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
ADDED = "not_understood"


def upgrade() -> None:
    _allow((*BEFORE, ADDED))
    op.execute(
        "create trigger tell_desk_of_new after insert on conversation_steps for each row"
        " execute function tell_desk_of_messages()"
    )


def downgrade() -> None:
    op.execute("drop trigger tell_desk_of_new on conversation_steps")
    op.execute(f"delete from conversation_steps where kind = '{ADDED}'")
    _allow(BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    op.execute(f"alter table conversation_steps drop constraint {CHECK}")
    op.execute(f"alter table conversation_steps add constraint {CHECK} check (kind in {kinds})")
