"""The simulator's strings that shoppers and faults pull, and what is noted of each pull for the stories."""

import asyncio
import hashlib
import hmac
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import psycopg

from benchmarks.chaos.chats import Chat
from benchmarks.chaos.pressure import Pressure
from benchmarks.chaos.stage import Stage
from benchmarks.chaos.violation import Violation
from benchmarks.chaos.witness import Witness

type Json = dict[str, Any]

APP_SECRET = b"demo-app-secret"
CONTROL_SECONDS = 60.0
WEBHOOK_SECONDS = 12.0
NOTHING_OPEN, PUT_OFF = 409, 503
# A provider comes again quickly at first; its hours of patience are minutes here.
RETRY_PAUSES = (0.3, 0.6, 1.0, 1.5)


@dataclass
class Event:
    """Something that was done or seen, for the story of a violation. ``at`` is monotonic seconds."""

    at: float
    who: str
    what: str


@dataclass
class World:
    """Everything a round plays with. ``captured`` is the money the gateway took, by payment reference.

    Of each round alone: ``injected`` counts what was done to the system, ``complaints`` are what faults and
    shoppers saw go wrong themselves, ``events`` are for the stories.
    """

    stage: Stage
    http: httpx.AsyncClient
    witness: Witness
    pressure: Pressure
    patience: float
    captured: dict[str, int] = field(default_factory=dict)
    injected: int = 0
    events: list[Event] = field(default_factory=list)
    complaints: list[Violation] = field(default_factory=list)

    def for_round(self) -> "World":
        """The same world, with nothing done in it yet."""
        return replace(self, injected=0, events=[], complaints=[])

    def note(self, who: str, what: str) -> None:
        """Adds to the story."""
        self.events.append(Event(time.monotonic(), who, what))

    async def post_message(self, number: str, body: Json) -> list[int | None]:
        """Has the simulator post a shopper's message once; the webhook's answers, None where none came."""
        answer = await self.http.post(
            f"{self.stage.simulator}/control/phones/{number}/messages", json=body, timeout=CONTROL_SECONDS
        )
        answer.raise_for_status()
        answers: list[int | None] = answer.json()["answers"]
        return answers

    async def received(self, chat: Chat) -> list[Json]:
        """What a phone has received from a seller, oldest first."""
        url = f"{self.stage.simulator}/control/phones/{chat.number}/received"
        wanted = {"seller": chat.seller, "channel": chat.channel}
        items: list[Json] = (await self.http.get(url, params=wanted)).json()["items"]
        return items

    async def dial(self, chat: Chat, verb: str, **facts: object) -> Json | None:
        """Has a phone ``dial``, ``type`` or ``drop``; its session, None where nothing is open."""
        answer = await self.http.post(
            f"{self.stage.simulator}/control/phones/{chat.number}/ussd/{verb}",
            json={"seller": chat.seller, **facts},
            timeout=CONTROL_SECONDS,
        )
        if answer.status_code == NOTHING_OPEN:
            return None
        answer.raise_for_status()
        session: Json = answer.json()
        return session

    async def order_fault(self, **order: Any) -> None:
        """Orders a fault of the provider, see the simulator's ``/control/faults``."""
        answer = await self.http.post(f"{self.stage.simulator}/control/faults", json=order)
        answer.raise_for_status()
        self.injected += int(order.get("times", 1))

    async def drop_faults(self) -> None:
        """Drops what was ordered and not used up."""
        await self.http.delete(f"{self.stage.simulator}/control/faults")

    async def approve(self, reference: str) -> Json:
        """The shopper pays at the gateway, which tells the shop; the checkout's state."""
        answer = await self.http.post(f"{self.stage.simulator}/control/gateway/{reference}/approve")
        answer.raise_for_status()
        checkout: Json = answer.json()
        self.captured[reference] = int(checkout["amount"])
        return checkout

    async def post_raw(self, body: bytes, signature: str | None = "") -> int | None:
        """Posts bytes to the WhatsApp webhook; signed truly unless told otherwise, None: not at all."""
        if signature == "":
            signature = sign(body)
        headers = {"Content-Type": "application/json"}
        if signature is not None:
            headers["X-Hub-Signature-256"] = signature
        url = f"{self.stage.webhooks.url}/webhooks/whatsapp/webhook"
        with suppress(httpx.HTTPError):
            answer = await self.http.post(url, content=body, headers=headers, timeout=WEBHOOK_SECONDS)
            return answer.status_code
        return None

    async def post_until_taken(self, body: bytes, signature: str | None = "") -> int | None:
        """The same, again while it is put off, as Meta does; the last answer."""
        ends = time.monotonic() + self.patience
        status = await self.post_raw(body, signature)
        while status in (None, PUT_OFF) and time.monotonic() < ends:
            await asyncio.sleep(RETRY_PAUSES[-1])
            status = await self.post_raw(body, signature)
        return status

    async def ask(self, statement: str, *facts: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, as its owner sees them."""
        for pause in (*RETRY_PAUSES, *([2.0] * 10)):
            with suppress(psycopg.OperationalError):
                async with await psycopg.AsyncConnection.connect(
                    self.stage.urls.owner, autocommit=True
                ) as connection:
                    return await (await connection.execute(statement, facts)).fetchall()
            await asyncio.sleep(pause)
        raise RuntimeError("the database can't be read")


def sign(body: bytes, secret: bytes = APP_SECRET) -> str:
    """Meta's signature over a webhook's bytes."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
