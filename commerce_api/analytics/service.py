"""What a shop may ask of its own past: events, figures, and both as a sheet."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.analytics import events as log
from commerce_api.analytics import figures as sums
from commerce_api.analytics.errors import PeriodInvalid
from commerce_api.analytics.events import Wanted
from commerce_api.core.formulas import neutral
from commerce_api.tenants.models import Tenant

USUAL = timedelta(days=30)
LONGEST = timedelta(days=366)
# What a spreadsheet opens.
MOST_ROWS = 500_000
COLUMNS = ("at", "kind", "conversation_id", "user_id", "facts")

events = log.events


@dataclass(frozen=True)
class Period:
    """From ``since`` to before ``until``."""

    since: datetime
    until: datetime


def period(since: datetime | None, until: datetime | None, now: datetime) -> Period:
    """The period asked for, or the thirty days before ``until``, or before now. Raises PeriodInvalid."""
    ends = until or now
    begins = since or ends - USUAL
    if begins >= ends:
        raise PeriodInvalid("`since` must be before `until`")
    if ends - begins > LONGEST:
        raise PeriodInvalid(f"ask for {LONGEST.days} days at the most")
    return Period(begins, ends)


async def figures(session: AsyncSession, tenant: Tenant, asked: Period) -> dict[str, Any]:
    """The figures of ``AnalyticsRead``."""
    found = await sums.figures(session, asked.since, asked.until, tenant.timezone)
    for day in found["days"]:
        day["sales"] = {"amount": day["sales"], "currency": tenant.currency}
    return {"since": asked.since, "until": asked.until, **found}


async def sheet(session: AsyncSession, wanted: Wanted) -> AsyncIterator[bytes]:
    """The events as CSV, a line at a time, which no spreadsheet takes a formula from."""
    yield b"\xef\xbb\xbf" + _row(COLUMNS)
    async for event in log.each(session, wanted, most=MOST_ROWS):
        yield _row(
            (
                event.at.isoformat(),
                event.kind,
                str(event.conversation_id or ""),
                str(event.user_id or ""),
                json.dumps(event.facts, ensure_ascii=False, sort_keys=True),
            )
        )


def _row(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([neutral(cell) for cell in cells])
    return out.getvalue().encode()
