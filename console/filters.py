"""How facts read on a page: money, times in the shop's own zone, how long ago."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_currency

from commerce_api.core.money import MINOR_DIGITS, Money

CHANNELS = {"whatsapp": "WhatsApp", "instagram": "Instagram", "sms": "SMS", "ussd": "USSD"}
MINUTE, HOUR, DAY = 60, 3600, 86400
# What is written down when a person is asked for, as a seller would say it; see ``handing.py``.
REASONS = {
    "change_order": "Wants to change an order",
    "talk_to_human": "Asked for a person",
    "complaint": "Complained",
    "not_understood": "Was not understood",
    "payment_issue": "Had trouble paying",
    "return_or_refund": "Wants money or goods back",
    "payment_mismatch": "Paid another amount",
    "turn_failed": "The assistant failed to answer",
    "undelivered": "An answer could not be delivered",
}


def money(value: Money | Any) -> str:
    """``₦2,500`` or ``₦2,500.50``: minor digits are shown only where there are any."""
    digits = MINOR_DIGITS.get(value.currency, 2)
    whole, rest = divmod(abs(value.amount), 10**digits)
    pattern = "¤#,##0" + (f".{'0' * digits}" if rest else "")
    number = (whole + rest / 10**digits) * (-1 if value.amount < 0 else 1)
    return format_currency(number, value.currency, format=pattern, locale="en_NG", currency_digits=False)


def ago(moment: datetime | None, now: datetime) -> str:
    """``now``, ``5 min``, ``3 h``, ``2 d``: short enough for a list."""
    if moment is None:
        return ""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < MINUTE:
        return "now"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    return f"{seconds // HOUR} h" if seconds < DAY else f"{seconds // DAY} d"


def time_of_day(moment: datetime, timezone: str) -> str:
    """``14:05`` in the shop's time zone."""
    return moment.astimezone(ZoneInfo(timezone)).strftime("%H:%M")


def day(moment: datetime, timezone: str, now: datetime) -> str:
    """``Today``, ``Yesterday`` or ``Mon 3 Nov 2026`` in the shop's time zone."""
    zone = ZoneInfo(timezone)
    local = moment.astimezone(zone).date()
    days = (now.astimezone(zone).date() - local).days
    if days in {0, 1}:
        return ("Today", "Yesterday")[days]
    return f"{local:%a} {local.day} {local:%b %Y}"


def date_time(moment: datetime, timezone: str) -> str:
    """``3 Nov 2026, 14:05`` in the shop's time zone."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b %Y, %H:%M}"


def initials(name: str | None) -> str:
    """One or two letters for a picture that isn't there."""
    words = [word for word in (name or "").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "#"


def channel(name: str) -> str:
    """``WhatsApp``, ``SMS``: a channel as people call it."""
    return CHANNELS.get(name.partition("_")[0], name)


def clock_minute(moment: datetime, timezone: str) -> str:
    """``2026-11-03T14:05``, as a form's field for a time takes it."""
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M")


def reason(code: str | None) -> str:
    """Why a person was asked for; what follows a colon in the code is for the log."""
    kind = (code or "").partition(":")[0]
    return REASONS.get(kind, kind.replace("_", " ").capitalize() or "No reason was given")


FILTERS: dict[str, Callable[..., str]] = {
    "money": money,
    "ago": ago,
    "time_of_day": time_of_day,
    "day": day,
    "date_time": date_time,
    "initials": initials,
    "channel": channel,
    "clock_minute": clock_minute,
    "reason": reason,
}
