"""Lists: ``limit``, ``skip``, ``sort`` in, ``{"items": […], "total": n}`` out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.errors import AppError

MAX_SKIP = 1_000_000


class SortUnknown(AppError):
    """A list was asked for in an order it doesn't have; ``sortable`` names those it has."""

    status = 400
    code = "sort_unknown"


@dataclass(frozen=True)
class ListParams:
    """Which part of a list, and in which order. ``sort`` is a name, or ``-name`` for descending."""

    limit: Annotated[int, Query(ge=1, le=200)] = 50
    skip: Annotated[int, Query(ge=0, le=MAX_SKIP)] = 0
    sort: Annotated[str | None, Query(max_length=64, description="a name, or `-name` for descending")] = None


ListDep = Annotated[ListParams, Depends()]


@dataclass(frozen=True)
class Page[T]:
    """Some of many: ``total`` counts them all."""

    items: Sequence[T]
    total: int


class PageRead[T](BaseModel):
    """A page in JSON; an endpoint's ``response_model`` is ``PageRead[ThingRead]``."""

    model_config = ConfigDict(from_attributes=True)

    items: list[T]
    total: int


async def page[T](
    session: AsyncSession, statement: Select[T], params: ListParams, sortable: Mapping[str, Any]
) -> Page[T]:
    """The part of ``statement`` (one entity, unordered) that ``params`` ask for.

    ``sortable`` maps names to columns; its first is the order when none is asked for,
    descending when its name is given as ``-name``. The entity's id breaks ties, so that no row comes twice or
    is missed between pages. Raises SortUnknown.
    """
    total = await session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    ordered = statement.order_by(*_order(statement, params, sortable))
    rows = await session.scalars(ordered.limit(params.limit).offset(params.skip))
    return Page[T](rows.all(), total or 0)


def _order(statement: Select[Any], params: ListParams, sortable: Mapping[str, Any]) -> list[Any]:
    entity = statement.column_descriptions[0].get("entity")
    tie_break = [entity.id] if hasattr(entity, "id") else []
    return [order_by_column(params, sortable), *tie_break]


def order_by_column(params: ListParams, sortable: Mapping[str, Any]) -> Any:
    """What to order by: the column asked for, or the first of ``sortable``. Raises SortUnknown."""
    columns = {name.removeprefix("-"): column for name, column in sortable.items()}
    asked = params.sort or next(iter(sortable))
    name = asked.removeprefix("-")
    if name not in columns:
        raise SortUnknown(f"sort by one of: {', '.join(columns)}", sortable=sorted(columns))
    column = columns[name].desc() if asked.startswith("-") else columns[name].asc()
    return column.nulls_last()
