"""How the stand-in for Twilio writes and answers."""

import re
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Response

from simulator import wire
from simulator.chats import Chat, Message
from simulator.dialect import CannotSend, Part, Tampering
from simulator.media import Media
from simulator.parts import count_parts
from simulator.posting import Attempt, Post
from simulator.settings import Channel, Settings, Shopper
from simulator.twilio import inbound
from simulator.twilio.errors import TwilioRefusal
from simulator.wire import Json

VERSION = "2010-04-01"
PASSING_TROUBLE = 20500
FORM = "application/x-www-form-urlencoded; charset=utf-8"
SAID = re.compile(r"<(?:Message|Body)[^>]*>([^<]+)<")
# "Advanced Opt-Out" and its defaults: whole messages, in any case.
STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START = {"START", "YES", "UNSTOP"}
HELP = {"HELP", "INFO"}
OWN_ANSWERS = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this "
    "number. Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


class Twilio:
    """Twilio's Messaging API on one channel: SMS or WhatsApp."""

    receipts: tuple[str, ...] = ("sent", "delivered")

    def __init__(self, settings: Settings, channel: Channel) -> None:
        self._settings = settings
        self.channel = channel
        self._is_whatsapp = channel is Channel.WHATSAPP_TWILIO
        self.window_code: int | None = 63016 if self._is_whatsapp else None
        self.media_code = 63019 if self._is_whatsapp else 30008

    def new_id(self, shopper: Shopper, *, inbound: bool) -> str:
        """A ``sid``."""
        return f"SM{secrets.token_hex(16)}"

    def build(self, kind: str, facts: Json, chat: Chat, media: Media) -> Part:
        """One of ``inbound.KINDS``. Raises CannotSend, KeyError."""
        kinds = inbound.KINDS[self.channel]
        if kind not in kinds:
            raise CannotSend(f"No phone sends {kind!r} here; it sends {', '.join(sorted(kinds))}.")
        if "hide_number" in facts:
            chat.hides_number = bool(facts["hide_number"])
        return kinds[kind](facts, chat, media)

    def address(self, chat: Chat) -> str:
        """The shopper as Twilio names them here."""
        if not self._is_whatsapp:
            return chat.shopper.number
        return f"whatsapp:{chat.shopper.user_id if chat.hides_number else chat.shopper.number}"

    def _ours(self, account: str) -> str:
        return f"whatsapp:{account}" if self._is_whatsapp else account

    def webhook(self, chat: Chat, message: Message, part: Part, tamper: Tampering | None, other: str) -> Post:
        """The signed webhook of a shopper's message."""
        body = str(part.content.get("Body", ""))
        form = {
            "SmsMessageSid": message.id,
            "SmsSid": message.id,
            "MessageSid": message.id,
            "AccountSid": self._settings.twilio_sid,
            "ApiVersion": VERSION,
            "SmsStatus": "received",
            "From": self.address(chat),
            "To": self._ours(other if tamper == "other_number" else chat.line.account),
            "NumMedia": "1" if "MediaUrl0" in part.content else "0",
            "NumSegments": str(count_parts(body)),
            **self._by_channel(chat),
            **part.content,
        }
        if part.quoted:
            form["OriginalRepliedMessageSid"] = part.quoted
            form["OriginalRepliedMessageSender"] = self._ours(chat.line.account)
        if not self._is_whatsapp:
            form.pop("MessageType", None)
        if chat.obeyed:
            # As numbers of a Messaging Service with Advanced Opt-Out tell it.
            form["OptOutType"] = chat.obeyed
        return self._seal(self._settings.webhook(self.channel), form, chat, message, tamper)

    def _by_channel(self, chat: Chat) -> Json:
        shopper = chat.shopper
        if not self._is_whatsapp:
            return {"FromCountry": shopper.country, "FromCity": "", "FromState": "", "FromZip": ""}
        known: Json = {"ProfileName": shopper.name, "ExternalUserId": shopper.user_id}
        return known if chat.hides_number else {**known, "WaId": shopper.wa_id}

    def _seal(
        self,
        url: str,
        form: Json,
        chat: Chat,
        message: Message,
        tamper: Tampering | None = None,
        **about: Any,
    ) -> Post:
        token = "not-the-secret" if tamper == "wrong_signature" else self._settings.twilio_token
        signature = wire.twilio_signature(token, url, form.items())
        if tamper == "reserialised":
            # Signed as Twilio wrote it, posted with a parameter more.
            form = {**form, "Added": "1"}
        headers = {"Content-Type": FORM} | ({} if tamper == "unsigned" else {"X-Twilio-Signature": signature})
        return Post(url, urlencode(form).encode(), headers, chat=chat, message_id=message.id, **about)

    def receipt(self, chat: Chat, message: Message, status: str, code: int, details: str) -> Post | None:
        """A status callback, to the address the message named; none when it named none."""
        if message.report_to is None or (status == "read" and not self._is_whatsapp):
            return None
        told = "undelivered" if status == "failed" and not self._is_whatsapp else status
        form = {
            "MessageSid": message.id,
            "SmsSid": message.id,
            "AccountSid": self._settings.twilio_sid,
            "ApiVersion": VERSION,
            "From": self._ours(chat.line.account),
            "To": self.address(chat),
            "MessageStatus": told,
            "SmsStatus": told,
        }
        if self._is_whatsapp:
            form |= {"ChannelPrefix": "whatsapp", "ChannelToAddress": chat.shopper.number}
            form |= {"EventType": "READ"} if status == "read" else {}
        if status == "failed":
            form |= {"ErrorCode": str(code), "ErrorMessage": details}
        return self._seal(message.report_to, form, chat, message, kind="receipt", status=status)

    def taken(self, chat: Chat, message: Message) -> Post | None:
        """Twilio tells nothing before ``sent``."""

    def spoken_back(self, attempt: Attempt) -> str | None:
        """Twilio sends what the answer says: TwiML's messages, or a plain text whole."""
        if not attempt.is_accepted:
            return None
        if attempt.content_type.startswith("text/plain"):
            return attempt.answer.strip() or None
        return "\n".join(words.strip() for words in SAID.findall(attempt.answer) if words.strip()) or None

    def obey(self, chat: Chat, words: str) -> str | None:
        """What Twilio itself does about STOP, START and HELP on SMS; its own answer to the shopper."""
        word, chat.obeyed = words.strip().upper(), None
        if self._is_whatsapp:
            return None
        if word in HELP:
            chat.obeyed = "HELP"
        elif word in STOP:
            chat.is_stopped, chat.obeyed = True, "STOP"
        elif word in START and chat.is_stopped:
            chat.is_stopped, chat.obeyed = False, "START"
        return OWN_ANSWERS.get(chat.obeyed or "")

    def accepted(self, chat: Chat, message: Message) -> Response:
        """The message resource, queued."""
        sid, at = self._settings.twilio_sid, format_datetime(datetime.now(UTC))
        uri = f"/{VERSION}/Accounts/{sid}/Messages/{message.id}"
        body = {
            "account_sid": sid,
            "api_version": VERSION,
            "body": message.face.text,
            "date_created": at,
            "date_sent": None,
            "date_updated": at,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": self._ours(chat.line.account),
            "messaging_service_sid": None,
            "num_media": str(len(message.face.pictures)),
            "num_segments": str(message.parts or 1),
            "price": None,
            "price_unit": None,
            "sid": message.id,
            "status": "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message.to,
            "uri": f"{uri}.json",
        }
        return answer(body, 201)

    def refused(
        self, code: int | None, details: str, status: int | None, retry_after: int | None
    ) -> Response:
        """Twilio's JSON of an error."""
        refusal = TwilioRefusal(PASSING_TROUBLE if code is None else code, details, status)
        return answer(refusal.body(), refusal.http_status, retry_after)


def answer(body: Json, status: int = 200, retry_after: int | None = None) -> Response:
    """A JSON answer as Twilio gives it."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(wire.dump(body), status, headers, "application/json")
