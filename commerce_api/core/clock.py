"""The one place that reads the time. Services take ``now`` as a fact; endpoints get it from ``NowDep``.

What several processes reckon with together goes by the database's time: theirs may differ.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


def now() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)


async def database_time(session: AsyncSession) -> datetime:
    """The database's time, aware, UTC."""
    moment: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return moment.astimezone(UTC)


NowDep = Annotated[datetime, Depends(now)]
