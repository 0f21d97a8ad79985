"""What to do about a provider's error, and how long it asks to be left alone."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Mapping, Optional

from channels.provider import SendOutcome, SendResult

LONGEST_WAIT = 86_400.0


@dataclass(frozen=True)
class Treatment:
    """What an error means for a send; ``wait`` in seconds where the provider names no time of its own.

    ``most_tries`` where the fault may lie in the message itself: others wait behind it.
    """

    outcome: SendOutcome
    tell_seller: bool = False
    wait: Optional[float] = None
    most_tries: Optional[int] = None

    def result(self, code: str, text: str, headers: Mapping[str, str]) -> SendResult:
        """The result of a send that met it; the answer's ``headers`` may ask for a wait of their own."""
        asked = retry_after(headers) if self.outcome is SendOutcome.RETRY else None
        return SendResult(
            self.outcome,
            error_code=code,
            error_text=text,
            retry_after=self.wait if asked is None else asked,
            tell_seller=self.tell_seller,
            most_tries=self.most_tries,
        )


AGAIN = Treatment(SendOutcome.RETRY)
A_FEW_TIMES = Treatment(SendOutcome.RETRY, most_tries=5)
NEVER = Treatment(SendOutcome.REFUSED)
SELLER = Treatment(SendOutcome.REFUSED, tell_seller=True)
THROTTLED = Treatment(SendOutcome.RETRY, wait=60.0)
SPENT = Treatment(SendOutcome.RETRY, tell_seller=True, wait=3600.0)
# It may have been taken, as after a lost answer: one more try makes good, a third could make three.
TAKEN_WITHOUT_ID = SendResult(SendOutcome.RETRY, error_text="accepted without a message id", most_tries=2)


def by_status(status: int) -> Treatment:
    """What to do about an HTTP ``status`` with no code that is known."""
    if status in (408, 429) or status >= 500:
        return AGAIN
    return SELLER if status in (401, 403) else NEVER


def retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """Seconds to wait: the header has them, or a date that counts from the answer's own ``date``."""
    known = {name.lower(): value for name, value in headers.items()}
    value = known.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return min(float(value), LONGEST_WAIT)
    try:
        wait = (parsedate_to_datetime(value) - parsedate_to_datetime(known.get("date", ""))).total_seconds()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return min(max(wait, 0.0), LONGEST_WAIT)
