"""What the fake phones hold: chats of a shopper with a seller, and their messages, bounded and in memory."""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulator.feed import Feed
from simulator.settings import Channel, Line, Seller, Settings, Shopper
from simulator.wire import Json

MESSAGES_A_CHAT = 400
CHATS = 5000
MESSAGES = 50_000
PEOPLE = 50_000
RECEIPTS = ("sent", "delivered")


@dataclass(frozen=True)
class Face:
    """What a person sees of a message, whatever its provider's form.

    ``choices`` can be tapped: each has ``id``, ``title``, perhaps ``description`` and ``card``, the place of
    the card it stands on. ``cards`` have ``title``, ``text`` and ``image``. ``image`` is a picture's address,
    ``image_id`` that of a file which lies with the provider. ``opener`` is the button that opens a list,
    ``ask`` what a button asks the shopper to share: a location or their phone number.
    """

    text: str = ""
    headline: str = ""
    footline: str = ""
    choices: tuple[Json, ...] = ()
    cards: tuple[Json, ...] = ()
    links: tuple[Json, ...] = ()
    image: str | None = None
    image_id: str | None = None
    opener: str | None = None
    ask: str | None = None

    @property
    def pictures(self) -> list[str]:
        """The address of every picture, in order."""
        listed = [self.image, *(card.get("image") for card in self.cards)]
        return [address for address in listed if address]


@dataclass(eq=False)
class Message:
    """One bubble. ``content`` is the provider's own object of its type; ``by_shopper`` says who wrote it.

    ``status`` of a seller's message: sent, delivered or read; of a shopper's own: pending (the webhook isn't
    accepted yet), delivered, read, failed. ``posted`` are the statuses the product was told so far;
    ``version`` grows with every change, so that older news of a message can be told from newer. ``pictures``
    maps the address of a picture to the file kept here.
    """

    id: str
    by_shopper: bool
    type: str
    content: Any
    at: datetime
    face: Face = field(default_factory=Face)
    seq: int = 0
    version: int = 0
    status: str = "pending"
    error: str | None = None
    quoted: str | None = None
    media: str | None = None
    picked: str | None = None
    tracker: str | None = None
    to: str = ""
    report_to: str | None = None
    parts: int | None = None
    reaction: str | None = None
    pictures: dict[str, str] = field(default_factory=dict)
    posted: list[str] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


@dataclass(eq=False)
class Chat:
    """A shopper's chat with a seller on one line. ``viewers`` are the pages that show it at this moment.

    ``hides_number``: the shopper is known to the seller by a user id alone. ``is_stopped``: the shopper sent
    STOP, and the carrier takes nothing more for them; ``obeyed`` is what it made of their last words.
    """

    shopper: Shopper
    line: Line
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=MESSAGES_A_CHAT))
    viewers: set[str] = field(default_factory=set)
    unread: int = 0
    window_open: bool = True
    hides_number: bool = False
    is_stopped: bool = False
    obeyed: str | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def seller(self) -> Seller:
        """Whom the shopper writes to."""
        return self.line.seller

    @property
    def names(self) -> Json:
        """Whose chat it is, as events and pages name it."""
        return {
            "shopper": self.shopper.wa_id,
            "channel": self.line.channel.value,
            "seller": self.seller.phone_number_id,
        }

    def find(self, message_id: str | None) -> Message | None:
        """The message with this id."""
        return next((message for message in self.messages if message.id == message_id), None)

    def describe(self, message: Message) -> Json:
        """A message as pages and tests get it."""
        face = message.face
        cards = [{**card, "media": message.pictures.get(card.get("image") or "")} for card in face.cards]
        return {
            **self.names,
            "account": self.line.account,
            "seq": message.seq,
            "version": message.version,
            "id": message.id,
            "by_shopper": message.by_shopper,
            "type": message.type,
            "content": message.content,
            "text": face.text,
            "headline": face.headline,
            "footline": face.footline,
            "choices": list(face.choices),
            "cards": cards,
            "link": face.links[0] if face.links else None,
            "links": list(face.links),
            "opener": face.opener,
            "ask": face.ask,
            "at": message.at.isoformat(),
            "status": message.status,
            "error": message.error,
            "quoted": message.quoted,
            "media": message.media,
            "picked": message.picked,
            "tracker": message.tracker,
            "parts": message.parts,
            "reaction": message.reaction,
        }


class Phones:
    """Every chat, and the feed of what changes in them."""

    def __init__(self, settings: Settings) -> None:
        self.sellers = {seller.phone_number_id: seller for seller in settings.sellers}
        self.lines = {
            (line.channel, name): line
            for seller in settings.sellers
            for line in seller.lines
            for name in (seller.phone_number_id, line.account)
        }
        self.named = {shopper.wa_id: shopper for shopper in settings.shoppers}
        self.chats: OrderedDict[tuple[Channel, str, str], Chat] = OrderedDict()
        self.feed = Feed()
        self._holding: OrderedDict[str, Chat] = OrderedDict()
        self._people: OrderedDict[str, str] = OrderedDict()
        self._seq = 0
        self._version = 0
        for shopper in settings.shoppers:
            for line in self.lines.values():
                self._meet(shopper, line)

    def line(self, channel: Channel, who: str) -> Line:
        """A seller's line, by its account or by the seller's ``phone_number_id``. KeyError for an unknown."""
        return self.lines[channel, who]

    def shopper(self, wa_id: str) -> Shopper:
        """The person with this number; a number nobody has belongs to a stranger."""
        return self.named.get(wa_id) or Shopper(f"Shopper {wa_id[-4:]}", wa_id, "NG")

    def whose(self, address: str) -> str | None:
        """The number of the person with this user id, once they are known here."""
        return self._people.get(address)

    def chat(self, wa_id: str, line: Line) -> Chat:
        """Their chat, begun if need be; the longest unused one makes room."""
        key = (line.channel, wa_id, line.account)
        found = self.chats.get(key)
        if found is None:
            found = self.chats[key] = Chat(self.shopper(wa_id), line)
            self._meet(found.shopper, line)
        self.chats.move_to_end(key)
        if len(self.chats) > CHATS:
            self.chats.popitem(last=False)
        return found

    def _meet(self, shopper: Shopper, line: Line) -> None:
        for address in (shopper.user_id, shopper.instagram_id(line.account)):
            self._people[address] = shopper.wa_id
        while len(self._people) > PEOPLE:
            self._people.popitem(last=False)

    def holding(self, message_id: str) -> Chat | None:
        """The chat that holds this message."""
        return self._holding.get(message_id)

    def of_shopper(self, wa_id: str) -> list[Chat]:
        """Every chat of one shopper."""
        return [chat for (_, owner, _), chat in self.chats.items() if owner == wa_id]

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

    def tell_typing(self, chat: Chat, *, is_typing: bool = True) -> None:
        """Tells who listens that the seller is typing, or no longer."""
        self.feed.publish({"kind": "typing", "is_typing": is_typing, **chat.names})

    def read(self, chat: Chat) -> list[Message]:
        """The shopper has seen the chat: the messages this makes read."""
        chat.unread = 0
        seen = [one for one in chat.messages if not one.by_shopper and one.status in RECEIPTS]
        for message in seen:
            message.status = "read"
            self.tell(chat, message)
        if not seen:
            self.feed.publish({"kind": "unread", "unread": 0, **chat.names})
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
