"""What other modules keep by contact, and what becomes of it when two contacts turn out to be one person.

Carts and orders hang on a contact, and stand above this module on the floor plan: so they say themselves how
theirs moves, and the application hands them in (``main.py``).
"""

from collections.abc import Sequence
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession


class Belongings(Protocol):
    """One module's part. ``name`` is its key in a merge's record, which is JSON and kept for ever."""

    name: str

    async def move(self, session: AsyncSession, gone: UUID, kept: UUID) -> Any:
        """Moves all that contact ``gone`` has to contact ``kept``; what ``give_back`` must know of it."""
        ...

    async def count(self, session: AsyncSession, contact_id: UUID) -> int:
        """How many of them the contact has, for telling the shopper."""
        ...

    async def give_back(
        self, session: AsyncSession, gone: UUID, kept: UUID, record: Any, conversations: Sequence[UUID]
    ) -> None:
        """Gives ``gone`` back what is left of what ``move`` recorded, and what came of ``conversations``."""
        ...


async def of_application(request: Request) -> Sequence[Belongings]:
    """Those of the application."""
    given: Sequence[Belongings] = request.app.state.belongings
    return given


BelongingsDep = Annotated[Sequence[Belongings], Depends(of_application)]
