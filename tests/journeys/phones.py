"""Shoppers for the journeys: they write signed webhooks and read what reached the stand-in Graph API."""

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

ANSWERED = """
    select t.state,
           (select count(*) from messages o where o.reply_to_id = m.id and o.status in ('queued', 'sending'))
    from messages m left join turns t on t.tenant_id = m.tenant_id and t.message_id = m.id
    where m.provider_message_id = %s
"""


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
        """The titles of everything that can be tapped, in order."""
        return [choice["title"] for message in self.messages for choice in message["choices"]]

    @property
    def link(self) -> str | None:
        """Where the last link button leads."""
        links = [message["link"]["url"] for message in self.messages if message["link"]]
        return links[-1] if links else None

    @property
    def has_photo(self) -> bool:
        """Whether a picture came along."""
        return any('"image"' in str(message["content"]).replace("'", '"') for message in self.messages)


def _words(content: object) -> str:
    """Every string in a JSON value, a line each."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = list(content.values())
    return "\n".join(map(_words, content)) if isinstance(content, list) else ""


@dataclass
class Phone:
    """One shopper's chat with one seller."""

    system: RunningSystem
    number: str
    seller: str = MAMA_NGOZI
    seen: int = 0
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> Reply:
        """Types ``text``; what came back."""
        return self.send({"type": "text", "text": text})

    def tap(self, title: str) -> Reply:
        """Taps the newest choice with this title; what came back."""
        return self.send({"type": "tap", "title": title})

    def send(self, message: Json) -> Reply:
        """Sends anything a phone can send, and waits until it is answered in full."""
        self.catch_up()
        sent = self._post(message)
        assert sent["answers"] == [200], f"the webhook was answered {sent}"
        self.said.append(str(message.get("text") or message.get("title") or message["type"]))
        self._wait_until_answered(sent["id"])
        return Reply(self._received(after=self.seen)["items"])

    def post(self, message: Json) -> Json:
        """Sends without waiting; the answers to the webhook."""
        return self._post(message)

    def catch_up(self) -> None:
        """Counts what came so far as seen: ``wait_for`` then waits for what comes after."""
        self.seen = self._received()["last"]

    def received(self) -> list[Json]:
        """Every message of this chat as the provider got it, oldest first."""
        items: list[Json] = self._received()["items"]
        return items

    def wait_for(self, words: str, *, patience: float = PATIENCE) -> Reply:
        """Waits for a message with these words, after what was last said (case does not matter)."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            reply = Reply(self._received(after=self.seen)["items"])
            if words.lower() in reply.text.lower():
                return reply
            time.sleep(0.05)
        raise AssertionError(
            f"nobody said {words!r} to {self.number}; after {self.said[-1:]} came:\n{reply.text}"
        )

    def _post(self, message: Json) -> Json:
        url = f"{self.system.simulator}/control/phones/{self.number}/messages"
        answer = httpx.post(url, json={"seller": self.seller, **message}, timeout=PATIENCE)
        assert answer.status_code == 200, f"the phone can't send {message}: {answer.text}"
        sent: Json = answer.json()
        return sent

    def _received(self, after: int = 0) -> Json:
        url = f"{self.system.simulator}/control/phones/{self.number}/received"
        received: Json = httpx.get(url, params={"seller": self.seller, "after": after}).json()
        return received

    def _wait_until_answered(self, message_id: str) -> None:
        deadline = time.monotonic() + PATIENCE
        row: Any = None
        with psycopg.connect(self.system.owner_database, autocommit=True) as connection:
            while time.monotonic() < deadline:
                row = connection.execute(ANSWERED, (message_id,)).fetchone()
                if row and row[0] in (None, "done", "failed", "skipped") and row[1] == 0:
                    return
                time.sleep(0.02)
        raise AssertionError(
            f"{self.said[-1]!r} was not answered in {PATIENCE:.0f} s: (turn, unsent replies) is {row}"
        )
