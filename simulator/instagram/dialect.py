"""How the stand-in for Instagram writes and answers."""

import base64
import json
import secrets

from fastapi import Response

from simulator import wire
from simulator.chats import Chat, Message, now
from simulator.dialect import CannotSend, Part, Tampering
from simulator.instagram import inbound
from simulator.instagram.errors import InstagramRefusal
from simulator.media import Media
from simulator.posting import Attempt, Post
from simulator.settings import Channel, Settings, Shopper
from simulator.wire import Json

PASSING_TROUBLE = 2
# The event's own id stands in these.
NAMED = ("message", "postback")


class Instagram:
    """Meta's messaging API for Instagram. It tells of no delivery: only what was sent, and what was seen."""

    channel = Channel.INSTAGRAM
    receipts: tuple[str, ...] = ()
    window_code: int | None = None
    media_code = 100

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def new_id(self, shopper: Shopper, *, inbound: bool) -> str:
        """A ``mid``: base64 over its maker's notes."""
        note = f"{'aWdf' if inbound else 'aWdG'}:item:{shopper.wa_id}:{secrets.token_hex(12)}"
        return base64.urlsafe_b64encode(note.encode()).decode().rstrip("=")

    def build(self, kind: str, facts: Json, chat: Chat, media: Media) -> Part:
        """One of ``inbound.KINDS``. Raises CannotSend, KeyError."""
        if kind not in inbound.KINDS:
            listed = ", ".join(sorted(inbound.KINDS))
            raise CannotSend(f"No phone sends {kind!r} on Instagram; it sends {listed}.")
        return inbound.KINDS[kind](facts, chat, media)

    def webhook(self, chat: Chat, message: Message, part: Part, tamper: Tampering | None, other: str) -> Post:
        """The signed webhook of what the shopper did, or the seller in Instagram's own app."""
        content = part.content
        if part.type in NAMED:
            content = {"mid": message.id, **part.content}
        event = {part.type: content, **part.beside}
        account = other if tamper == "other_number" else chat.line.account
        webhook = self._envelope(chat, event, account, at=int(message.at.timestamp() * 1000), part=part)
        return self._seal(webhook, chat, message.id, tamper=tamper)

    def _envelope(self, chat: Chat, event: Json, account: str, *, at: int, part: Part | None = None) -> Json:
        shopper, seller = {"id": chat.shopper.instagram_id(chat.line.account)}, {"id": account}
        pair = {"sender": shopper, "recipient": seller}
        if part and part.place == "echo":
            pair = {"sender": seller, "recipient": shopper}
        entry: Json = {"id": account, "time": int(now().timestamp() * 1000)}
        entry["standby" if part and part.place == "standby" else "messaging"] = [
            {**pair, "timestamp": at, **event}
        ]
        return {"object": "instagram", "entry": [entry]}

    def _seal(
        self,
        webhook: Json,
        chat: Chat,
        message_id: str,
        *,
        tamper: Tampering | None = None,
        kind: str = "message",
        status: str | None = None,
    ) -> Post:
        body = wire.dump(webhook)
        secret = "not-the-secret" if tamper == "wrong_signature" else self._settings.instagram_secret
        headers = {"X-Hub-Signature-256": wire.meta_signature(secret, body)}
        if tamper == "unsigned":
            headers = {}
        if tamper == "reserialised":
            body = json.dumps(webhook, ensure_ascii=False, indent=1).encode()
        return Post(self._settings.webhook(self.channel), body, headers, kind, chat, message_id, status)

    def receipt(self, chat: Chat, message: Message, status: str, code: int, details: str) -> Post | None:
        """That the shopper saw a message; nothing else is told."""
        if status != "read":
            return None
        at = int(now().timestamp() * 1000)
        webhook = self._envelope(chat, {"read": {"mid": message.id}}, chat.line.account, at=at)
        return self._seal(webhook, chat, message.id, kind="receipt", status=status)

    def taken(self, chat: Chat, message: Message) -> Post | None:
        """The echo of what the product itself sent, which often is there before the answer."""
        content = {
            key: value for key, value in message.content.items() if key in ("text", "attachments", "reply_to")
        }
        attachment = message.content.get("attachment")
        if attachment:
            content["attachments"] = [attachment]
        event = {"message": {"mid": message.id, "is_echo": True, **content}}
        at = int(message.at.timestamp() * 1000)
        part = Part("message", event, place="echo")
        webhook = self._envelope(chat, event, chat.line.account, at=at, part=part)
        return self._seal(webhook, chat, message.id, kind="echo")

    def spoken_back(self, attempt: Attempt) -> str | None:
        """Meta reads the answer's status alone."""

    def obey(self, chat: Chat, words: str) -> str | None:
        """Meta leaves these words to the product."""

    def accepted(self, chat: Chat, message: Message) -> Response:
        """The recipient and the new message's id."""
        recipient = chat.shopper.instagram_id(chat.line.account)
        return answer({"recipient_id": recipient, "message_id": message.id})

    def refused(
        self, code: int | None, details: str, status: int | None, retry_after: int | None
    ) -> Response:
        """A Graph error."""
        refusal = InstagramRefusal(PASSING_TROUBLE if code is None else code, details, status=status)
        return answer(refusal.body(), refusal.http_status, retry_after)


def answer(body: Json, status: int = 200, retry_after: int | None = None) -> Response:
    """A JSON answer as the Graph API gives it."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(wire.dump(body), status, headers, "application/json; charset=UTF-8")
