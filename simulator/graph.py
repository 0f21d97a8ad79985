"""The Graph API as WhatsApp senders use it: send a message, mark one as read, look up and fetch media."""

import asyncio
import contextlib
import json
import re
from collections import deque
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.types import Receive, Scope, Send

from simulator import limits, wire
from simulator.carrier import Carrier
from simulator.chats import now
from simulator.errors import GraphRefusal
from simulator.faults import Fault, FaultKind, Faults
from simulator.settings import Seller
from simulator.wire import Json

LARGEST_BODY = 1_000_000
VERSION = re.compile(r"v\d{1,3}\.\d")

router = APIRouter(prefix="/whatsapp")


class BrokenResponse(Response):
    """An answer that breaks off: its head promises more than comes, then the connection closes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends half an answer."""
        head = [(b"content-type", b"application/json"), (b"content-length", b"512")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b'{"messaging_product":', "more_body": True})


class GraphApi:
    """What answers sends: the faults on order, and a log of every request and its answer."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.faults = Faults()
        self.log: deque[Json] = deque(maxlen=2000)

    async def send(self, seller: Seller, body: Any) -> Response:
        """Takes a message, or a mark that one was read. Raises GraphRefusal."""
        if isinstance(body, dict) and "status" in body:
            return self._mark_read(body)
        checked = limits.check(body)
        recipient = self.carrier.recipient(checked)
        if recipient == seller.digits:
            raise GraphRefusal(131021, "Recipient phone number cannot be the sender's.")
        fault = self.faults.take(seller.phone_number_id, recipient)
        if fault and fault.kind not in (FaultKind.FAIL, FaultKind.RECEIPTS):
            return await self._fail(seller, checked, fault)
        return self._accepted(seller, checked, fault)

    def _mark_read(self, body: Json) -> Response:
        limits.check_product(body)
        message_id = body.get("message_id")
        if body["status"] != "read" or not isinstance(message_id, str) or not message_id.startswith("wamid."):
            raise GraphRefusal(100, "status must be 'read' and message_id the id of a received message.")
        typing = body.get("typing_indicator")
        if typing is not None and typing != {"type": "text"}:
            raise GraphRefusal(131009, "typing_indicator['type'] must be 'text'.")
        self.carrier.mark_read(message_id, is_typing=typing is not None)
        return answer({"success": True})

    async def _fail(self, seller: Seller, body: Json, fault: Fault) -> Response:
        if fault.accepted:
            self._accepted(seller, body, None)
        if fault.kind is FaultKind.ERROR:
            status = fault.status if fault.status != 500 else None
            refusal = GraphRefusal(fault.code, fault.details, status)
            return answer(refusal.body(), refusal.http_status, fault.retry_after)
        if fault.kind is FaultKind.HTTP:
            return answer({"error": "Ordered by a test."}, fault.status, fault.retry_after)
        if fault.kind is FaultKind.HANG:
            await self._hang(fault.seconds)
        return BrokenResponse()

    async def _hang(self, seconds: float) -> None:
        """Keeps the caller waiting, but not the process when it is asked to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.carrier.phones.feed.closed.wait()

    def _accepted(self, seller: Seller, body: Json, fault: Fault | None) -> Response:
        chat, message_id = self.carrier.accept(seller, body, fault)
        contact = {"input": str(body.get("to") or body["recipient"]), "wa_id": chat.shopper.wa_id}
        return answer(
            {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": message_id}]}
        )


def answer(body: Json, status: int = 200, retry_after: int | None = None) -> Response:
    """A JSON answer as the Graph API gives it."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(wire.dump(body), status, headers, "application/json; charset=UTF-8")


def _seller(request: Request, api: GraphApi, version: str, phone_number_id: str) -> Seller:
    """The seller whose number sends, when version and token are right."""
    if not VERSION.fullmatch(version):
        raise GraphRefusal(2500, f"Unknown path components: /{version}", 400)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise GraphRefusal(190, "An access token is required to request this resource.", 401)
    seller = api.carrier.phones.sellers.get(phone_number_id)
    if seller is None:
        details = f"Object with ID '{phone_number_id}' does not exist, or permissions are missing."
        raise GraphRefusal(100, details, 400, 33)
    if token != seller.access_token:
        raise GraphRefusal(190, "Invalid OAuth access token - Cannot parse access token.", 401)
    return seller


@router.post("/{version}/{phone_number_id}/messages")
async def send_message(request: Request, version: str, phone_number_id: str) -> Response:
    """Sends a message, or marks one as read."""
    api: GraphApi = request.app.state.graph
    raw = await request.body()
    entry: Json = {"at": now().isoformat(), "seller": phone_number_id, "body": None, "status": None}
    api.log.append(entry)
    try:
        seller = _seller(request, api, version, phone_number_id)
        entry["body"] = body = _parse(raw, request.headers.get("content-type", ""))
        response = await api.send(seller, body)
    except GraphRefusal as refusal:
        entry["error"] = refusal.details
        response = answer(refusal.body(), refusal.http_status)
    entry["status"] = response.status_code
    return response


def _parse(raw: bytes, content_type: str) -> Any:
    if len(raw) > LARGEST_BODY:
        raise GraphRefusal(100, "The request body is too large.", 413)
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise GraphRefusal(100, "The parameter messaging_product is required.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise GraphRefusal(100, "The request body is not valid JSON.") from None


@router.get("/media/{media_id}")
async def fetch_media(request: Request, media_id: str) -> Response:
    """A file's bytes; the address is what ``look_up_media`` gave, and the same token is needed."""
    api: GraphApi = request.app.state.graph
    file = api.carrier.media.find(media_id)
    if not request.headers.get("authorization", "").lower().startswith("bearer "):
        return Response(status_code=401)
    return Response(file.content, media_type=file.mime_type) if file else Response(status_code=404)


@router.get("/{version}/{media_id}")
async def look_up_media(request: Request, version: str, media_id: str) -> Response:
    """Where a shopper's file can be fetched, and what it is."""
    api: GraphApi = request.app.state.graph
    file = api.carrier.media.find(media_id)
    if not request.headers.get("authorization", "").lower().startswith("bearer "):
        refusal = GraphRefusal(190, "An access token is required to request this resource.", 401)
        return answer(refusal.body(), refusal.http_status)
    if file is None or not VERSION.fullmatch(version):
        refusal = GraphRefusal(100, f"Object with ID '{media_id}' does not exist.", 400, 33)
        return answer(refusal.body(), refusal.http_status)
    base = api.carrier.settings.public_url
    facts = {
        "mime_type": file.mime_type,
        "sha256": file.sha256,
        "file_size": len(file.content),
        "id": media_id,
    }
    return answer({"messaging_product": "whatsapp", "url": f"{base}/whatsapp/media/{media_id}", **facts})
