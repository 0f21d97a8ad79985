"""What must hold before a process serves anyone: a role the policies bind, and a database fully migrated."""

from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.database import Database

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

_ROLE = text("select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
_OWNED = text(
    "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
    " where c.relkind in ('r', 'p') and a.attname = 'tenant_id' and not a.attisdropped"
    " and pg_has_role(current_user, c.relowner, 'MEMBER') order by c.relname"
)


class StartRefused(Exception):
    """The process must not start; the text says why and what to do."""


async def check(database: Database) -> None:
    """Raises StartRefused unless row-level security binds the connection and the migrations are at head."""
    async with database.transaction() as session:
        await _check_role(session)
        await _check_migrations(session)


async def _check_role(session: AsyncSession) -> None:
    role = (await session.execute(_ROLE)).one()
    advice = "Connect as a role that owns nothing and is a member of commerce_app (`make run` makes one)."
    if role.rolsuper or role.rolbypassrls:
        power = "a superuser" if role.rolsuper else "allowed to bypass row-level security"
        raise StartRefused(f"DATABASE_URL connects as {role.rolname}, which is {power}. {advice}")
    owned = (await session.scalars(_OWNED)).all()
    if owned:
        tables = ", ".join(owned)
        raise StartRefused(f"DATABASE_URL connects as {role.rolname}, which owns {tables}. {advice}")


async def _check_migrations(session: AsyncSession) -> None:
    advice = "Run `alembic upgrade head` as the owner (DATABASE_OWNER_URL)."
    if await session.scalar(text("select to_regclass('alembic_version')")) is None:
        raise StartRefused(f"The database has never been migrated. {advice}")
    at = await session.scalar(text("select version_num from alembic_version"))
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if at != head:
        raise StartRefused(f"The database is at migration {at}, this program needs {head}. {advice}")
