"""Bargains when two contacts turn out to be one person: they are the kept contact's, and can go back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.bargaining.models import Bargain, BargainState

_LIVE = (BargainState.OPEN, BargainState.AGREED)


class BargainBelongings:
    """A contact's bargains. Its record: the ids of those that moved."""

    name = "bargains"

    async def move(self, session: AsyncSession, gone: UUID, kept: UUID) -> list[str]:
        """Makes them the other's, but for those over what the other is bargaining for too."""
        theirs = select(Bargain.variant_id).where(Bargain.contact_id == kept, Bargain.state.in_(_LIVE))
        clashes = Bargain.state.in_(_LIVE) & Bargain.variant_id.in_(theirs)
        moved = await session.scalars(
            update(Bargain)
            .where(Bargain.contact_id == gone, ~clashes)
            .values(contact_id=kept)
            .returning(Bargain.id)
            .execution_options(synchronize_session=False)
        )
        return sorted(str(bargain) for bargain in moved)

    async def count(self, session: AsyncSession, contact_id: UUID) -> int:
        """Nothing a shopper would be told of."""
        return 0

    async def give_back(
        self, session: AsyncSession, gone: UUID, kept: UUID, record: Any, conversations: Sequence[UUID]
    ) -> None:
        """Returns those that moved, where nothing new stands in their place."""
        moved = [UUID(bargain) for bargain in record]
        theirs = select(Bargain.variant_id).where(Bargain.contact_id == gone, Bargain.state.in_(_LIVE))
        clashes = Bargain.state.in_(_LIVE) & Bargain.variant_id.in_(theirs)
        await session.execute(
            update(Bargain)
            .where(Bargain.contact_id == kept, Bargain.id.in_(moved), ~clashes)
            .values(contact_id=gone)
            .execution_options(synchronize_session=False)
        )
