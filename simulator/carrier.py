"""The network between phones and sellers: messages one way, webhooks and receipts the other."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from simulator.chats import Chat, Face, Message, Phones, now
from simulator.dialect import Dialect, Draft, Part, Tampering
from simulator.faults import Fault, FaultKind, Faults
from simulator.ledger import Ledger
from simulator.media import Media, MediaRefused
from simulator.parts import count_parts
from simulator.posting import Attempt, Post, Poster
from simulator.rates import Rates
from simulator.settings import Channel, Settings
from simulator.wire import Json

WINDOW_CLOSED = "More than 24 hours have passed since the customer last replied to this number."


class Carrier:
    """Carries messages between the phones and the product, both ways, on every channel."""

    def __init__(
        self,
        settings: Settings,
        phones: Phones,
        poster: Poster,
        media: Media,
        *,
        dialects: Mapping[Channel, Dialect],
        faults: Faults,
        rates: Rates,
        ledger: Ledger,
    ) -> None:
        self.settings = settings
        self.phones = phones
        self.poster = poster
        self.media = media
        self.dialects = dialects
        self.faults = faults
        self.rates = rates
        self.ledger = ledger

    def accept(self, chat: Chat, draft: Draft, fault: Fault | None) -> Message:
        """Takes a checked message over from the product. The rest happens behind."""
        dialect = self.dialects[chat.line.channel]
        message = Message(
            dialect.new_id(chat.shopper, inbound=False),
            False,
            draft.type,
            draft.content,
            now(),
            face=draft.face,
            status="accepted",
            quoted=draft.quoted,
            tracker=draft.tracker,
            to=draft.to,
            report_to=draft.report_to,
            parts=draft.parts,
        )
        names = {**chat.names, "account": chat.line.account}
        self.ledger.take(
            at=message.at.isoformat(),
            names=names,
            to=draft.to,
            body=draft.body,
            tracker=draft.tracker,
            message_id=message.id,
        )
        self.poster.soon(self._carry(chat, message, fault))
        return message

    async def _carry(self, chat: Chat, message: Message, fault: Fault | None) -> None:
        dialect = self.dialects[chat.line.channel]
        if fault and fault.kind is FaultKind.FAIL:
            return await self._fail(chat, message, fault.code or dialect.media_code, fault.details)
        if not chat.window_open and dialect.window_code and message.type != "template":
            return await self._fail(chat, message, dialect.window_code, WINDOW_CLOSED)
        echo = dialect.taken(chat, message)
        if echo:
            self.poster.soon(self.poster.deliver(echo, self.settings.pauses(chat.line.channel)))
        # One at a time into a chat, so that a picture that takes long isn't overtaken by the words after it.
        async with chat.lock:
            try:
                await self._fetch(message)
            except MediaRefused as refused:
                return await self._fail(chat, message, dialect.media_code, str(refused))
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

    async def _fetch(self, message: Message) -> None:
        """Fetches every picture of the message from where it lies."""
        message.media = message.face.image_id
        for address in message.face.pictures:
            message.pictures[address] = await self.media.fetch(address)
        if message.face.image:
            message.media = message.pictures[message.face.image]

    async def _advance(self, chat: Chat, message: Message) -> None:
        """Tells the product every status the message has reached and it wasn't told yet, in order."""
        async with message.lock:
            for status in self.dialects[chat.line.channel].receipts:
                if status not in message.posted:
                    await self._post_status(chat, message, status)
                    await asyncio.sleep(self.settings.receipt_pause)
            if message.status == "read" and "read" not in message.posted:
                await self._post_status(chat, message, "read")

    async def _fail(self, chat: Chat, message: Message, code: int, details: str) -> None:
        await self._post_status(chat, message, "failed", code, details)

    async def _post_status(
        self, chat: Chat, message: Message, status: str, code: int = 0, details: str = ""
    ) -> None:
        post = self.dialects[chat.line.channel].receipt(chat, message, status, code, details)
        if post is None:
            return
        attempt = await self.poster.deliver(post, self.settings.pauses(chat.line.channel))
        if attempt.is_accepted:
            message.posted.append(status)

    def read(self, chat: Chat) -> None:
        """The shopper looks at the chat: what was unread is read, and the product is told."""
        for message in self.phones.read(chat):
            self.poster.soon(self._advance(chat, message))

    def build(self, chat: Chat, kind: str, facts: Json) -> Part:
        """What the phone sends for ``kind`` with ``facts``. Raises CannotSend or KeyError."""
        return self.dialects[chat.line.channel].build(kind, facts, chat, self.media)

    def write(
        self, chat: Chat, part: Part, *, at: datetime | None = None, message_id: str | None = None
    ) -> Message:
        """Puts what the shopper sends on the phone. Nothing is posted yet."""
        dialect = self.dialects[chat.line.channel]
        message = Message(
            message_id or dialect.new_id(chat.shopper, inbound=part.by_shopper),
            part.by_shopper,
            part.type,
            part.content,
            at or now(),
            face=part.face,
            quoted=part.quoted,
            media=part.media,
        )
        chat.window_open = chat.window_open or part.by_shopper
        if not part.by_shopper:
            message.status = "delivered"
        self.phones.add(chat, message)
        own_answer = dialect.obey(chat, part.face.text) if part.by_shopper else None
        if own_answer:
            self.say(chat, own_answer)
        # What it answers, edits or takes back looks different now.
        for touched in {part.quoted, part.touched}:
            other = chat.find(touched)
            if other is not None:
                self.phones.tell(chat, other)
        return message

    def webhook(
        self,
        chat: Chat,
        message: Message,
        part: Part,
        tamper: Tampering | None = None,
        other: str = "199999999999999",
    ) -> Post:
        """The webhook that brings a shopper's message, spoiled as ordered."""
        return self.dialects[chat.line.channel].webhook(chat, message, part, tamper, other)

    def send(self, chat: Chat, part: Part) -> Message:
        """The shopper sends: on the phone at once, posted behind, again and again as the provider does."""
        message = self.write(chat, part)
        self.poster.soon(self.deliver(chat, message, self.webhook(chat, message, part)))
        return message

    async def deliver(self, chat: Chat, message: Message, post: Post) -> Attempt:
        """Posts a shopper's message until it is accepted or the provider gives up; the last attempt."""

        def show(attempt: Attempt) -> None:
            message.error = f"Not delivered yet ({attempt.reason}), trying again"
            self.phones.tell(chat, message)

        pauses = self.settings.pauses(chat.line.channel)
        attempt = await self.poster.deliver(post, pauses, on_failure=show)
        self.settle(chat, message, attempt)
        return attempt

    def settle(self, chat: Chat, message: Message, attempt: Attempt) -> None:
        """Shows what became of a shopper's message, and sends what the answer told the provider to say."""
        silence = "Not delivered: the shop's system did not answer"
        message.error = None if attempt.is_accepted else silence
        if message.status == "pending":
            message.status = "delivered" if attempt.is_accepted else "failed"
        self.phones.tell(chat, message)
        words = self.dialects[chat.line.channel].spoken_back(attempt)
        if words:
            self.say(chat, words)

    def say(self, chat: Chat, words: str) -> None:
        """The carrier itself writes to the shopper; the product isn't told."""
        message_id = self.dialects[chat.line.channel].new_id(chat.shopper, inbound=False)
        face, content = Face(words), {"body": words}
        message = Message(message_id, False, "text", content, now(), face=face, status="delivered")
        message.parts = count_parts(words) if chat.line.channel.startswith("sms_") else None
        self.phones.add(chat, message)

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
