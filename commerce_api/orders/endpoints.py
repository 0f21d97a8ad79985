"""Orders and delivery zones, for people."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from commerce_api.conversations import service as conversations
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import ListDep
from commerce_api.orders import queries, service, zones
from commerce_api.orders.queries import OrderFilter
from commerce_api.orders.schemas import (
    CancelBody,
    MoveBody,
    OrderBody,
    OrderDetailRead,
    OrderRead,
    OrdersRead,
    ZoneBody,
    ZoneRead,
    ZonesRead,
)
from commerce_api.orders.states import Actor
from commerce_api.orders.zones import ZoneFacts
from commerce_api.tenants.access import Access, TenantDep, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)

OrdersDep = Annotated[Access, require(Permission.MANAGE_ORDERS)]
SettingsDep = Annotated[Access, require(Permission.EDIT_SETTINGS)]


@router.get("/orders")
async def list_orders(
    _: TenantDep,
    session: SessionDep,
    params: ListDep,
    wanted: Annotated[OrderFilter, Depends()],
) -> OrdersRead:
    """The shop's orders, newest first; sort by placed_at, updated_at, number, total or state."""
    found = await queries.find_orders(session, wanted, params)
    return OrdersRead(items=[OrderRead.of(order) for order in found.items], total=found.total)


@router.get("/orders/{number}")
async def read_order(number: str, _: TenantDep, session: SessionDep) -> OrderDetailRead:
    """An order with its history and where it may be moved."""
    order = await queries.order_by_number(session, number)
    return OrderDetailRead.with_history(order, await queries.moves_of(session, order.id))


@router.post("/conversations/{conversation_id}/orders", status_code=201)
async def place_order_for_shopper(
    conversation_id: UUID, body: OrderBody, access: OrdersDep, session: SessionDep, now: NowDep
) -> OrderRead:
    """Turns the shopper's cart into an order, holding its stock, or changes nothing and says why with 409."""
    conversation = await conversations.conversation(session, conversation_id)
    order = await service.place(session, conversation, body.read(), now, user_id=access.user.id)
    return OrderRead.of(order)


@router.post("/orders/{number}/moves")
async def move_order(
    number: str, body: MoveBody, access: OrdersDep, session: SessionDep, now: NowDep
) -> OrderDetailRead:
    """Moves an order and tells its shopper. 409 ``order_move_illegal`` says where it can go."""
    order = await queries.order_by_number(session, number)
    moved = await service.move(
        session, order, body.to, actor=Actor.PERSON, now=now, reason=body.reason, user_id=access.user.id
    )
    return OrderDetailRead.with_history(moved, await queries.moves_of(session, moved.id))


@router.post("/orders/{number}/cancel")
async def cancel_order(
    number: str, body: CancelBody, access: OrdersDep, session: SessionDep, now: NowDep
) -> OrderDetailRead:
    """Cancels an order, puts its stock back and tells its shopper."""
    order = await queries.order_by_number(session, number)
    cancelled = await service.cancel(
        session, order, actor=Actor.PERSON, reason=body.reason, now=now, user_id=access.user.id
    )
    return OrderDetailRead.with_history(cancelled, await queries.moves_of(session, cancelled.id))


@router.get("/delivery-zones")
async def list_delivery_zones(access: TenantDep, session: SessionDep, params: ListDep) -> ZonesRead:
    """Every delivery zone; sort by position, name or fee."""
    found = await queries.find_zones(session, params)
    items = [ZoneRead.of(zone, access.tenant.currency) for zone in found.items]
    return ZonesRead(items=items, total=found.total)


@router.post("/delivery-zones", status_code=201)
async def add_delivery_zone(body: ZoneBody, access: SettingsDep, session: SessionDep) -> ZoneRead:
    """A new delivery zone."""
    zone = await zones.add_zone(session, ZoneFacts(**body.model_dump()))
    return ZoneRead.of(zone, access.tenant.currency)


@router.get("/delivery-zones/{zone_id}")
async def read_delivery_zone(zone_id: UUID, access: TenantDep, session: SessionDep) -> ZoneRead:
    """A delivery zone."""
    return ZoneRead.of(await queries.zone(session, zone_id), access.tenant.currency)


@router.put("/delivery-zones/{zone_id}")
async def change_delivery_zone(
    zone_id: UUID, body: ZoneBody, access: SettingsDep, session: SessionDep
) -> ZoneRead:
    """Makes a delivery zone so; placed orders keep what they were promised."""
    zone = await zones.change_zone(session, zone_id, ZoneFacts(**body.model_dump()))
    return ZoneRead.of(zone, access.tenant.currency)


@router.delete("/delivery-zones/{zone_id}", status_code=204)
async def remove_delivery_zone(zone_id: UUID, _: SettingsDep, session: SessionDep) -> None:
    """Forgets a delivery zone."""
    await zones.remove_zone(session, zone_id)
