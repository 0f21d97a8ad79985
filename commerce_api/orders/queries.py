"""Reading orders and delivery zones; nothing here changes anything."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.errors import NotFound
from commerce_api.core.listing import ListParams, Page, page
from commerce_api.orders import numbers
from commerce_api.orders.models import DeliveryZone, Order, OrderMove
from commerce_api.orders.states import OrderState

SORTABLE = {
    "-placed_at": Order.placed_at,
    "updated_at": Order.updated_at,
    "number": Order.number,
    "total": Order.total,
    "state": Order.state,
}
# Fewer stand in too many phone numbers to say which is meant.
FEWEST_DIGITS = 4
ZONES_SORTABLE = {"position": DeliveryZone.position, "name": DeliveryZone.name, "fee": DeliveryZone.fee}


@dataclass(frozen=True)
class OrderFilter:
    """Which orders a list holds; what is None doesn't narrow it.

    ``q`` is the start of a number, a part of a name, or four digits or more of a phone number.
    """

    state: Annotated[list[OrderState] | None, Query()] = None
    is_paid: bool | None = None
    is_refund_due: bool | None = None
    contact_id: UUID | None = None
    conversation_id: UUID | None = None
    q: Annotated[str | None, Query(max_length=40, description="a number's start, a name, a phone number")] = (
        None
    )


async def find_orders(session: AsyncSession, wanted: OrderFilter, params: ListParams) -> Page[Order]:
    """The tenant's orders, newest first unless told otherwise."""
    return await page(session, _narrowed(wanted), params, SORTABLE)


async def orders_of_contact(session: AsyncSession, contact_id: UUID, limit: int) -> Sequence[Order]:
    """A contact's orders, newest first."""
    found = select(Order).where(Order.contact_id == contact_id).order_by(Order.placed_at.desc(), Order.id)
    return (await session.scalars(found.limit(limit))).all()


async def order_by_number(session: AsyncSession, number: str, *, contact_id: UUID | None = None) -> Order:
    """An order by its number, however typed. Raises NotFound, also when it is not that contact's."""
    wanted = select(Order).where(Order.number == numbers.read(number))
    if contact_id is not None:
        wanted = wanted.where(Order.contact_id == contact_id)
    found = await session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


async def order_of_cart(session: AsyncSession, cart_id: UUID) -> Order | None:
    """The order a cart became."""
    found: Order | None = await session.scalar(select(Order).where(Order.cart_id == cart_id))
    return found


async def lock(session: AsyncSession, order_id: UUID) -> Order:
    """An order as it is now, held until the transaction ends: who changes one holds it. Raises NotFound."""
    held = await session.scalar(
        select(Order)
        .where(Order.id == order_id)
        .with_for_update(of=Order)
        .execution_options(populate_existing=True)
    )
    if held is None:
        raise NotFound
    return held


async def moves_of(session: AsyncSession, order_id: UUID) -> Sequence[OrderMove]:
    """An order's history, from the first."""
    found = select(OrderMove).where(OrderMove.order_id == order_id).order_by(OrderMove.ordinal)
    return (await session.scalars(found)).all()


async def count_moves(session: AsyncSession, order_id: UUID) -> int:
    """How long an order's history is."""
    counted = select(func.count()).select_from(OrderMove).where(OrderMove.order_id == order_id)
    return await session.scalar(counted) or 0


async def active_zones(session: AsyncSession) -> Sequence[DeliveryZone]:
    """Where the shop delivers now, in the seller's order."""
    found = select(DeliveryZone).where(DeliveryZone.is_active)
    return (await session.scalars(found.order_by(DeliveryZone.position, DeliveryZone.name))).all()


async def find_zones(session: AsyncSession, params: ListParams) -> Page[DeliveryZone]:
    """Every delivery zone, in the seller's order unless told otherwise."""
    return await page(session, select(DeliveryZone), params, ZONES_SORTABLE)


async def zone(session: AsyncSession, zone_id: UUID) -> DeliveryZone:
    """A delivery zone. Raises NotFound."""
    found = await session.scalar(select(DeliveryZone).where(DeliveryZone.id == zone_id))
    if found is None:
        raise NotFound
    return found


def _narrowed(wanted: OrderFilter) -> Select[Order]:
    found = select(Order)
    if wanted.state:
        found = found.where(Order.state.in_(wanted.state))
    for name in ("is_paid", "is_refund_due", "contact_id", "conversation_id"):
        value = getattr(wanted, name)
        if value is not None:
            found = found.where(getattr(Order, name) == value)
    if wanted.q and wanted.q.strip():
        found = found.where(_named(wanted.q.strip()))
    return found


def _named(q: str) -> ColumnElement[bool]:
    """The orders that someone who types this means."""
    # A number typed as at home, without its leading 0, is a part of the whole one.
    start, digits = numbers.read(q), re.sub(r"\D", "", q).lstrip("0")
    ways = [Order.customer_name.icontains(q, autoescape=True)]
    if start:
        ways.append(Order.number.startswith(start, autoescape=True))
    if len(digits) >= FEWEST_DIGITS:
        ways.append(Order.phone.contains(digits, autoescape=True))
    return or_(*ways)
