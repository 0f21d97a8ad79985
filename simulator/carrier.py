"""The network between phones and sellers: messages one way, webhooks and receipts the other."""

import asyncio
from datetime import UTC, datetime

from simulator import inbound, wire
from simulator.chats import RECEIPTS, Chat, Message, Phones, now
from simulator.errors import status_error
from simulator.faults import Fault, FaultKind
from simulator.media import Media, MediaRefused
from simulator.posting import Attempt, Poster
from simulator.settings import Seller, Settings
from simulator.wire import Json


class Carrier:
    """Carries messages between the phones and the product, both ways."""

    def __init__(self, settings: Settings, phones: Phones, poster: Poster, media: Media) -> None:
        self.settings = settings
        self.phones = phones
        self.poster = poster
        self.media = media

    def accept(self, seller: Seller, body: Json, fault: Fault | None) -> tuple[Chat, str]:
        """Takes a checked message over from the product; its chat and new id. The rest happens behind."""
        chat = self.phones.chat(self.recipient(body), seller.phone_number_id)
        kind = body.get("type", "text")
        quoted = body.get("context", {}).get("message_id")
        message_id = wire.wamid(chat.shopper.wa_id, inbound=False)
        message = Message(message_id, False, kind, body[kind], now(), status="accepted", quoted=quoted)
        self.poster.soon(self._carry(chat, message, fault))
        return chat, message_id

    def recipient(self, body: Json) -> str:
        """The number a message goes to; a business-scoped user id is looked up among the shoppers."""
        if body.get("to"):
            return str(body["to"]).lstrip("+")
        known = {shopper.user_id: shopper.wa_id for shopper in self.phones.named.values()}
        return known.get(body["recipient"], "0000000")

    async def _carry(self, chat: Chat, message: Message, fault: Fault | None) -> None:
        if fault and fault.kind is FaultKind.FAIL:
            return await self._fail(chat, message, fault.code, fault.details)
        if not chat.window_open and message.type != "template":
            details = "More than 24 hours have passed since the customer last replied to this number."
            return await self._fail(chat, message, 131047, details)
        # One at a time into a chat, so that a picture that takes long isn't overtaken by the words after it.
        async with chat.lock:
            try:
                message.media = await self._fetch(message)
            except MediaRefused as refused:
                return await self._fail(chat, message, 131053, str(refused))
            message.at = now()
            message.status = "delivered"
            self.phones.add(chat, message)
        if fault and fault.kind is FaultKind.RECEIPTS:
            for status in fault.statuses:
                await self._post_status(chat, message, status)
            return None
        if chat.viewers:
            self.phones.read(chat)
        return await self._advance(chat, message)

    async def _fetch(self, message: Message) -> str | None:
        """The id of the picture in the message, fetched from where it lies."""
        content = message.content
        if message.type == "interactive":
            content = content.get("header", {}).get("image", {})
        elif message.type not in ("image", "sticker"):
            return None
        return await self.media.fetch(content["link"]) if "link" in content else content.get("id")

    async def _advance(self, chat: Chat, message: Message) -> None:
        """Tells the product every status the message has reached and it wasn't told yet, in order."""
        async with message.lock:
            for status in RECEIPTS:
                if status not in message.posted:
                    await self._post_status(chat, message, status)
                    await asyncio.sleep(self.settings.receipt_pause)
            if message.status == "read" and "read" not in message.posted:
                await self._post_status(chat, message, "read")

    async def _fail(self, chat: Chat, message: Message, code: int, details: str) -> None:
        await self._post_status(chat, message, "failed", status_error(code, details))

    async def _post_status(
        self, chat: Chat, message: Message, status: str, error: Json | None = None
    ) -> None:
        at = int(now().timestamp())
        body = wire.status_webhook(chat.seller, chat.shopper, message.id, status, at=at, error=error)
        if await self._deliver(wire.dump(body)):
            message.posted.append(status)

    async def _deliver(self, body: bytes) -> bool:
        headers = {"X-Hub-Signature-256": wire.meta_signature(self.settings.app_secret, body)}
        return await self.poster.deliver(self.settings.whatsapp_webhook, body, headers)

    def read(self, chat: Chat) -> None:
        """The shopper looks at the chat: what was unread is read, and the product is told."""
        for message in self.phones.read(chat):
            self.poster.soon(self._advance(chat, message))

    def write(
        self, chat: Chat, part: inbound.Part, *, at: datetime | None = None, message_id: str | None = None
    ) -> Message:
        """Puts what the shopper sends on the phone. Nothing is posted yet."""
        message = Message(
            message_id or wire.wamid(chat.shopper.wa_id, inbound=True),
            True,
            part.type,
            part.content,
            at or now(),
            quoted=part.quoted,
            media=part.media,
        )
        chat.window_open = True
        self.phones.add(chat, message)
        return message

    def webhook(self, chat: Chat, message: Message, part: inbound.Part) -> Json:
        """The webhook that brings a shopper's message."""
        shopper, seller = chat.shopper, chat.seller
        item: Json = {
            "from": shopper.wa_id,
            "from_user_id": shopper.user_id,
            "id": message.id,
            "timestamp": str(int(message.at.astimezone(UTC).timestamp())),
            "type": part.type,
            part.type: part.content,
            **part.beside,
        }
        if part.quoted:
            item["context"] = {"from": seller.digits, "id": part.quoted}
        return wire.message_webhook(seller, shopper, item)

    def send(self, chat: Chat, part: inbound.Part) -> Message:
        """The shopper sends: on the phone at once, posted behind, again and again until it is accepted."""
        message = self.write(chat, part)
        self.poster.soon(self._send(chat, message, wire.dump(self.webhook(chat, message, part))))
        return message

    async def _send(self, chat: Chat, message: Message, body: bytes) -> None:
        def show(attempt: Attempt) -> None:
            message.error = f"Not delivered yet ({attempt.reason}), trying again"
            self.phones.tell(chat, message)

        headers = {"X-Hub-Signature-256": wire.meta_signature(self.settings.app_secret, body)}
        is_accepted = await self.poster.deliver(
            self.settings.whatsapp_webhook, body, headers, on_failure=show
        )
        message.error = None if is_accepted else "Not delivered: the shop's system did not answer"
        if message.status == "pending":
            message.status = "delivered" if is_accepted else "failed"
        self.phones.tell(chat, message)

    def mark_read(self, message_id: str, *, is_typing: bool) -> None:
        """The seller has read a shopper's message and all before it, and perhaps is typing."""
        chat = self.phones.holding(message_id)
        found = chat.find(message_id) if chat else None
        if chat is None or found is None:
            return
        for message in chat.messages:
            if message.by_shopper and message.seq <= found.seq and message.status != "read":
                message.status = "read"
                self.phones.tell(chat, message)
        if is_typing:
            self.phones.tell_typing(chat)
