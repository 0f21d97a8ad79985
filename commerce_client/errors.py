"""How a call to the commerce API can fail."""

from __future__ import annotations

from typing import Any, Dict

from commerce_client.http import HttpAnswer


class ApiUnavailable(Exception):
    """The API could not answer: nothing is known of the call's effect, and its key makes a repeat safe."""


class ApiRefused(Exception):
    """The API said no. ``code`` is its stable code, ``status`` the HTTP status, ``facts`` what it added."""

    def __init__(self, status: int, code: str, detail: str, facts: Dict[str, Any]) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.facts = facts

    @classmethod
    def read(cls, response: HttpAnswer) -> ApiRefused:
        """From a problem-details answer, or any other that is no JSON object."""
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            body = {"code": "unreadable", "detail": response.text[:200]}
        return cls(response.status_code, body.get("code", "unknown"), body.get("detail", ""), body)
