"""Strings a test pulls: faults, messages from any number, what arrived, the gateway's manners."""

import asyncio
import contextlib
import json
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from simulator import wire
from simulator.carrier import Carrier
from simulator.chats import Phones, now
from simulator.checkouts import TRUE_SIGNATURE, Checkout, Gateway, GatewayRefusal
from simulator.faults import Fault, FaultKind
from simulator.graph import GraphApi
from simulator.phone_endpoints import Sending, chat_of, part_of
from simulator.wire import Json

router = APIRouter(prefix="/control")

type Tampering = Literal["unsigned", "wrong_signature", "reserialised", "other_number"]


class FaultOrder(BaseModel):
    """A fault for the next ``times`` sends, see ``faults.Fault``."""

    kind: FaultKind
    times: int = Field(1, ge=1, le=100_000)
    seller: str | None = None
    shopper: str | None = None
    code: int = 131000
    status: int = Field(500, ge=200, le=599)
    seconds: float = Field(30, ge=0, le=600)
    accepted: bool = False
    statuses: list[Literal["sent", "delivered", "read", "failed"]] = []
    retry_after: int | None = None


class ShopperSending(Sending):
    """A message from a shopper, and how its webhook is posted.

    ``copies`` posts it so many times at once; ``message_id`` and ``sent_at`` replace what would be made
    up; ``tamper`` spoils it; ``other_number`` is the number a forged webhook names.
    """

    seller: str
    copies: int = Field(1, ge=1, le=200)
    message_id: str | None = None
    sent_at: AwareDatetime | None = None
    tamper: Tampering | None = None
    other_number: str = "199999999999999"

    @property
    def facts(self) -> Json:
        """Everything but the kind and how it is posted."""
        return dict(self.model_extra or {})


class Waiting(BaseModel):
    """What to wait for: ``count`` messages numbered above ``after``, for ``timeout`` seconds at most."""

    seller: str | None = None
    after: int = 0
    timeout: float = Field(10, ge=0, le=120)
    count: int = Field(1, ge=1, le=100)


class CallbackOrder(BaseModel):
    """A callback to be posted by hand: what to change in it, how often, and with what signature."""

    copies: int = Field(1, ge=1, le=200)
    event: str | None = None
    id: str | None = None
    amount: int | None = None
    currency: str | None = None
    reference: str | None = None
    signature: str | None = TRUE_SIGNATURE


@router.post("/reset", status_code=204)
async def reset(request: Request) -> None:
    """Empties phones, faults, checkouts and logs, and drops what is still being posted."""
    state = request.app.state
    await state.carrier.poster.forget()
    state.phones.forget()
    state.graph.faults.forget()
    state.graph.log.clear()
    state.gateway.forget()


@router.post("/faults", status_code=204)
async def order_fault(request: Request, order: FaultOrder) -> None:
    """Orders a fault."""
    api: GraphApi = request.app.state.graph
    api.faults.add(Fault(**{**order.model_dump(), "statuses": tuple(order.statuses)}))


@router.delete("/faults", status_code=204)
async def drop_faults(request: Request) -> None:
    """Drops every order not used up."""
    request.app.state.graph.faults.forget()


@router.get("/sends")
async def list_sends(request: Request) -> Json:
    """Every request to the messages address, oldest first: body, HTTP status, the error if refused."""
    return {"items": list(request.app.state.graph.log)}


@router.get("/webhooks")
async def list_webhooks(request: Request) -> Json:
    """The last webhooks and callbacks posted, oldest first, with what was answered."""
    return {"items": request.app.state.carrier.poster.history()}


@router.post("/phones/{wa_id}/messages")
async def send_as(request: Request, wa_id: str, sending: ShopperSending) -> Json:
    """A shopper sends, posted once and at once; the message's id and the answer to each copy."""
    carrier: Carrier = request.app.state.carrier
    chat = chat_of(request, wa_id, sending.seller)
    part = part_of(request, chat, sending)
    message = carrier.write(chat, part, at=sending.sent_at, message_id=sending.message_id)
    webhook = carrier.webhook(chat, message, part)
    body, headers = _webhook_bytes(carrier, webhook, sending)
    url = carrier.settings.whatsapp_webhook
    attempts = await asyncio.gather(*(carrier.poster.post(url, body, headers) for _ in range(sending.copies)))
    message.status = "delivered" if any(attempt.is_accepted for attempt in attempts) else "failed"
    carrier.phones.tell(chat, message)
    answers = [attempt.status for attempt in attempts]
    return {
        "id": message.id,
        "seq": message.seq,
        "answers": answers,
        "errors": [one.error for one in attempts if one.error],
    }


