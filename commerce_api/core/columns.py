"""What the tables of several modules declare the same way."""

from enum import Enum as PlainEnum

from sqlalchemy import Enum
from sqlalchemy.schema import ForeignKeyConstraint


def named(kind: type[PlainEnum]) -> Enum:
    """A column of an enumeration's values, as text."""
    return Enum(
        kind,
        native_enum=False,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


def refers(column: str, to: str) -> ForeignKeyConstraint:
    """A key to a row of the same tenant in the table ``to``."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{to}.tenant_id", f"{to}.id"])
