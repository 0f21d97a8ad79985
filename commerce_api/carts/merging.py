"""A cart when two contacts turn out to be one person: its lines are added to the other's, and can go back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.carts import queries, service
from commerce_api.carts.models import MAX_LINES, MAX_QUANTITY, Cart, CartLine


class CartBelongings:
    """The open cart. Its record: variant id to how many of it were added to the other cart.

    Stock is not asked here: the cart says what is short of it, and checkout holds to that.
    """

    name = "cart"

    async def move(self, session: AsyncSession, gone: UUID, kept: UUID) -> dict[str, int]:
        """Adds the lines of one contact's cart to the other's, as far as a cart can hold them."""
        return await _pour(session, gone, kept, None)

    async def count(self, session: AsyncSession, contact_id: UUID) -> int:
        """How many products are in the cart."""
        cart = await queries.open_cart(session, contact_id)
        if cart is None:
            return 0
        lines = select(func.count()).select_from(CartLine).where(CartLine.cart_id == cart.id)
        return await session.scalar(lines) or 0

    async def give_back(
        self, session: AsyncSession, gone: UUID, kept: UUID, record: Any, conversations: Sequence[UUID]
    ) -> None:
        """Takes out again what was added, as far as it is still there: what was bought since stays bought."""
        await _pour(session, kept, gone, record)


async def _pour(
    session: AsyncSession, source_id: UUID, target_id: UUID, most: dict[str, int] | None
) -> dict[str, int]:
    """Moves lines between two contacts' open carts, at most ``most`` of each variant when given."""
    source = await queries.open_cart(session, source_id)
    if source is None:
        return {}
    await service.lock(session, source)
    lines = [
        line for line in await queries.lines(session, source) if most is None or str(line.variant_id) in most
    ]
    if not lines:
        return {}
    target = await service.open_or_make(session, target_id)
    moved = {}
    for line in lines:
        wished = line.quantity if most is None else min(line.quantity, most[str(line.variant_id)])
        if added := await _add(session, target, line.variant_id, wished):
            moved[str(line.variant_id)] = added
        # What the other cart can't hold stays where it is.
        await _take(session, line, added)
    return moved


async def _add(session: AsyncSession, cart: Cart, variant_id: UUID, quantity: int) -> int:
    rows = await queries.lines(session, cart)
    line = next((row for row in rows if row.variant_id == variant_id), None)
    if line is None and len(rows) >= MAX_LINES:
        return 0
    held = line.quantity if line else 0
    added = min(quantity, MAX_QUANTITY - held)
    if line is not None:
        line.quantity = held + added
    elif added > 0:
        position = rows[-1].position + 1 if rows else 0
        session.add(CartLine(cart_id=cart.id, variant_id=variant_id, quantity=added, position=position))
    await session.flush()
    return added


async def _take(session: AsyncSession, line: CartLine, quantity: int) -> None:
    if quantity >= line.quantity:
        await session.delete(line)
    else:
        line.quantity -= quantity
    await session.flush()
