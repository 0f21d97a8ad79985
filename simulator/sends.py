"""Taking sends, whatever provider they are for: faults on order, rates, the ledger, then the carrier."""

import asyncio
import contextlib

from fastapi import Response
from starlette.types import Receive, Scope, Send

from simulator.carrier import Carrier
from simulator.chats import Chat
from simulator.dialect import Dialect, Draft
from simulator.faults import LATER, OF_SENDS, Fault, FaultKind
from simulator.wire import Json


class BrokenResponse(Response):
    """An answer that breaks off: its head promises more than comes, then the connection closes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends half an answer."""
        head = [(b"content-type", b"application/json"), (b"content-length", b"512")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b'{"message', "more_body": True})


class Sends:
    """The one way in for messages to shoppers."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier

    async def take(self, chat: Chat, draft: Draft) -> Response:
        """Takes a checked message, or refuses it as ordered or because it is one too many."""
        dialect, line = self.carrier.dialects[chat.line.channel], chat.line
        names = (line.account, line.seller.phone_number_id)
        fault = self.carrier.faults.take(OF_SENDS, line.channel, names, chat.shopper.wa_id)
        if fault and fault.kind not in LATER:
            return await self._fail(dialect, chat, draft, fault)
        limit = self.carrier.rates.exceeded(chat)
        if limit:
            return dialect.refused(limit.code, limit.details, None, None)
        return dialect.accepted(chat, self.carrier.accept(chat, draft, fault))

    async def _fail(self, dialect: Dialect, chat: Chat, draft: Draft, fault: Fault) -> Response:
        if fault.accepted:
            self.carrier.accept(chat, draft, None)
        if fault.kind is FaultKind.ERROR:
            status = fault.status if fault.status != 500 else None
            return dialect.refused(fault.code, fault.details, status, fault.retry_after)
        if fault.kind is FaultKind.HTTP:
            headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return Response(b'{"error":"Ordered by a test."}', fault.status, headers, "application/json")
        if fault.kind is FaultKind.HANG:
            await self._hang(fault.pause)
        return BrokenResponse()

    async def _hang(self, seconds: float) -> None:
        """Keeps the caller waiting, but not the process when it is asked to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.carrier.phones.feed.closed.wait()

    def note(self, request: Json) -> Json:
        """Opens the log's entry of a request to a messages address; its ``status`` is set later."""
        self.carrier.ledger.requests.append(request)
        return request
