"""One session, one tenant. The ORM filter is the first fence, row-level security the second.

``enter`` names the tenant of a session for the rest of its transaction: SQLAlchemy then adds the tenant to
every query on a ``TenantOwned`` table and to every new row, and PostgreSQL's policies read it from
``app.tenant_id``. Before ``enter``, or after the transaction, a session sees no tenant's row.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from commerce_api.core import statements
from commerce_api.core.database import TenantOwned
from commerce_api.core.rows import settle
from commerce_api.core.statements import Statement

# Matches no row: None would compile to another statement (IS NULL), and the two would share a cache entry.
NOBODY = UUID(int=0)
ENTER = Statement("select set_config('app.tenant_id', %(tenant)s, true)")


class NoTenant(Exception):
    """Code reached a tenant's table before saying which tenant: a programming fault, not the caller's."""


async def enter(session: AsyncSession, tenant_id: UUID) -> None:
    """Makes ``tenant_id`` the tenant of the session until its transaction ends."""
    # What is new so far belongs to the tenant entered before; flushed later, it would become this one's.
    await settle(session)
    session.sync_session.info["tenant_id"] = tenant_id
    await ENTER.run(session, tenant=str(tenant_id))


async def enter_found(session: AsyncSession, finding: Statement, **facts: Any) -> Any:
    """Makes the tenant of the row that ``finding`` finds the session's, in one statement; that row, or None.

    The statement looks across tenants, gives one row at most with its ``tenant_id``, and sets
    ``app.tenant_id`` to that itself, until the transaction ends.
    """
    await settle(session)
    row = await finding.first(session, **facts)
    if row is not None:
        session.sync_session.info["tenant_id"] = row.tenant_id
    return row


def current(session: AsyncSession) -> UUID:
    """The session's tenant. Raises NoTenant before ``enter``."""
    tenant_id: UUID | None = session.sync_session.info.get("tenant_id")
    if tenant_id is None:
        raise NoTenant("enter a tenant before touching its tables")
    return tenant_id


@asynccontextmanager
async def inside(session: AsyncSession, tenant_id: UUID) -> AsyncIterator[None]:
    """Enters a tenant for a while, then the one that was entered before, or none."""
    before: UUID | None = session.sync_session.info.get("tenant_id")
    await enter(session, tenant_id)
    yield
    await (enter(session, before) if before else leave(session))


async def leave(session: AsyncSession) -> None:
    """Makes the session one of no tenant again."""
    await settle(session)
    session.sync_session.info.pop("tenant_id", None)
    await ENTER.run(session, tenant="")


@event.listens_for(Session, "do_orm_execute")
def _filter_by_tenant(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    tenant_id = state.session.info.get("tenant_id", NOBODY)
    state.statement = state.statement.options(_rows_of(tenant_id))


@lru_cache(maxsize=1024)
def _rows_of(tenant_id: UUID) -> ExecutableOption:
    return with_loader_criteria(TenantOwned, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)


@event.listens_for(Session, "before_flush")
def _own_new_rows(session: Session, *_: Any) -> None:
    for row in session.new:
        if isinstance(row, TenantOwned) and vars(row).get("tenant_id") is None:
            if session.info.get("tenant_id") is None:
                raise NoTenant(f"a new {type(row).__name__} has no tenant")
            row.tenant_id = session.info["tenant_id"]


@event.listens_for(Session, "after_transaction_end")
def _forget_tenant(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop("tenant_id", None)
        session.info.pop(statements.DRIVER, None)
