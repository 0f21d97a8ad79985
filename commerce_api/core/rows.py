"""ORM objects from fixed statements (``core/statements.py``): no query to build, compile or cache.

    TURN = Row(Turn, "t")
    FIND = Statement("select {turn} from turns t where t.tenant_id = %(tenant)s and …", turn=TURN.columns)
    turn = TURN.read(session, await FIND.first(session, tenant=tenant_id))

What comes of it is what SQLAlchemy's own query gives, at a fifth of its cost: the session's object, which the
session writes when it was changed. Of its relationships those alone are loaded that ``fill`` was given.
"""

from collections.abc import Callable, Collection
from typing import Any, cast

from sqlalchemy import Dialect, inspect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from commerce_api.core.database import Base

DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]

Process = Callable[[Any], Any] | None


class Row[T: Base]:
    """A mapped class's columns in a statement, its table under ``alias``; ``columns`` is what to select.

    ``without`` those that are deferred and not wanted.
    """

    def __init__(self, mapped: type[T], alias: str, *, without: Collection[str] = ()) -> None:
        self._mapped = mapped
        mapper = mapped.__mapper__
        table = [column for column in mapped.__table__.columns if column.name not in without]
        self._columns = {column.name: (f"{alias}_{column.name}", _process(column.type)) for column in table}
        self._key = tuple(f"{alias}_{column.name}" for column in mapper.primary_key)
        self.columns = ", ".join(f"{alias}.{name} as {read}" for name, (read, _) in self._columns.items())

    def read(self, session: AsyncSession, row: Any, *, anew: bool = False) -> T:
        """The session's object of a named tuple with ``columns``.

        One that the session had before stays as it is there, as with SQLAlchemy's queries; ``anew`` it is
        what the row says, and its changes must have been written (``settle``).
        """
        sync = session.sync_session
        identity = tuple(getattr(row, name) for name in self._key)
        known = sync.identity_map.get(self._mapped.__mapper__.identity_key_from_primary_key(identity))
        if known is None:
            made = self._mapped()
            self._set(made, row, self._columns)
            make_transient_to_detached(made)
            sync.add(made)
            return made
        wanted: Collection[str] = self._columns
        if not anew:
            wanted = inspect(known).expired_attributes & self._columns.keys()
        self._set(known, row, wanted)
        return cast("T", known)

    def _set(self, one: Any, row: Any, names: Collection[str]) -> None:
        for name in names:
            read, process = self._columns[name]
            value = getattr(row, read)
            set_committed_value(one, name, value if process is None else process(value))


def fill(one: Base, **related: Any) -> None:
    """Makes these the object's loaded relationships."""
    for name, value in related.items():
        set_committed_value(one, name, value)


async def settle(session: AsyncSession) -> None:
    """Writes what was changed, if anything was: a fixed statement is about to read it."""
    sync = session.sync_session
    if sync.new or sync.dirty or sync.deleted:
        await session.flush()


def _process(kind: Any) -> Process:
    """What SQLAlchemy does to a value of the type as psycopg gives it."""
    made: Process = kind.dialect_impl(DIALECT).result_processor(DIALECT, None)
    return made
