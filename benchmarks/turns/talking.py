"""People who say one thing after the other, each waiting for the answer: to ours, and to stock Rasa."""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
import psycopg

from benchmarks.turns.standin import GraphStandIn
from stack.beside import RunningSystem

type Json = dict[str, Any]

SECRET = b"demo-app-secret"
SELLERS = ("100000000000001", "100000000000002", "100000000000003")
WORDS = "show my cart"
PATIENCE = 60.0
ATTEMPTS = 5
GREETED_AT_ONCE = 8
CONVERSATIONS = "select address, conversation_id::text from contact_addresses where address = any(%s)"


@dataclass
class Person:
    """A shopper with a number; ``conversation`` once they have greeted."""

    number: str
    seller: str
    conversation: str = ""


class Assistant(Protocol):
    """Something that answers."""

    async def ask(self, person: Person, words: str) -> str:
        """The words of the answer. Raises TimeoutError and httpx.HTTPError."""


class Ours:
    """Our assistant, through the provider's webhook to the reply at the stand-in."""

    def __init__(self, url: str, standin: GraphStandIn, http: httpx.AsyncClient) -> None:
        self._url = f"{url}/webhooks/whatsapp/webhook"
        self._standin = standin
        self._http = http
        self._numbers = itertools.count(1)

    async def ask(self, person: Person, words: str) -> str:
        """Posts the signed webhook and waits for the reply to arrive."""
        reply = self._standin.expect(person.number)
        await self.tell(person, words)
        return await asyncio.wait_for(reply, PATIENCE)

    async def tell(self, person: Person, words: str) -> None:
        """Posts the signed webhook, again when told to as providers do; waits for no more than its 200."""
        body = json.dumps(webhook(person, next(self._numbers), words)).encode()
        signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}"}
        for again in range(ATTEMPTS):
            answer = await self._http.post(self._url, content=body, headers=headers)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or again == ATTEMPTS - 1:
                break
            await asyncio.sleep(1.0)
        answer.raise_for_status()


class Stock:
    """Rasa's own REST channel."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = f"{url}/webhooks/rest/webhook"
        self._http = http

    async def ask(self, person: Person, words: str) -> str:
        """Posts the message; the answer is the reply."""
        answer = await self._http.post(self._url, json={"sender": person.conversation, "message": words})
        answer.raise_for_status()
        return "\n".join(str(one.get("text") or "") for one in answer.json())


@dataclass
class Heard:
    """What a spell of talking came to: milliseconds a turn, and the answers that were not of the cart."""

    seconds: float = 0.0
    turns: list[float] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


async def talk(
    assistant: Assistant, people: Sequence[Person], expected: frozenset[str], *, at_once: int, seconds: float
) -> Heard:
    """``at_once`` people talk for so long; who wrote longest ago is the next, so that nobody floods."""
    heard, line, began = Heard(), itertools.cycle(people), time.perf_counter()

    async def take_turns() -> None:
        while time.perf_counter() < began + seconds:
            person, asked = next(line), time.perf_counter()
            reply = await assistant.ask(person, WORDS)
            heard.turns.append((time.perf_counter() - asked) * 1000)
            if not any(words in reply for words in expected):
                heard.strange.append(reply)

    await asyncio.gather(*(take_turns() for _ in range(at_once)))
    heard.seconds = time.perf_counter() - began
    return heard


async def introduce(ours: Ours, crowd: Sequence[Person], system: RunningSystem) -> None:
    """Has everybody greet the shop, and tells them their conversation."""
    for start in range(0, len(crowd), GREETED_AT_ONCE):
        await asyncio.gather(
            *(ours.ask(person, "hello") for person in crowd[start : start + GREETED_AT_ONCE])
        )
    async with await psycopg.AsyncConnection.connect(system.owner_database) as connection:
        rows = await connection.execute(CONVERSATIONS, ([person.number for person in crowd],))
        known: dict[str, str] = dict(await rows.fetchall())
    for person in crowd:
        person.conversation = known[person.number]


def webhook(person: Person, number: int, words: str) -> Json:
    """One text message, as Meta posts it."""
    message = {
        "from": person.number,
        "id": f"wamid.turn-{person.number}-{number}",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": words},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": person.seller, "display_phone_number": "0"},
        "contacts": [{"wa_id": person.number, "profile": {"name": "Ada"}}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}
