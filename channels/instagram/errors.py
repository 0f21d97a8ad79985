"""What Instagram's error codes mean for a send, as data: by code and subcode, else by code alone.

Sources: Meta's "Common Error Codes" of the Messenger Platform (2026-03), "Error Codes" of the Instagram
Platform, and what other projects met in their own sends. ``tell_seller`` marks what only the owner of the
account can put right.
"""

from __future__ import annotations

from typing import Dict, Tuple

from channels.meta.answering import Fault, by_status
from channels.treating import A_FEW_TIMES, AGAIN, NEVER, SELLER, SPENT, THROTTLED, Treatment

SUBCODES: Dict[Tuple[int, int], Treatment] = {
    # The reply window is shut, with or without a tag.
    (10, 2018278): NEVER, (10, 2534022): NEVER, (100, 2534022): NEVER, (10, 2018108): NEVER,
    # Nobody there: deleted, blocked us, never wrote to this app, or their thread was put away.
    (100, 2018001): NEVER, (100, 2534014): NEVER, (100, 33): NEVER, (551, 1545041): NEVER,
    (100, 2534001): NEVER,
    # Another app holds the conversation just now, and may hand it back.
    (100, 2534037): AGAIN, (10, 2534037): AGAIN, (100, 2018300): AGAIN, (10, 2018300): AGAIN,
    # Meta could not fetch our picture, or the upload failed.
    (100, 2018047): A_FEW_TIMES, (100, 2018294): A_FEW_TIMES, (-1, 2018012): A_FEW_TIMES,
    (1200, 0): A_FEW_TIMES, (100, 2534015): NEVER, (100, 2018074): NEVER,
    # Too many to too many: the spam guard and the account's own limits.
    (4, 2018022): THROTTLED, (613, 1996): SPENT, (80006, 2446079): SPENT,
    (2, 1545133): AGAIN, (2, 2018344): SELLER,
}  # fmt: skip

CODES: Dict[int, Treatment] = {
    # Access: the token, a permission, or messages are switched off in the account's settings.
    0: SELLER, 3: SELLER, 10: SELLER, 190: SELLER, 102: SELLER, 459: SELLER, 464: SELLER,
    **dict.fromkeys(range(200, 300), SELLER),
    # Rates: the app's, the user's, the account's, the call's.
    4: THROTTLED, 17: THROTTLED, 32: THROTTLED, 341: THROTTLED, 613: THROTTLED, 80002: THROTTLED,
    80006: THROTTLED,
    # The service itself.
    -2: AGAIN, -1: AGAIN, 1: AGAIN, 2: AGAIN, 1200: AGAIN,
    # The account: blocked for what it did, or for a feature.
    368: SELLER, 2022: SELLER, 10900: NEVER,
    # The message or the shopper: a parameter is wrong, or this person can't be written to.
    100: NEVER, 551: NEVER, 1545041: NEVER, 2018001: NEVER,
}  # fmt: skip


def treatment(fault: Fault) -> Treatment:
    """What to do about ``fault``, by Meta's codes or else by the HTTP status."""
    if fault.code is None or (fault.code == 0 and fault.status >= 500):
        return by_status(fault)
    known = SUBCODES.get((fault.code, fault.subcode or 0)) or CODES.get(fault.code)
    return known or by_status(fault)
