"""Whether a shop is open: its weekly hours, in its own time zone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Spans = Sequence[Sequence[str]]


def is_open(opening: Mapping[str, Spans], timezone: str, now: datetime) -> bool:
    """Whether ``now`` falls into one of ``opening``'s spans; no hours at all means always open.

    ``opening`` maps a weekday (``mon`` … ``sun``) to spans ``["08:00", "18:00"]``, the end excluded. A span
    that ends at or before its start runs past midnight.
    """
    if not opening:
        return True
    local = now.astimezone(ZoneInfo(timezone))
    today, yesterday = (WEEKDAYS[(local - timedelta(days=days)).weekday()] for days in (0, 1))
    clock = local.time()
    return any(_begun(span, clock) for span in opening.get(today, ())) or any(
        _left_over(span, clock) for span in opening.get(yesterday, ())
    )


def _begun(span: Sequence[str], clock: time) -> bool:
    start, end = (time.fromisoformat(moment) for moment in span)
    return start <= clock and (clock < end or end <= start)


def _left_over(span: Sequence[str], clock: time) -> bool:
    start, end = (time.fromisoformat(moment) for moment in span)
    return end <= start and clock < end
