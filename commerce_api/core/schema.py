"""What every migration does the same way: fence a tenant table, and open a narrow look-up across tenants.

Roles: the role that migrates owns the tables; ``commerce_app`` (the application, see ``stack/database.py``)
owns nothing and is held by the policies; ``commerce_lookup`` can't log in and owns the few functions that may
look across tenants, each answering one exact question with ids alone.
"""

from alembic import op

APP_ROLE = "commerce_app"
LOOKUP_ROLE = "commerce_lookup"


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
