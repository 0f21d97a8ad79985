"""What the fake phones hold: chats of a shopper with a seller, and their messages, bounded and in memory."""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulator.feed import Feed
from simulator.settings import Seller, Settings, Shopper
from simulator.wire import Json

MESSAGES_A_CHAT = 400
CHATS = 5000
MESSAGES = 50_000
RECEIPTS = ("sent", "delivered")


@dataclass(eq=False)
class Message:
    """One bubble. ``content`` is Meta's own object of its type; ``by_shopper`` says who wrote it.

    ``status`` of a seller's message: delivered or read; of a shopper's own: pending (the webhook isn't
    accepted yet), delivered, read, failed. ``posted`` are the statuses the product was told so far;
    ``version`` grows with every change, so that older news of a message can be told from newer.
    """

    id: str
    by_shopper: bool
    type: str
    content: Any
    at: datetime
    seq: int = 0
    version: int = 0
    status: str = "pending"
    error: str | None = None
    quoted: str | None = None
    media: str | None = None
    picked: str | None = None
    posted: list[str] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def text(self) -> str:
        """The words of the bubble, whatever its type; empty when there are none."""
        if self.type == "text":
            return str(self.content["body"])
        if self.type != "interactive":
            return (
                str(self.content.get("caption") or self.content.get("text") or "")
                if isinstance(self.content, dict)
                else ""
            )
        for reply in ("button_reply", "list_reply"):
            if reply in self.content:
                return str(self.content[reply]["title"])
        return str(self.content.get("body", {}).get("text", ""))

    @property
    def choices(self) -> list[Json]:
        """What can be tapped: buttons or list rows with id, title and perhaps a description."""
        action = self.content.get("action", {}) if self.type == "interactive" else {}
        rows = [row for section in action.get("sections", ()) for row in section["rows"]]
        return rows or [button["reply"] for button in action.get("buttons", ())]

    @property
    def link(self) -> Json | None:
        """The link button's title and address."""
        if self.type != "interactive" or self.content.get("type") != "cta_url":
            return None
        parameters = self.content["action"]["parameters"]
        return {"title": parameters["display_text"], "url": parameters["url"]}


@dataclass(eq=False)
class Chat:
    """A shopper's chat with a seller. ``viewers`` are the pages that show it at this moment."""

    shopper: Shopper
    seller: Seller
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=MESSAGES_A_CHAT))
    viewers: set[str] = field(default_factory=set)
    unread: int = 0
    window_open: bool = True
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    def find(self, message_id: str | None) -> Message | None:
        """The message with this id."""
        return next((message for message in self.messages if message.id == message_id), None)

    def describe(self, message: Message) -> Json:
        """A message as pages and tests get it."""
        return {
            "seq": message.seq,
            "version": message.version,
            "id": message.id,
            "shopper": self.shopper.wa_id,
            "seller": self.seller.phone_number_id,
            "by_shopper": message.by_shopper,
            "type": message.type,
            "content": message.content,
            "text": message.text,
            "choices": message.choices,
            "link": message.link,
            "at": message.at.isoformat(),
            "status": message.status,
            "error": message.error,
            "quoted": message.quoted,
            "media": message.media,
            "picked": message.picked,
        }


class Phones:
    """Every chat, and the feed of what changes in them."""

    def __init__(self, settings: Settings) -> None:
        self.sellers = {seller.phone_number_id: seller for seller in settings.sellers}
        self.named = {shopper.wa_id: shopper for shopper in settings.shoppers}
        self.chats: OrderedDict[tuple[str, str], Chat] = OrderedDict()
        self.feed = Feed()
        self._holding: OrderedDict[str, Chat] = OrderedDict()
        self._seq = 0
        self._version = 0

    def shopper(self, wa_id: str) -> Shopper:
        """The person with this number; a number nobody has belongs to a stranger."""
        return self.named.get(wa_id) or Shopper(f"Shopper {wa_id[-4:]}", wa_id, "NG")

    def chat(self, wa_id: str, phone_number_id: str) -> Chat:
        """Their chat, begun if need be; the longest unused one makes room. KeyError for an unknown seller."""
        key = (wa_id, phone_number_id)
        found = self.chats.get(key)
        if found is None:
            found = self.chats[key] = Chat(self.shopper(wa_id), self.sellers[phone_number_id])
        self.chats.move_to_end(key)
        if len(self.chats) > CHATS:
            self.chats.popitem(last=False)
        return found

    def holding(self, message_id: str) -> Chat | None:
        """The chat that holds this message."""
        return self._holding.get(message_id)

    def of_shopper(self, wa_id: str) -> list[Chat]:
        """Every chat of one shopper."""
        return [chat for (owner, _), chat in self.chats.items() if owner == wa_id]

    def add(self, chat: Chat, message: Message) -> None:
        """Puts a message into a chat and tells everybody who listens."""
        self._seq += 1
        message.seq = self._seq
        chat.messages.append(message)
        self._holding[message.id] = chat
        if len(self._holding) > MESSAGES:
            self._holding.popitem(last=False)
        if not message.by_shopper and not chat.viewers:
            chat.unread += 1
        self.tell(chat, message)

    def tell(self, chat: Chat, message: Message) -> None:
        """Tells who listens that a message is new or has changed."""
        self._version += 1
        message.version = self._version
        self.feed.publish({"kind": "message", "unread": chat.unread, "message": chat.describe(message)})

    def tell_typing(self, chat: Chat) -> None:
        """Tells who listens that the seller is typing."""
        self.feed.publish(
            {"kind": "typing", "shopper": chat.shopper.wa_id, "seller": chat.seller.phone_number_id}
        )

    def read(self, chat: Chat) -> list[Message]:
        """The shopper has seen the chat: the messages this makes read."""
        chat.unread = 0
        seen = [one for one in chat.messages if not one.by_shopper and one.status in RECEIPTS]
        for message in seen:
            message.status = "read"
            self.tell(chat, message)
        if not seen:
            self.feed.publish(
                {
                    "kind": "unread",
                    "shopper": chat.shopper.wa_id,
                    "seller": chat.seller.phone_number_id,
                    "unread": 0,
                }
            )
        return seen

    def forget(self) -> None:
        """Empties every phone. Numbers go on counting, so that nobody waits on an old one."""
        self.chats.clear()
        self._holding.clear()
        self.feed.publish({"kind": "reset"})

    @property
    def last(self) -> int:
        """The highest number given to a message."""
        return self._seq


def now() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)
