"""The refusals of Instagram's messaging API, in Meta's shape.

Codes from Meta's "Error codes" of the Messenger Platform and Instagram Messaging (2026).
"""

from dataclasses import dataclass
from typing import Any

from simulator.wire import trace_id

# code: HTTP status; every other is 400.
STATUSES = {1: 500, 2: 503, 190: 401, 551: 400, 10: 403, 200: 403}
MESSAGES = {
    1: "An unknown error has occurred.",
    2: "Service temporarily unavailable.",
    4: "Application request limit reached",
    10: "This message is sent outside of allowed window.",
    190: "Invalid OAuth access token - Cannot parse access token",
    200: "Cannot message users who are not admins, developers or testers of the app until advanced access.",
    551: "This person isn't available right now.",
    613: "Calls to this api have exceeded the rate limit.",
}


@dataclass
class InstagramRefusal(Exception):
    """A request that Instagram turns down."""

    code: int
    details: str = ""
    subcode: int | None = None
    status: int | None = None

    @property
    def http_status(self) -> int:
        """The HTTP status of the answer."""
        return self.status or STATUSES.get(self.code, 400)

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        words = MESSAGES.get(self.code, self.details) if self.code != 100 else self.details
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {words}",
            "type": "OAuthException" if self.code in (100, 190) else "IGApiException",
            "code": self.code,
            "fbtrace_id": trace_id(),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}
