"""What Twilio's error codes mean for a send, as data.

Source: Twilio's "Error and warning dictionary". A code that isn't here is judged by its HTTP status.
"""

from __future__ import annotations

from typing import Dict, Optional

from channels.treating import (
    A_FEW_TIMES,
    AGAIN,
    NEVER,
    SELLER,
    SPENT,
    THROTTLED,
    Treatment,
    by_status,
)

CODES: Dict[int, Treatment] = {
    # Access: the token, the account, what it may do.
    20003: SELLER, 20005: SELLER, 20006: SELLER, 20008: SELLER, 20403: SELLER, 20404: SELLER,
    # Too fast, or too much waiting in the sender's queue.
    20429: THROTTLED, 21611: THROTTLED, 30001: THROTTLED, 63018: THROTTLED, 63017: THROTTLED,
    # Limits that take hours to move: a day's messages of a sender, of a campaign, of a portfolio.
    30022: SPENT, 30023: SPENT, 30027: SPENT, 63038: SPENT,
    # The service itself, or a network behind it.
    20500: AGAIN, 20503: AGAIN, 30410: AGAIN, 30500: AGAIN, 63010: AGAIN, 63012: AGAIN, 63029: AGAIN,
    30003: A_FEW_TIMES, 30008: A_FEW_TIMES, 30009: A_FEW_TIMES,
    # Media it could not fetch from us: our photo server may have been down.
    11200: A_FEW_TIMES, 12300: NEVER, 63019: A_FEW_TIMES, 63026: A_FEW_TIMES,
    # The sender: not ours, not able, not registered, not allowed into that country, paused, unpaid.
    21212: SELLER, 21408: SELLER, 21601: SELLER, 21603: SELLER, 21606: SELLER, 21608: SELLER,
    21612: SELLER, 21660: SELLER, 21703: SELLER, 21704: SELLER, 21705: SELLER, 30002: SELLER,
    30007: SELLER, 30010: SELLER, 30032: SELLER, 30034: SELLER, 30038: SELLER, 63001: SELLER,
    63002: SELLER, 63007: SELLER, 63008: SELLER, 63013: SELLER, 63015: SELLER, 63020: SELLER,
    63022: SELLER, 63034: SELLER, 63050: SELLER, 63051: SELLER, 63112: SELLER,
    # The message: malformed, too long, of a kind this sender can't send. A fault of ours.
    21602: NEVER, 21604: NEVER, 21605: NEVER, 21617: NEVER, 21619: NEVER, 21620: NEVER, 21623: NEVER,
    63005: NEVER, 63021: NEVER, 63030: NEVER, 63031: NEVER,
    # The shopper: no such number, no mobile one, blocked us, asked for no more, window closed.
    21211: NEVER, 21214: NEVER, 21217: NEVER, 21265: NEVER, 21266: NEVER, 21610: NEVER, 21614: NEVER,
    21635: NEVER, 30004: NEVER, 30005: NEVER, 30006: NEVER, 63003: NEVER, 63014: NEVER, 63016: NEVER,
    63024: NEVER, 63032: NEVER, 63033: NEVER, 63036: NEVER, 63049: NEVER,
    # Templates: wrong parameters are ours; a missing, rejected or paused one is the seller's.
    21654: SELLER, 21655: SELLER, 21656: NEVER, 63027: SELLER, 63028: NEVER, 63040: SELLER, 63041: SELLER,
    63042: SELLER,
}  # fmt: skip


def treatment(code: Optional[int], status: int) -> Treatment:
    """What to do about Twilio's ``code`` (None when it gave none), answered with HTTP ``status``."""
    if status == 429:
        return THROTTLED
    return CODES.get(code, by_status(status)) if code is not None else by_status(status)
