"""The one place that reads the time. Services take ``now`` as a fact; endpoints get it from ``NowDep``."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends


def now() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)


async def _request_now() -> datetime:
    return now()


NowDep = Annotated[datetime, Depends(_request_now)]
