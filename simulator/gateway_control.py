"""Strings a test pulls at the payment gateway: lost callbacks, decisions, callbacks by hand."""

import asyncio
from typing import Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from simulator.chats import now
from simulator.checkouts import TRUE_SIGNATURE, Checkout, Gateway, GatewayRefusal
from simulator.wire import Json

router = APIRouter(prefix="/control")


class CallbackOrder(BaseModel):
    """A callback to be posted by hand: what to change in it, how often, and with what signature."""

    copies: int = Field(1, ge=1, le=200)
    event: str | None = None
    id: str | None = None
    amount: int | None = None
    currency: str | None = None
    reference: str | None = None
    signature: str | None = TRUE_SIGNATURE


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
