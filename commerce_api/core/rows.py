"""ORM objects by fixed statements (``core/statements.py``): no query to build, compile or cache.

    TURN = Row(Turn, "t")
    FIND = Statement("select {turn} from turns t where t.tenant_id = %(tenant)s and …", turn=TURN.columns)
    turn = TURN.read(session, await FIND.first(session, tenant=tenant_id))

What comes of it is what SQLAlchemy's own query gives, at a fifth of its cost: the session's object. What is
changed of it ``settle`` writes, by a fixed statement too; every transaction of ours settles before it ends.
Of its relationships those alone are loaded that ``fill`` was given.
"""

from collections.abc import Callable, Collection
from typing import Any, cast

from sqlalchemy import Dialect, Table, inspect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, InstanceState, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from commerce_api.core.statements import Statement

DIALECT: Dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]

Process = Callable[[Any], Any] | None

_rows: dict[type[Any], "Row[Any]"] = {}


class Row[T: DeclarativeBase]:
    """A mapped class's columns in a statement, its table under ``alias``; ``columns`` is what to select.

    ``without`` those that are deferred and not wanted. Attributes are called as their columns are.
    """

    def __init__(self, mapped: type[T], alias: str, *, without: Collection[str] = ()) -> None:
        self._mapped = mapped
        self._table = cast("Table", mapped.__table__)
        wanted = [column for column in self._table.columns if column.name not in without]
        self._columns = {column.name: (f"{alias}_{column.name}", _from_psycopg(column)) for column in wanted}
        self._binds = {column.name: _to_psycopg(column) for column in self._table.columns}
        self._key = tuple(column.name for column in mapped.__mapper__.primary_key)
        self._updates: dict[tuple[str, ...], Statement] = {}
        self._inserts: dict[tuple[str, ...], Statement] = {}
        self.columns = ", ".join(f"{alias}.{name} as {read}" for name, (read, _) in self._columns.items())
        _rows[mapped] = self

    def read(self, session: AsyncSession, row: Any, *, anew: bool = False) -> T:
        """The session's object of a named tuple with ``columns``.

        One that the session had before stays as it is there, as with SQLAlchemy's queries; ``anew`` it is
        what the row says, and its changes must have been written (``settle``).
        """
        identity = tuple(getattr(row, self._columns[name][0]) for name in self._key)
        known = session.sync_session.identity_map.get(
            self._mapped.__mapper__.identity_key_from_primary_key(identity)
        )
        if known is None:
            return self._place(session, self._values(row, self._columns))
        wanted = self._columns if anew else inspect(known).expired_attributes & self._columns.keys()
        for name, value in self._values(row, wanted).items():
            set_committed_value(known, name, value)
        return cast("T", known)

    async def insert(self, session: AsyncSession, **values: Any) -> T:
        """A new row, written at once, and its object; a column that isn't named is null."""
        names = tuple(values)
        if (statement := self._inserts.get(names)) is None:
            facts = ", ".join(f"%({name})s" for name in names)
            sql = "insert into {table} ({names}) values ({facts})"
            statement = self._inserts[names] = Statement(
                sql, table=self._table.name, names=", ".join(names), facts=facts
            )
        await statement.run(session, **self._bound(values))
        return self._place(session, {**dict.fromkeys(self._columns), **values})

    async def update(self, session: AsyncSession, one: T) -> None:
        """Writes what was changed of the object."""
        state: InstanceState[Any] = inspect(one)
        values = {
            name: getattr(one, name)
            for name, before in sorted(state.committed_state.items())
            if name in self._binds and getattr(one, name) != before
        }
        if values:
            await self._write(session, values, dict(zip(self._key, state.identity or (), strict=True)))
        # What SQLAlchemy calls when it has written an object: there is no public word for it.
        state._commit_all(state.dict, session.sync_session.identity_map)  # noqa: SLF001

    async def _write(self, session: AsyncSession, values: dict[str, Any], key: dict[str, Any]) -> None:
        names = tuple(values)
        if (statement := self._updates.get(names)) is None:
            statement = self._updates[names] = Statement(
                "update {table} set {facts} where {key}",
                table=self._table.name,
                facts=", ".join(f"{name} = %({name})s" for name in names),
                key=" and ".join(f"{name} = %(its_{name})s" for name in key),
            )
        its = {f"its_{name}": value for name, value in key.items()}
        if await statement.run(session, **self._bound(values), **its) != 1:
            raise StaleDataError(f"the row of {self._table.name} is gone")

    def _place(self, session: AsyncSession, values: dict[str, Any]) -> T:
        made = self._mapped()
        for name, value in values.items():
            set_committed_value(made, name, value)
        make_transient_to_detached(made)
        session.sync_session.add(made)
        return made

    def _values(self, row: Any, names: Collection[str]) -> dict[str, Any]:
        values = {}
        for name in names:
            read, process = self._columns[name]
            value = getattr(row, read)
            values[name] = value if process is None else process(value)
        return values

    def _bound(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value if (process := self._binds[name]) is None else process(value)
            for name, value in values.items()
        }

    @property
    def order(self) -> int:
        """The place of its table among all: those that others refer to come first."""
        return self._mapped.metadata.sorted_tables.index(self._table)


def fill(one: DeclarativeBase, **related: Any) -> None:
    """Makes these the object's loaded relationships."""
    for name, value in related.items():
        set_committed_value(one, name, value)


async def settle(session: AsyncSession) -> None:
    """Writes what was changed in the session, if anything was: a fixed statement is about to read it.

    By fixed statements where nothing but columns of ``Row``'s classes changed, as SQLAlchemy does otherwise,
    and inside a savepoint, whose end may take back what it holds.
    """
    sync = session.sync_session
    if not (sync.new or sync.deleted) and not (changed := list(sync.dirty)):
        return
    if (
        sync.new
        or sync.deleted
        or session.in_nested_transaction()
        or any(type(one) not in _rows for one in changed)
    ):
        await session.flush()
        return
    if len(changed) > 1:
        changed.sort(key=lambda one: (_rows[type(one)].order, inspect(one).identity))
    for one in changed:
        await _rows[type(one)].update(session, one)


def _from_psycopg(column: Any) -> Process:
    """What SQLAlchemy does to a value of the column as psycopg gives it."""
    made: Process = column.type.dialect_impl(DIALECT).result_processor(DIALECT, None)
    return made


def _to_psycopg(column: Any) -> Process:
    made: Process = column.type.dialect_impl(DIALECT).bind_processor(DIALECT)
    return made
