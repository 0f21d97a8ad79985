"""The roles the application runs as, and the schema of the look-ups that may cross tenants."""

from alembic import op

from commerce_api.core.schema import APP_ROLE, LOOKUP_ROLE

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for role in (APP_ROLE, LOOKUP_ROLE):
        op.execute(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}')"
            f" then create role {role} nologin; end if; end $$"
        )
    # Handing a function to a role takes membership in it; a superuser needs none.
    op.execute(
        f"do $$ begin if not (select rolsuper from pg_roles where rolname = current_user)"
        f" then grant {LOOKUP_ROLE} to current_user; end if; end $$"
    )
    op.execute("create schema lookup")
    op.execute(f"grant usage, create on schema lookup to {LOOKUP_ROLE}")
    op.execute(f"grant usage on schema lookup, public to {APP_ROLE}")
    op.execute(f"grant usage on schema public to {LOOKUP_ROLE}")


def downgrade() -> None:
    op.execute("drop schema lookup")
