"""How the stand-in for Africa's Talking's SMS writes and answers."""

import secrets
from datetime import UTC
from urllib.parse import urlencode

from fastapi import Response

from simulator import wire
from simulator.chats import Chat, Face, Message
from simulator.dialect import CannotSend, Part, Tampering, tap
from simulator.media import Media
from simulator.posting import Attempt, Post
from simulator.settings import Channel, Settings, Shopper
from simulator.wire import Json

FORM = "application/x-www-form-urlencoded"
# statusCode of a recipient: its word ("SMS sending", statuses of the bulk answer).
CODES = {
    100: "Processed",
    101: "Success",
    102: "Queued",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
PASSING_TROUBLE = 500
PRICES = {"NG": ("NGN", "2.2000"), "KE": ("KES", "0.8000"), "CI": ("XOF", "18.0000"), "GH": ("GHS", "0.0300")}
NETWORKS = {"NG": "62130", "KE": "63902", "CI": "61203", "GH": "62001"}
REPORTED = {"delivered": "Success", "sent": "Sent", "failed": "Failed"}


class AfricasTalking:
    """Africa's Talking's SMS API: no signature but the secret in the address, one try, one report."""

    channel = Channel.SMS_AFRICASTALKING
    receipts: tuple[str, ...] = ("delivered",)
    window_code: int | None = None
    media_code = 500

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def new_id(self, shopper: Shopper, *, inbound: bool) -> str:
        """An id: a UUID-like for what comes in, ``ATXid_…`` for what goes out."""
        return secrets.token_hex(18) if inbound else f"ATXid_{secrets.token_hex(16)}"

    def build(self, kind: str, facts: Json, chat: Chat, media: Media) -> Part:
        """Words, the number of a numbered line, or raw parameters. Raises CannotSend, KeyError."""
        if kind == "opt_out":
            # Dialled at the network, not written to the seller.
            chat.is_stopped = True
            return Part("opt_out", {}, face=Face("Opted out"))
        if kind == "raw":
            content = {str(name): str(value) for name, value in facts["message"].items()}
            return Part("text", content, face=Face(content.get("text", "")))
        if kind not in ("text", "tap"):
            raise CannotSend(f"No phone sends {kind!r} by SMS; it sends opt_out, raw, tap, text.")
        words = str(facts["text"]) if kind == "text" else str(tap(facts, chat)[1]["id"])
        return Part("text", {"text": words}, face=Face(words))

    def webhook(self, chat: Chat, message: Message, part: Part, tamper: Tampering | None, other: str) -> Post:
        """The callback of a shopper's message."""
        if part.type == "opt_out":
            gone = {"senderId": chat.line.account, "phoneNumber": chat.shopper.number}
            return self._post(gone, chat, message, tamper)
        form = {
            "from": chat.shopper.number,
            "to": other if tamper == "other_number" else chat.line.account,
            "id": message.id,
            "linkId": f"{message.id[:8]}-link",
            "date": message.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "networkCode": NETWORKS.get(chat.shopper.country, "99999"),
            **part.content,
        }
        return self._post(form, chat, message, tamper)

    def _post(
        self,
        form: Json,
        chat: Chat,
        message: Message,
        tamper: Tampering | None = None,
        status: str | None = None,
    ) -> Post:
        url, key = self._settings.webhook(self.channel), self._settings.callback_key
        if tamper == "unsigned":
            url = url.replace(f"/{key}/", "/")
        if tamper == "wrong_signature":
            url = url.replace(f"/{key}/", "/not-the-key/")
        if tamper == "reserialised":
            raise CannotSend("Africa's Talking signs nothing that could be spoiled so.")
        kind = "receipt" if status else "message"
        return Post(url, urlencode(form).encode(), {"Content-Type": FORM}, kind, chat, message.id, status)

    def receipt(self, chat: Chat, message: Message, status: str, code: int, details: str) -> Post | None:
        """A delivery report; that a message was read nobody knows."""
        if status not in REPORTED:
            return None
        form = {
            "id": message.id,
            "status": REPORTED[status],
            "phoneNumber": chat.shopper.number,
            "networkCode": NETWORKS.get(chat.shopper.country, "99999"),
            "retryCount": "0",
        }
        if status == "failed":
            form["failureReason"] = CODES.get(code, details)
        return self._post(form, chat, message, status=status)

    def taken(self, chat: Chat, message: Message) -> Post | None:
        """Nothing is told before the report."""

    def spoken_back(self, attempt: Attempt) -> str | None:
        """The answer's status alone counts."""

    def obey(self, chat: Chat, words: str) -> str | None:
        """Africa's Talking leaves these words to the product."""

    def accepted(self, chat: Chat, message: Message) -> Response:
        """The answer for one recipient; ``endpoints`` joins those of several."""
        return summary([recipient(chat.shopper, 101, message)])

    def refused(
        self, code: int | None, details: str, status: int | None, retry_after: int | None
    ) -> Response:
        """With a ``status`` a bare answer of it; else a recipient's ``statusCode``."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if status is not None or code == 429:
            return Response(details, status or 429, headers, "text/plain")
        chosen = PASSING_TROUBLE if code is None else code
        word = CODES.get(chosen, "InternalServerError")
        return summary(
            [{"statusCode": chosen, "status": word, "number": "", "cost": "0", "messageId": "None"}]
        )


def recipient(shopper: Shopper, code: int, message: Message | None) -> Json:
    """A recipient's line in the answer to a send."""
    currency, price = PRICES.get(shopper.country, ("USD", "0.0200"))
    parts = (message.parts or 1) if message else 1
    return {
        "statusCode": code,
        "number": shopper.number,
        "status": CODES[code],
        "cost": f"{currency} {float(price) * parts:.4f}" if message else "0",
        "messageId": message.id if message else "None",
        "messageParts": parts,
    }


def summary(recipients: list[Json], words: str = "") -> Response:
    """The answer to a send."""
    taken = [one for one in recipients if one["statusCode"] in (100, 101, 102)]
    cost = sum(float(str(one["cost"]).rpartition(" ")[2]) for one in taken)
    currency = str(taken[0]["cost"]).partition(" ")[0] if taken else ""
    total = f"{currency} {cost:.4f}".strip() if taken else "0"
    message = words or f"Sent to {len(taken)}/{len(recipients)} Total Cost: {total}"
    body = {"SMSMessageData": {"Message": message, "Recipients": recipients}}
    return Response(wire.dump(body), 201, media_type="application/json")
