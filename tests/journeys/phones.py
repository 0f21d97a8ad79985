"""Shoppers for the journeys: they write signed webhooks and read what reached the stand-in providers."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from stack.beside import RunningSystem

type Json = dict[str, Any]

MAMA_NGOZI = "100000000000001"
DUKA_AMINA = "100000000000002"
PATIENCE = 30.0
BESIDE = re.compile(r" - |, |: ")
PAGE = re.compile(r"https?://\S+")
# How a text message writes what its alphabet has no letter for.
SPELLINGS = str.maketrans({"₦": "N", "×": "x", "–": "-", "—": "-", "’": "'", "…": "...", "·": "-"})

ANSWERED = """
    select t.state,
           (select count(*) from messages o where o.reply_to_id = m.id and o.status in ('queued', 'sending'))
    from messages m left join turns t on t.tenant_id = m.tenant_id and t.message_id = m.id
    where m.provider_message_id = %s
"""


CONVERSATION = "select conversation_id from messages where provider_message_id = %s"


@dataclass
class Reply:
    """What one inbound message brought: the messages as the provider got them."""

    messages: list[Json]

    @property
    def text(self) -> str:
        """All the words, in order."""
        return "\n".join(message["text"] for message in self.messages)

    @property
    def everything(self) -> str:
        """All that was sent, whole: the words, and what stands on buttons, rows, captions and links."""
        return "\n".join(_words(message["content"]) for message in self.messages)

    @property
    def choices(self) -> list[str]:
        """The titles of everything that can be picked, by tap or number, in order."""
        return [choice["title"] for message in self.messages for choice in message["choices"]]

    @property
    def link(self) -> str | None:
        """Where the last link leads, a button or an address in the text."""
        links = [link for message in self.messages for link in links_of(message)]
        return links[-1] if links else None

    @property
    def has_photo(self) -> bool:
        """Whether a picture came along."""
        return any(message["media"] for message in self.messages)

    def says(self, words: str) -> bool:
        """Whether these words were said, in whatever letters the channel has; case does not matter."""
        return plain(words) in plain(self.text)

    def offers(self, title: str) -> bool:
        """Whether a choice of this title can be picked."""
        return any(is_titled(choice, title) for choice in self.choices)


def plain(text: str) -> str:
    """``text`` as a text message would spell it, in small letters and single spaces."""
    return " ".join(text.translate(SPELLINGS).casefold().split())


def links_of(message: Json) -> list[str]:
    """Where a message leads."""
    buttons = [link["url"] for link in message["links"]]
    return buttons or [address.rstrip(".,") for address in PAGE.findall(message["text"])]


def is_titled(shown: str, title: str) -> bool:
    """Whether a choice is the one of this title; a numbered line says more of it beside."""
    return plain(title_of(shown)) == plain(title) or plain(shown) == plain(title)


def title_of(shown: str) -> str:
    """The title in what is shown of a choice."""
    return BESIDE.split(shown, maxsplit=1)[0]


def _words(content: object) -> str:
    """Every string in a JSON value, a line each."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = list(content.values())
    return "\n".join(map(_words, content)) if isinstance(content, list) else ""


@dataclass
class Phone:
    """One shopper's chat with one seller on one channel."""

    system: RunningSystem
    number: str
    seller: str = MAMA_NGOZI
    channel: str = "whatsapp"
    patience: float = PATIENCE
    seen: int = 0
    said: list[str] = field(default_factory=list)
    last_id: str = ""

    def say(self, text: str) -> Reply:
        """Types ``text``; what came back."""
        return self.send({"type": "text", "text": text})

    def tap(self, title: str) -> Reply:
        """Picks the newest choice with this title as the channel has it: a tap, or its number; the answer."""
        for message in reversed(self.received()):
            for choice in message["choices"]:
                if is_titled(choice["title"], title):
                    return self.send({"type": "tap", "message": message["id"], "id": choice["id"]})
        raise AssertionError(f"nobody offered {title!r} to {self.number}")

    def send(self, message: Json) -> Reply:
        """Sends anything a phone can send, and waits until it is answered in full."""
        self.catch_up()
        sent = self._post(message)
        assert sent["answers"] == [200], f"the webhook was answered {sent}"
        self.said.append(str(sent["text"] or message["type"]))
        self._wait_until_answered(sent["id"])
        return Reply(self._received(after=self.seen)["items"])

    def post(self, message: Json) -> Json:
        """Sends without waiting; the answers to the webhook."""
        return self._post(message)

    def catch_up(self) -> None:
        """Counts what came so far as seen: ``wait_for`` then waits for what comes after."""
        self.seen = self._received()["last"]

    def look(self) -> None:
        """Looks into the chat, so that everything in it is read."""
        url = f"{self.system.simulator}/control/phones/{self.number}/chats/{self.seller}/read"
        assert httpx.post(url, params={"channel": self.channel}).status_code == 204

    @property
    def conversation_id(self) -> str:
        """The conversation that what was last said is in."""
        with psycopg.connect(self.system.owner_database, autocommit=True) as connection:
            row = connection.execute(CONVERSATION, (self.last_id,)).fetchone()
        assert row, f"{self.said[-1:]} was not stored"
        return str(row[0])

    def received(self) -> list[Json]:
        """Every message of this chat as the provider got it, oldest first."""
        items: list[Json] = self._received()["items"]
        return items

    def wait_for(self, words: str, *, patience: float = PATIENCE) -> Reply:
        """Waits for a message with these words, after what was last said (case does not matter)."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            reply = Reply(self._received(after=self.seen)["items"])
            if reply.says(words):
                return reply
            time.sleep(0.05)
        raise AssertionError(
            f"nobody said {words!r} to {self.number}; after {self.said[-1:]} came:\n{reply.text}"
        )

    def pay_link(self, *, patience: float = PATIENCE) -> str:
        """Where the last link that reached the phone leads, once there is one."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            links = [link for item in self.received() for link in links_of(item)]
            if links:
                return links[-1]
            time.sleep(0.05)
        raise AssertionError(f"no page to pay on reached {self.number}")

    def _post(self, message: Json) -> Json:
        url = f"{self.system.simulator}/control/phones/{self.number}/messages"
        answer = httpx.post(
            url, json={"seller": self.seller, "channel": self.channel, **message}, timeout=self.patience
        )
        assert answer.status_code == 200, f"the phone can't send {message}: {answer.text}"
        sent: Json = answer.json()
        self.last_id = str(sent["id"])
        return sent

    def _received(self, after: int = 0) -> Json:
        url = f"{self.system.simulator}/control/phones/{self.number}/received"
        received: Json = httpx.get(
            url,
            params={"seller": self.seller, "channel": self.channel, "after": after},
            timeout=self.patience,
        ).json()
        return received

    def _wait_until_answered(self, message_id: str) -> None:
        deadline = time.monotonic() + self.patience
        row: Any = None
        with psycopg.connect(self.system.owner_database, autocommit=True) as connection:
            while time.monotonic() < deadline:
                row = connection.execute(ANSWERED, (message_id,)).fetchone()
                if row and row[0] in (None, "done", "failed", "skipped") and row[1] == 0:
                    return
                time.sleep(0.02)
        raise AssertionError(
            f"{self.said[-1]!r} was not answered in {self.patience:.0f} s: (turn, unsent replies) is {row}"
        )
