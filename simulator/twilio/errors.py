"""Twilio's refusals, in its shape; codes from its "Error and warning dictionary"."""

from dataclasses import dataclass
from typing import Any

# code: (HTTP status, sentence)
CODES: dict[int, tuple[int, str]] = {
    12300: (400, "Invalid Content-Type"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "The 'To' number is not a valid phone number."),
    21212: (400, "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided is not a valid, message-capable Twilio phone number."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21620: (400, "Invalid media URL(s)"),
    21623: (400, "Number of media files exceeds allowed limit"),
    21910: (400, "Invalid From and To pair. From and To should be of the same channel"),
    63007: (400, "Twilio could not find a Channel with the specified From address"),
    30001: (400, "Queue overflow"),
    30003: (400, "Unreachable destination handset"),
    30005: (400, "Unknown destination handset"),
    30006: (400, "Landline or unreachable carrier"),
    30007: (400, "Message filtered"),
    30008: (400, "Unknown error"),
    63003: (400, "Channel could not find To address"),
    63016: (400, "Failed to send freeform message because you are outside the allowed window."),
    63018: (429, "Rate limit exceeded for Channel"),
    63019: (400, "Media failed to download"),
    63024: (400, "Invalid message recipient"),
}


@dataclass
class TwilioRefusal(Exception):
    """A request that Twilio turns down. ``details`` stands for the code's own sentence when set."""

    code: int
    details: str = ""
    status: int | None = None

    @property
    def http_status(self) -> int:
        """The HTTP status of the answer."""
        return self.status or CODES.get(self.code, (400, ""))[0]

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        return {
            "code": self.code,
            "message": self.details or CODES.get(self.code, (400, "Unknown error"))[1],
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.http_status,
        }
