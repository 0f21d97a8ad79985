"""What migrations do the same way: columns and keys, the fence, and narrow look-ups across tenants.

Roles: the role that migrates owns the tables; ``commerce_app`` (the application, see ``stack/database.py``)
owns nothing and is held by the policies; ``commerce_lookup`` can't log in and owns the few functions that may
look across tenants, each answering one exact question with ids alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import sqlalchemy as sa
from alembic import op

APP_ROLE = "commerce_app"
LOOKUP_ROLE = "commerce_lookup"


def owned() -> tuple[sa.Column[UUID], sa.Column[UUID]]:
    """The first two columns of a tenant table."""
    return sa.Column("tenant_id", sa.Uuid, nullable=False), sa.Column("id", sa.Uuid, nullable=False)


def key(table: str) -> sa.PrimaryKeyConstraint:
    """A tenant table's primary key."""
    return sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}")


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    """The key from ``table`` to a row of the same tenant in the table ``to``."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{to}.tenant_id", f"{to}.id"], name=f"fk_{table}_tenant_id_{column}"
    )


def fence(table: str) -> None:
    """Forces row-level security on ``table`` and lets the application at the current tenant's rows."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy tenant_rows on {table} to {APP_ROLE}"
        " using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)"
        " with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)"
    )
    op.execute(f"grant select, insert, update, delete on {table} to {APP_ROLE}")


@contextmanager
def open_to_owner(*tables: str) -> Iterator[None]:
    """Lets the migration itself at every tenant's rows of ``tables``, to move data.

    The fence is forced on owners too, and an owner that is no superuser would otherwise change nothing.
    """
    for table in tables:
        op.execute(f"alter table {table} no force row level security")
    yield
    for table in tables:
        op.execute(f"alter table {table} force row level security")


def open_for_lookup(table: str) -> None:
    """Lets the look-up role read ``table`` in full, for functions made with ``lookup``."""
    op.execute(f"create policy lookup_rows on {table} for select to {LOOKUP_ROLE} using (true)")
    op.execute(f"grant select on {table} to {LOOKUP_ROLE}")


def lookup(signature: str, returns: str, body: str, *, language: str = "sql") -> None:
    """A function of the look-up role that the application may call; ``body`` is one SELECT or plpgsql block.

    ``signature`` is ``name(argument type, …)`` without a schema; the function lives in schema ``lookup``.
    """
    op.execute(
        f"create function lookup.{signature} returns {returns} language {language} stable security definer"
        f" set search_path = public, pg_temp as $$ {body} $$"
    )
    name = signature.split("(", maxsplit=1)[0]
    op.execute(f"alter function lookup.{name} owner to {LOOKUP_ROLE}")
    op.execute(f"revoke all on function lookup.{name} from public")
    op.execute(f"grant execute on function lookup.{name} to {APP_ROLE}")
