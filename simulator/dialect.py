"""What every provider's folder gives here: how it writes webhooks and receipts, how it answers sends."""

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from fastapi import Response

from simulator.chats import Chat, Face, Message
from simulator.media import Media
from simulator.posting import Attempt, Post
from simulator.settings import Channel, Shopper
from simulator.wire import Json

type Tampering = Literal["unsigned", "wrong_signature", "reserialised", "other_number"]


class CannotSend(Exception):
    """The phone can't send this; the text says why."""


@dataclass(frozen=True)
class Part:
    """What a shopper sends: its type, the provider's object for it, and what the phone shows.

    ``quoted`` is the message it answers, ``media`` the file with it; ``beside`` goes next to the object.
    ``touched`` is an earlier message that this changes.
    ``place`` is the webhook's field where it isn't the usual one: ``echo`` for what the seller wrote with the
    provider's own app, ``standby`` for what someone else answers.
    """

    type: str
    content: Any
    quoted: str | None = None
    media: str | None = None
    beside: Json = field(default_factory=dict)
    face: Face = field(default_factory=Face)
    touched: str | None = None
    place: str = ""

    @property
    def by_shopper(self) -> bool:
        """Whether the shopper wrote it."""
        return self.place != "echo"


@dataclass(frozen=True)
class Draft:
    """A message that was sent as the provider wants it: checked, not yet taken.

    ``tracker`` is the sender's own mark on it where the provider has a place for one; ``report_to`` the
    address its receipts go to where each message names one.
    """

    type: str
    content: Any
    body: Any
    face: Face
    to: str
    quoted: str | None = None
    tracker: str | None = None
    report_to: str | None = None
    parts: int | None = None


class Dialect(Protocol):
    """One channel's way of speaking.

    ``receipts`` are the statuses the product is told as a message goes through; ``window_code`` fails a free
    message outside the reply window, ``media_code`` one whose file can't be fetched.
    """

    channel: Channel
    receipts: tuple[str, ...]
    window_code: int | None
    media_code: int

    def new_id(self, shopper: Shopper, *, inbound: bool) -> str:
        """A new message id as the provider makes them."""
        ...

    def build(self, kind: str, facts: Json, chat: Chat, media: Media) -> Part:
        """What a phone sends for ``kind`` with ``facts``. Raises CannotSend or KeyError."""
        ...

    def webhook(self, chat: Chat, message: Message, part: Part, tamper: Tampering | None, other: str) -> Post:
        """The webhook that brings a shopper's message, spoiled as ordered; ``other`` is another account."""
        ...

    def receipt(self, chat: Chat, message: Message, status: str, code: int, details: str) -> Post | None:
        """The webhook that tells how far a message got; None where the provider tells no such thing."""
        ...

    def taken(self, chat: Chat, message: Message) -> Post | None:
        """The webhook that tells of a message the moment it is taken, where there is one."""
        ...

    def spoken_back(self, attempt: Attempt) -> str | None:
        """The words that the answer to a webhook makes the provider send, if it does that."""
        ...

    def obey(self, chat: Chat, words: str) -> str | None:
        """Does what the carrier itself does about a shopper's words (STOP); its own answer to them."""
        ...

    def accepted(self, chat: Chat, message: Message) -> Response:
        """The answer to a send that was taken."""
        ...

    def refused(
        self, code: int | None, details: str, status: int | None, retry_after: int | None
    ) -> Response:
        """The answer to a send that was refused with ``code`` (None: the provider's passing trouble)."""
        ...


def tap(facts: Json, chat: Chat) -> tuple[Message, Json]:
    """The choice that ``id`` or ``title`` names, in ``message`` or the newest message that has it.

    Raises CannotSend when nothing on the screen offers it, KeyError when neither is named.
    """
    wanted = chat.find(facts.get("message"))
    for message in [wanted] if wanted else reversed(chat.messages):
        for choice in () if message.by_shopper else message.face.choices:
            if facts.get("id") == choice["id"] or ("id" not in facts and facts["title"] == choice["title"]):
                message.picked = choice["id"]
                return message, choice
    raise CannotSend(f"Nothing on the screen offers {facts.get('id', facts.get('title'))!r}.")
