"""What Africa's Talking's status codes mean for a send, as data.

Source: "Sending SMS", the status codes of a recipient. A code that isn't here is judged by its hundred.
"""

from __future__ import annotations

from typing import Dict, FrozenSet

from channels.treating import A_FEW_TIMES, AGAIN, NEVER, SELLER, SPENT, THROTTLED, Treatment

TAKEN: FrozenSet[int] = frozenset({100, 101, 102})  # processed, sent, queued
CODES: Dict[int, Treatment] = {
    401: NEVER,  # risk hold
    402: SELLER,  # the sender id is not ours
    403: NEVER,  # the phone number is none
    404: NEVER,  # a kind of number that takes no text messages
    405: SPENT,  # the balance is spent
    406: NEVER,  # the shopper is in the blacklist: asked for no more
    407: A_FEW_TIMES,  # no route
    408: NEVER,  # do not disturb: refused by the shopper's own register
    409: NEVER,  # do not disturb
    429: THROTTLED,
    500: AGAIN,  # internal server error
    501: AGAIN,  # gateway error
    502: A_FEW_TIMES,  # rejected by the gateway
}


def treatment(code: int) -> Treatment:
    """What to do about a recipient's ``code`` that isn't one of those taken."""
    return CODES.get(code) or (AGAIN if code >= 500 else NEVER)
