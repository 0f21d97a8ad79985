"""Delivery zones: where a shop delivers and for what fee."""

from dataclasses import asdict, dataclass, field
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.orders import queries
from commerce_api.orders.errors import ZoneNameTaken
from commerce_api.orders.models import DeliveryZone

MAX_FEE = 10**10


@dataclass(frozen=True)
class ZoneFacts:
    """Everything about a zone. ``fee`` is minor units, ``eta`` the seller's own words."""

    name: str
    fee: int
    aliases: list[str] = field(default_factory=list)
    eta: str | None = None
    position: int = 0
    is_active: bool = True


async def add_zone(session: AsyncSession, facts: ZoneFacts) -> DeliveryZone:
    """A new zone. Raises ZoneNameTaken."""
    zone = DeliveryZone(**asdict(facts))
    try:
        async with session.begin_nested():
            session.add(zone)
    except IntegrityError as error:
        raise ZoneNameTaken(facts.name) from error
    return zone


async def change_zone(session: AsyncSession, zone_id: UUID, facts: ZoneFacts) -> DeliveryZone:
    """Makes a zone so; placed orders keep what they were promised. Raises NotFound or ZoneNameTaken."""
    zone = await queries.zone(session, zone_id)
    try:
        async with session.begin_nested():
            for name, value in asdict(facts).items():
                setattr(zone, name, value)
    except IntegrityError as error:
        raise ZoneNameTaken(facts.name) from error
    return zone


async def remove_zone(session: AsyncSession, zone_id: UUID) -> None:
    """Forgets a zone; placed orders keep its name and fee. Raises NotFound."""
    await session.delete(await queries.zone(session, zone_id))
    await session.flush()
