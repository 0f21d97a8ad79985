"""How the shop does: its figures, drawn, and its events as a sheet."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from commerce_api.analytics import service
from commerce_api.analytics.events import Wanted
from commerce_api.analytics.service import Period
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.money import Money
from commerce_api.tenants.models import Tenant
from console import charts, filters, pages
from console.access import DeskDep

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days"}
USUAL = 30

router = APIRouter()

DaysQuery = Annotated[int, Query(ge=1, le=366)]


@router.get("/dashboard")
async def show_dashboard(
    request: Request, desk: DeskDep, session: SessionDep, now: NowDep, days: DaysQuery = USUAL
) -> Response:
    """The figures of the last so many days, today's with them."""
    figures = await service.figures(session, desk.tenant, _period(desk.tenant, now, days))
    return pages.show(
        request, "dashboard.html", desk, **_drawn(figures, desk.tenant), days=days, periods=PERIODS
    )


@router.get("/dashboard/events.csv")
async def export_events(desk: DeskDep, session: SessionDep, now: NowDep, days: DaysQuery = USUAL) -> Response:
    """The same days' events as CSV."""
    period = _period(desk.tenant, now, days)
    lines = service.sheet(session, Wanted(period.since, period.until))
    written = b"".join([line async for line in lines])
    headers = {"Content-Disposition": f'attachment; filename="{desk.tenant.slug}-events.csv"'}
    return Response(written, media_type="text/csv; charset=utf-8", headers=headers)


def _period(tenant: Tenant, now: datetime, days: int) -> Period:
    """Whole days of the shop's own, today the last."""
    local = now.astimezone(ZoneInfo(tenant.timezone))
    first = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    return Period(first, now)


def _drawn(figures: dict[str, Any], tenant: Tenant) -> dict[str, Any]:
    """The figures as the page needs them."""
    every = figures["days"]
    sales = Money(sum(day["sales"]["amount"] for day in every), tenant.currency)
    funnel = figures["funnel"]
    contained = figures["containment"]
    return {
        "figures": figures,
        "totals": {name: sum(day[name] for day in every) for name in ("inbound", "outbound", "orders")},
        "sales": sales,
        "contained": charts.share(contained["without_person"], contained["conversations"]),
        "messages_chart": charts.bars([_bar(day, day["inbound"], "messages") for day in every]),
        "orders_chart": charts.bars([_bar(day, day["orders"], "orders") for day in every]),
        "funnel": [
            (name, funnel[key], charts.share(funnel[key], funnel["conversations"]))
            for name, key in (
                ("Wrote", "conversations"),
                ("Filled a cart", "carts"),
                ("Ordered", "orders"),
                ("Paid", "paid"),
            )
        ],
        "channels": _by_name(figures["channels"]),
        "reasons": [(filters.reason(one["reason"]), one["count"]) for one in figures["handoff_reasons"]],
        "accepted": charts.share(figures["upsell"]["accepted"], figures["upsell"]["offered"]),
    }


def _by_name(channels: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """Name, conversations, messages: several providers of one medium are one to a seller."""
    sums: dict[str, tuple[int, int]] = {}
    for one in channels:
        name = filters.channel(one["channel"])
        talks, messages = sums.get(name, (0, 0))
        sums[name] = talks + one["conversations"], messages + one["inbound"]
    return [(name, *counted) for name, counted in sums.items()]


def _bar(day: dict[str, Any], value: int, word: str) -> tuple[str, int, str]:
    short = f"{day['day'].day} {day['day']:%b}"
    return short, value, f"{short}: {value} {word}"
