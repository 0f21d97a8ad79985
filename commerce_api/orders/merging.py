"""Orders when two contacts turn out to be one person: they are the kept contact's, and can go back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.orders.models import Order


class OrderBelongings:
    """A contact's orders. Its record: the ids of those that moved."""

    name = "orders"

    async def move(self, session: AsyncSession, gone: UUID, kept: UUID) -> list[str]:
        """Makes every order of one contact the other's."""
        moved = await session.scalars(
            update(Order).where(Order.contact_id == gone).values(contact_id=kept).returning(Order.id)
        )
        return sorted(str(order) for order in moved)

    async def count(self, session: AsyncSession, contact_id: UUID) -> int:
        """How many orders the contact has."""
        theirs = select(func.count()).select_from(Order).where(Order.contact_id == contact_id)
        return await session.scalar(theirs) or 0

    async def give_back(
        self, session: AsyncSession, gone: UUID, kept: UUID, record: Any, conversations: Sequence[UUID]
    ) -> None:
        """Returns the orders that moved, and those placed since in the contact's own conversations."""
        own = Order.id.in_([UUID(order) for order in record]) | Order.conversation_id.in_(conversations)
        await session.execute(update(Order).where(Order.contact_id == kept, own).values(contact_id=gone))
