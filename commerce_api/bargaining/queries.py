"""Reading bargains; nothing here changes anything."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.bargaining.models import Bargain, BargainState
from commerce_api.core.listing import ListParams, Page, page

REMEMBERED = timedelta(hours=24)
"""How long an unfinished bargain goes on, and a finished one is the start of the next."""
LIMITED = timedelta(days=30)


@dataclass(frozen=True)
class HeldPrice:
    """A price agreed with a contact, for lines of at least ``least_quantity``; minor units a piece."""

    bargain_id: UUID
    price: int
    least_quantity: int
    until: datetime


async def held_prices(
    session: AsyncSession, contact_id: UUID, variant_ids: Collection[UUID], now: datetime
) -> dict[UUID, HeldPrice]:
    """The prices agreed with a contact that still hold, by variant."""
    if not variant_ids:
        return {}
    found = await session.execute(
        select(
            Bargain.variant_id, Bargain.id, Bargain.agreed_price, Bargain.least_quantity, Bargain.held_until
        )
        .where(Bargain.contact_id == contact_id, Bargain.variant_id.in_(variant_ids))
        .where(Bargain.state == BargainState.AGREED, Bargain.held_until > now)
    )
    return {
        row.variant_id: HeldPrice(row.id, row.agreed_price, row.least_quantity, row.held_until)
        for row in found
    }


async def live(session: AsyncSession, contact_id: UUID, variant_id: UUID) -> Bargain | None:
    """The contact's bargain over a variant that is open or agreed, held until the transaction ends."""
    found: Bargain | None = await session.scalar(
        select(Bargain)
        .where(Bargain.contact_id == contact_id, Bargain.variant_id == variant_id)
        .where(Bargain.state.in_([BargainState.OPEN, BargainState.AGREED]))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def latest(
    session: AsyncSession, contact_id: UUID, variant_id: UUID, since: datetime
) -> Bargain | None:
    """The contact's last bargain over a variant that was touched since."""
    found: Bargain | None = await session.scalar(
        select(Bargain)
        .where(Bargain.contact_id == contact_id, Bargain.variant_id == variant_id)
        .where(Bargain.updated_at >= since)
        .order_by(Bargain.updated_at.desc(), Bargain.id)
        .limit(1)
    )
    return found


async def bargains_won(session: AsyncSession, contact_id: UUID, product_id: UUID, now: datetime) -> int:
    """How often the contact lately bought a product at an agreed price, or holds one for it now."""
    is_used = (Bargain.state == BargainState.USED) & (Bargain.updated_at > now - LIMITED)
    is_held = (Bargain.state == BargainState.AGREED) & (Bargain.held_until > now)
    counted = select(func.count()).select_from(Bargain)
    mine = counted.where(Bargain.contact_id == contact_id, Bargain.product_id == product_id)
    return await session.scalar(mine.where(is_used | is_held)) or 0


async def bargains_page(session: AsyncSession, params: ListParams) -> Page[Bargain]:
    """Every bargain, the latest first unless told otherwise."""
    sortable = {"-updated_at": Bargain.updated_at, "created_at": Bargain.created_at, "state": Bargain.state}
    return await page(session, select(Bargain), params, sortable)


async def results(session: AsyncSession, since: datetime, now: datetime) -> dict[BargainState, Any]:
    """By outcome: how many bargains, and what was given away on those that were bought, in minor units.

    What nobody has touched for a day, or isn't held any more, counts as lapsed.
    """
    is_stale = (Bargain.state == BargainState.OPEN) & (Bargain.updated_at <= now - REMEMBERED)
    is_past = (Bargain.state == BargainState.AGREED) & (Bargain.held_until <= now)
    outcome = case((is_stale | is_past, BargainState.LAPSED.value), else_=Bargain.state).label("outcome")
    given = func.sum(Bargain.regular_price - Bargain.agreed_price)
    rows = await session.execute(
        select(outcome, func.count(), given).where(Bargain.created_at >= since).group_by(outcome)
    )
    return {BargainState(row[0]): (row[1], int(row[2] or 0)) for row in rows}
