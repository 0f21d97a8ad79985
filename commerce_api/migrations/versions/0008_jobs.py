"""Procrastinate's tables, as its installed release ships them, and what the application may do with them."""

from alembic import op
from procrastinate.schema import SchemaManager

from commerce_api.core.schema import APP_ROLE

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "procrastinate_events",
    "procrastinate_periodic_defers",
    "procrastinate_jobs",
    "procrastinate_workers",
)
SEQUENCES = (
    "procrastinate_events_id_seq",
    "procrastinate_periodic_defers_id_seq",
    "procrastinate_jobs_id_seq",
)


def upgrade() -> None:
    # Sent as it is, past SQLAlchemy: the script holds many statements, with colons and per cent signs.
    connection = op.get_bind().connection.driver_connection
    connection.execute(SchemaManager.get_schema())  # type: ignore[union-attr]
    op.execute(f"grant select, insert, update, delete on {', '.join(TABLES)} to {APP_ROLE}")
    op.execute(f"grant usage on sequence {', '.join(SEQUENCES)} to {APP_ROLE}")


def downgrade() -> None:
    op.execute(
        "do $$ declare f record; begin for f in select p.oid::regprocedure as name from pg_proc p"
        " join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'public' and p.proname like 'procrastinate\\_%'"
        " loop execute 'drop function ' || f.name || ' cascade'; end loop; end $$"
    )
    op.execute(f"drop table {', '.join(TABLES)}")
    op.execute(
        "drop type procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type"
    )
