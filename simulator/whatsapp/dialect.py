"""How the stand-in for WhatsApp writes and answers."""

import json
from dataclasses import replace
from datetime import UTC

from fastapi import Response

from simulator import wire
from simulator.chats import Chat, Message, now
from simulator.dialect import CannotSend, Part, Tampering
from simulator.media import Media
from simulator.posting import Attempt, Post
from simulator.settings import Channel, Settings, Shopper
from simulator.whatsapp import inbound
from simulator.whatsapp.errors import GraphRefusal, status_error
from simulator.whatsapp.faces import face
from simulator.whatsapp.wire import contact, envelope, status_content, wamid
from simulator.wire import Json

# What comes under a field of its own.
FIELDS = {"echo": "smb_message_echoes", "standby": "standby"}
PASSING_TROUBLE = 131000


class WhatsApp:
    """Meta's Cloud API."""

    channel = Channel.WHATSAPP
    receipts: tuple[str, ...] = ("sent", "delivered")
    window_code: int | None = 131047
    media_code = 131053

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def new_id(self, shopper: Shopper, *, inbound: bool) -> str:
        """A ``wamid``."""
        return wamid(shopper.wa_id, inbound=inbound)

    def build(self, kind: str, facts: Json, chat: Chat, media: Media) -> Part:
        """One of ``inbound.KINDS``. Raises CannotSend, KeyError."""
        if kind not in inbound.KINDS:
            listed = ", ".join(sorted(inbound.KINDS))
            raise CannotSend(f"No phone sends {kind!r} on WhatsApp; it sends {listed}.")
        if "hide_number" in facts:
            chat.hides_number = bool(facts["hide_number"])
        part = inbound.KINDS[kind](facts, chat, media)
        return part if part.face.text else replace(part, face=face(part.type, part.content))

    def webhook(self, chat: Chat, message: Message, part: Part, tamper: Tampering | None, other: str) -> Post:
        """The signed webhook of a shopper's message, or of what happened beside the product."""
        item = self._item(chat, message, part)
        field = FIELDS.get(part.place, "messages")
        if field == "smb_message_echoes":
            content: Json = {"message_echoes": [item]}
        elif part.type == "system":
            # System messages come without contacts, as Meta's do.
            content = {"messages": [item]}
        else:
            content = {"contacts": [contact(chat)], "messages": [item]}
        account = other if tamper == "other_number" else ""
        body = envelope(chat.seller, content, field, account)
        return self._seal(body, chat, message, tamper)

    def _item(self, chat: Chat, message: Message, part: Part) -> Json:
        shopper, seller = chat.shopper, chat.seller
        from_: Json = {"from": shopper.wa_id, "from_user_id": shopper.user_id}
        if part.place == "echo":
            from_ = {"from": seller.digits, "to": shopper.wa_id}
        elif chat.hides_number:
            from_ = {"from_user_id": shopper.user_id}
        item: Json = {
            **from_,
            "id": message.id,
            "timestamp": str(int(message.at.astimezone(UTC).timestamp())),
            "type": part.type,
            part.type: part.content,
            **part.beside,
        }
        if part.quoted:
            item["context"] = {"from": seller.digits, "id": part.quoted, **item.get("context", {})}
        return item

    def _seal(self, webhook: Json, chat: Chat, message: Message, tamper: Tampering | None) -> Post:
        secret = self._settings.app_secret
        body = wire.dump(webhook)
        signed_with = "not-the-secret" if tamper == "wrong_signature" else secret
        headers = {"X-Hub-Signature-256": wire.meta_signature(signed_with, body)}
        if tamper == "unsigned":
            headers = {}
        if tamper == "reserialised":
            # Signed as Meta wrote it, posted as a careless proxy would write it again.
            body = json.dumps(webhook, ensure_ascii=False, indent=1).encode()
        return Post(self._settings.webhook(self.channel), body, headers, "message", chat, message.id)

    def receipt(self, chat: Chat, message: Message, status: str, code: int, details: str) -> Post | None:
        """A status webhook."""
        error = status_error(code, details) if status == "failed" else None
        at = int(now().timestamp())
        content = status_content(chat, message.id, status, at=at, error=error)
        body = wire.dump(envelope(chat.seller, content))
        headers = {"X-Hub-Signature-256": wire.meta_signature(self._settings.app_secret, body)}
        url = self._settings.webhook(self.channel)
        return Post(url, body, headers, "receipt", chat, message.id, status)

    def taken(self, chat: Chat, message: Message) -> Post | None:
        """Meta tells nothing before ``sent``."""

    def spoken_back(self, attempt: Attempt) -> str | None:
        """Meta reads the answer's status alone."""

    def obey(self, chat: Chat, words: str) -> str | None:
        """Meta leaves these words to the product."""

    def accepted(self, chat: Chat, message: Message) -> Response:
        """The new message's id."""
        known_by = {"user_id": chat.shopper.user_id} if chat.hides_number else {"wa_id": chat.shopper.wa_id}
        return answer(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": message.to, **known_by}],
                "messages": [{"id": message.id}],
            }
        )

    def refused(
        self, code: int | None, details: str, status: int | None, retry_after: int | None
    ) -> Response:
        """A Graph error."""
        refusal = GraphRefusal(PASSING_TROUBLE if code is None else code, details, status)
        return answer(refusal.body(), refusal.http_status, retry_after)


def answer(body: Json, status: int = 200, retry_after: int | None = None) -> Response:
    """A JSON answer as the Graph API gives it."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(wire.dump(body), status, headers, "application/json; charset=UTF-8")
