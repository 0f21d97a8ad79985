"""The Graph API's refusals, in Meta's shape, and its table of WhatsApp error codes."""

from dataclasses import dataclass
from typing import Any

from simulator.wire import trace_id

# code: (HTTP status, title), from Meta's "Error codes" page for the Cloud API.
CODES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    4: (400, "API Too Many Calls"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131031: (400, "Account has been locked"),
    131037: (400, "WhatsApp provided number needs display name approval before message can be sent"),
    131042: (400, "Business eligibility payment issue"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement"),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    133010: (400, "Phone number not registered"),
}


@dataclass
class GraphRefusal(Exception):
    """A request the Graph API turns down. ``details`` is the sentence that names the fault."""

    code: int
    details: str
    status: int | None = None
    subcode: int | None = None

    @property
    def http_status(self) -> int:
        """The HTTP status of the answer."""
        return self.status or CODES.get(self.code, (400, ""))[0]

    def body(self) -> dict[str, Any]:
        """The answer's JSON, as Meta shapes it."""
        title = CODES.get(self.code, (400, "Unknown error"))[1]
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {title}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": trace_id(),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}


def status_error(code: int, details: str) -> dict[str, Any]:
    """The error object of a ``failed`` status."""
    title = CODES.get(code, (400, "Unknown error"))[1]
    address = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": address,
    }
