"""Events and figures for people."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from commerce_api.analytics import service
from commerce_api.analytics.events import Event, Wanted
from commerce_api.analytics.schemas import AnalyticsRead, EventRead
from commerce_api.analytics.service import Period
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.listing import ListDep, Page, PageRead
from commerce_api.tenants.access import TenantDep

router = APIRouter(route_class=IdempotentRoute)


def asked_period(
    now: NowDep, since: AwareDatetime | None = None, until: AwareDatetime | None = None
) -> Period:
    """The period of the query; the last thirty days when none is named."""
    return service.period(since, until, now)


PeriodDep = Annotated[Period, Depends(asked_period)]
KindQuery = Annotated[str | None, Query(max_length=64)]


@router.get("/conversation-events", response_model=PageRead[EventRead])
async def list_events(
    *,
    _: TenantDep,
    session: SessionDep,
    params: ListDep,
    period: PeriodDep,
    kind: KindQuery = None,
    conversation_id: UUID | None = None,
) -> Page[Event]:
    """What happened in conversations, newest first; of the last thirty days when no period is named."""
    wanted = Wanted(period.since, period.until, kind, conversation_id)
    return await service.events(session, wanted, params)


@router.get(
    "/conversation-events/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}}
)
async def export_events(
    *,
    access: TenantDep,
    session: SessionDep,
    period: PeriodDep,
    kind: KindQuery = None,
    conversation_id: UUID | None = None,
) -> Response:
    """The same as CSV, oldest first, the newest half million left out where there are more."""
    wanted = Wanted(period.since, period.until, kind, conversation_id)
    written = b"".join([line async for line in service.sheet(session, wanted)])
    headers = {"Content-Disposition": f'attachment; filename="{access.tenant.slug}-events.csv"'}
    return Response(written, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/conversation-analytics", response_model=AnalyticsRead)
async def read_analytics(access: TenantDep, session: SessionDep, period: PeriodDep) -> dict[str, Any]:
    """The shop's figures; of the last thirty days when no period is named."""
    return await service.figures(session, access.tenant, period)
