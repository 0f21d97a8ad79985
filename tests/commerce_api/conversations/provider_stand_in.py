"""A provider over real HTTP on the loopback: it answers, hangs or resets, as a test tells it to."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from channels.messages import OutboundMessage
from channels.provider import (
    Acknowledgement,
    Parsed,
    ProviderRequest,
    Rates,
    SenderAccount,
    SendOutcome,
    SendResult,
    Setup,
    WebhookRequest,
)

ANSWERS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


class PlainProvider:
    """A dialect of one JSON object a line of text: every line of a message is a part of its own."""

    name = "whatsapp"
    setup = Setup("whatsapp", "https://graph.example")
    acknowledgement = Acknowledgement()
    is_number_based = True

    def __init__(self, base_url: str, *, rates: Rates | None = None, window_hours: int | None = 24) -> None:
        self._base_url = base_url
        self.rates = rates or Rates(account_per_second=10_000.0)
        self.window_hours = window_hours

    @staticmethod
    def _token(account: SenderAccount) -> str:
        """Raises KeyError when the account brings nothing to send with."""
        own = account.credentials
        return own["auth_token"] if "auth_token" in own else own["access_token"]

    @staticmethod
    def of_vendor(vendor: str) -> Setup:
        """The set-up of a provider of that vendor."""
        return Setup(vendor, f"https://{vendor}.example")

    def challenge(self, query: Mapping[str, str], verify_token: str) -> str | None:
        """Not used here."""
        return None

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """Not used here."""
        return "platform"

    def parse(self, body: bytes) -> Parsed:
        """Not used here."""
        return Parsed()

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> tuple[ProviderRequest, ...]:
        """One request a line."""
        if message.text == "unbuildable":
            raise ValueError("no request can be made of this")
        return tuple(
            ProviderRequest(
                "POST",
                f"{self._base_url}/{account.address}",
                {"Authorization": f"Bearer {self._token(account)}"},
                {
                    "to": recipient,
                    "text": line,
                    "part": f"{message_id}.{part}",
                    "account": account.address,
                },
            )
            for part, line in enumerate(message.text.split("\n"))
        )

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
        """200 is accepted, 429 and 5xx may succeed later, the rest never will."""
        data = json.loads(body or b"{}")
        if status == 200:
            return SendResult(SendOutcome.ACCEPTED, provider_message_id=data["id"])
        outcome = SendOutcome.RETRY if status == 429 or status >= 500 else SendOutcome.REFUSED
        return SendResult(
            outcome,
            error_code=data.get("code") or str(status),
            error_text="told to",
            retry_after=data.get("after"),
            tell_seller=status == 401,
        )


Answer = int | str
"""A status, or ``hang`` (take it, say nothing), ``reset`` (take it, drop the line)."""


@dataclass
class StandIn:
    """What came in, in order, and what to answer: ``script`` first, then 200."""

    received: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[bool] = field(default_factory=list)
    script: list[Answer] = field(default_factory=list)
    after: float | None = None
    codes: dict[int, str] = field(default_factory=dict)
    ids: Callable[[dict[str, Any]], str] = lambda body: f"sent-{body.get('part')}"
    before_answer: Callable[[dict[str, Any]], Any] | None = None
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def texts(self) -> list[str]:
        """The lines that came in."""
        return [body["text"] for body in self.received]

    async def wait_for(self, count: int, seconds: float = 10.0) -> None:
        """Returns once ``count`` requests came in. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self.arrived:
            await self.arrived.wait_for(lambda: len(self.received) >= count)

    def _refusal(self, status: int) -> dict[str, Any]:
        return {"after": self.after, "code": self.codes.get(status)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while await self._serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.split("\r\n") if "content-length" in line.lower()
        )
        body = json.loads(await reader.readexactly(length))
        async with self.arrived:
            self.received.append(body)
            self.arrived.notify_all()
        answer = self.script.pop(0) if self.script else 200
        self.accepted.append(answer == 200)
        if self.before_answer is not None:
            await self.before_answer(body)
        if answer == "hang":
            await reader.read()
            return False
        if answer == "reset":
            return False
        assert isinstance(answer, int)
        accepted = {"id": self.ids(body), "messages": [{"id": self.ids(body)}]}
        data = json.dumps(accepted if answer == 200 else self._refusal(answer)).encode()
        writer.write(
            f"HTTP/1.1 {answer} {ANSWERS[answer]}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data
        )
        await writer.drain()
        return True
