"""Which of Meta's addresses is a telephone number, and which a user id that must travel untouched.

A business-scoped user id is a country, a dot and up to 128 letters and digits; a parent id has ``ENT.``
between ("Business-scoped user IDs", 2026-05). Dropping its dot or letters, as one does with telephone
numbers, makes it somebody else's.
"""

from __future__ import annotations

import re
from typing import Any, Optional

USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
NUMBER = re.compile(r"[1-9][0-9]{6,14}")
BETWEEN = re.compile(r"[\s()./-]")


def is_user_id(address: str) -> bool:
    """Whether ``address`` is a business-scoped user id, or the parent of one."""
    return USER_ID.fullmatch(address) is not None


def e164(value: Any) -> Optional[str]:
    """A ``wa_id`` or a number written with its country as ``+234…``; None for anything else."""
    if not isinstance(value, str) or len(value) > 40 or is_user_id(value):
        return None
    digits = BETWEEN.sub("", value).removeprefix("+")
    return f"+{digits}" if NUMBER.fullmatch(digits) else None
