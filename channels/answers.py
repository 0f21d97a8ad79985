"""Looking into a provider's answer to a send, which may hold anything: a wrong type reads as absent."""

from __future__ import annotations

import json
from typing import Any, Dict, Optional

from channels import payload


def read_object(body: bytes) -> Dict[str, Any]:
    """The JSON object in ``body``; empty when it is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def text(value: Any, limit: int) -> Optional[str]:
    """A string that is not blank, storable, cut to ``limit``."""
    said = payload.clean(value).strip() if isinstance(value, str) else ""
    return said[:limit] or None


def code(value: Any) -> Optional[int]:
    """A whole number, or one in digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
