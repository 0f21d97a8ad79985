"""What Meta's error codes mean for a send, as data.

Sources: Meta's "Cloud API error codes" page and the changes of 2026 listed beside each group. A code that
isn't here is judged by its HTTP status. ``tell_seller`` marks what only the owner of the number can put
right.
"""

from __future__ import annotations

from typing import Dict

from channels.meta.answering import Fault, by_status
from channels.provider import SendOutcome
from channels.treating import A_FEW_TIMES, AGAIN, NEVER, SELLER, SPENT, THROTTLED, Treatment

PAIR_RATE = Treatment(SendOutcome.RETRY, wait=6.0)

CODES: Dict[int, Treatment] = {
    # Access: the token or a permission is gone.
    0: SELLER, 3: SELLER, 10: SELLER, 190: SELLER, 131005: SELLER,
    **dict.fromkeys(range(200, 300), SELLER),
    # Rates: the app's, the account's, the number's, the pair's (to one shopper one message in six seconds).
    4: THROTTLED, 80007: THROTTLED, 130429: THROTTLED, 133015: THROTTLED, 133016: THROTTLED,
    131056: PAIR_RATE,
    # Limits that take an hour or a day to move: spam rate, users reached, a throttled flow.
    131048: SPENT, 131064: SPENT, 132069: SPENT,
    # The service itself.
    1: AGAIN, 2: AGAIN, 131000: AGAIN, 131016: AGAIN, 131057: AGAIN, 133004: AGAIN, 135000: A_FEW_TIMES,
    # Media that Meta could not fetch from us: our photo server may have been down.
    131052: A_FEW_TIMES, 131053: A_FEW_TIMES,
    # The account: blocked, locked, restricted, unnamed, unpaid, unregistered, templates off.
    368: SELLER, 131031: SELLER, 130497: SELLER, 131037: SELLER, 131042: SELLER, 131045: SELLER,
    131063: SELLER, 133000: SELLER, 133005: SELLER, 133006: SELLER, 133008: SELLER, 133009: SELLER,
    133010: SELLER, 134011: SELLER, 33: SELLER,
    # The message: malformed, or of a kind this number can't send. A fault of ours; asking again won't help.
    100: NEVER, 131008: NEVER, 131009: NEVER, 131051: NEVER, 131055: NEVER, 131062: NEVER,
    # The shopper: unreachable, ourselves, in a trial, window closed, capped, opted out, another identity.
    131026: NEVER, 131021: NEVER, 130472: NEVER, 131047: NEVER, 131049: NEVER, 131050: NEVER, 137000: NEVER,
    # Templates: wrong parameters are ours; a paused or disabled one is the seller's.
    132000: NEVER, 132001: SELLER, 132005: NEVER, 132007: SELLER, 132012: NEVER, 132018: NEVER,
    132015: SELLER, 132016: SELLER, 132068: SELLER,
}  # fmt: skip


def treatment(fault: Fault) -> Treatment:
    """What to do about ``fault``, by Meta's code or else by the HTTP status."""
    if fault.code is not None and fault.code in CODES and not (fault.code == 0 and fault.status >= 500):
        return CODES[fault.code]
    return by_status(fault)