def _webhook_bytes(carrier: Carrier, webhook: Json, sending: ShopperSending) -> tuple[bytes, dict[str, str]]:
    secret = carrier.settings.app_secret
    if sending.tamper == "other_number":
        webhook["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = sending.other_number
    body = wire.dump(webhook)
    signature = wire.meta_signature(secret, body)
    if sending.tamper == "unsigned":
        return body, {}
    if sending.tamper == "wrong_signature":
        signature = wire.meta_signature("not-the-secret", body)
    if sending.tamper == "reserialised":
        # Signed as Meta wrote it, posted as a careless proxy would write it again.
        body = json.dumps(webhook, ensure_ascii=False, indent=1).encode()
    return body, {"X-Hub-Signature-256": signature}


def _received(phones: Phones, wa_id: str, seller: str | None, after: int) -> list[Json]:
    found = [
        chat.describe(message)
        for chat in phones.of_shopper(wa_id)
        if seller in (None, chat.seller.phone_number_id)
        for message in chat.messages
        if not message.by_shopper and message.seq > after
    ]
    return sorted(found, key=lambda message: message["seq"])


@router.get("/phones/{wa_id}/received")
async def list_received(request: Request, wa_id: str, seller: str | None = None, after: int = 0) -> Json:
    """What a phone received from sellers, oldest first; ``last`` is the number to wait after."""
    phones: Phones = request.app.state.phones
    return {"items": _received(phones, wa_id, seller, after), "last": phones.last}


@router.get("/phones/{wa_id}/next")
async def wait_for_next(request: Request, wa_id: str, wait: Annotated[Waiting, Query()]) -> Json:
    """Waits until enough messages have arrived; fewer come back when the time is up."""
    phones: Phones = request.app.state.phones
    with phones.feed.listen() as queue, contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait.timeout):
            while not phones.feed.closed.is_set():
                if len(_received(phones, wa_id, wait.seller, wait.after)) >= wait.count:
                    break
                await queue.get()
    return {"items": _received(phones, wa_id, wait.seller, wait.after), "last": phones.last}


@router.post("/phones/{wa_id}/chats/{phone_number_id}/read", status_code=204)
async def read_chat(request: Request, wa_id: str, phone_number_id: str) -> None:
    """The shopper looks into the chat: everything in it is read."""
    request.app.state.carrier.read(chat_of(request, wa_id, phone_number_id))


@router.post("/phones/{wa_id}/chats/{phone_number_id}/window/close", status_code=204)
async def close_window(request: Request, wa_id: str, phone_number_id: str) -> None:
    """As if the shopper had not written for 24 hours: free-form messages fail with 131047 till they do."""
    chat_of(request, wa_id, phone_number_id).window_open = False


@router.post("/gateway/mute", status_code=204)
async def mute_gateway(request: Request, muted: bool = True) -> None:
    """While muted the gateway posts no callbacks by itself, as if they were lost."""
    request.app.state.gateway.is_muted = muted


@router.post("/gateway/{reference}/callbacks")
async def post_callbacks(request: Request, reference: str, order: CallbackOrder) -> Json:
    """Posts the checkout's callback by hand, changed as ordered; the answer to each copy."""
    gateway: Gateway = request.app.state.gateway
    checkout = _checkout(gateway, reference)
    event = gateway.event(checkout)
    event |= order.model_dump(include={"event", "id"}, exclude_none=True)
    event["data"] |= order.model_dump(include={"amount", "currency", "reference"}, exclude_none=True)
    once = (gateway.call_back_once(checkout, event, order.signature) for _ in range(order.copies))
    return {"answers": [attempt.status for attempt in await asyncio.gather(*once)]}


@router.post("/gateway/{reference}/{decision}")
async def decide(request: Request, reference: str, decision: Literal["approve", "decline"]) -> Json:
    """The shopper approves or declines, without a browser; the checkout's state."""
    gateway: Gateway = request.app.state.gateway
    checkout = _checkout(gateway, reference)
    gateway.decide(checkout, now(), approve=decision == "approve")
    return checkout.state()


def _checkout(gateway: Gateway, reference: str) -> Checkout:
    try:
        return gateway.by_reference(reference)
    except GatewayRefusal as refusal:
        raise HTTPException(refusal.status, str(refusal)) from refusal
