"""Faults and limits on order, and what went through: the strings that a fault harness pulls."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from simulator.carrier import Carrier
from simulator.faults import Fault, FaultKind
from simulator.rates import Strictness
from simulator.settings import Channel
from simulator.wire import Json

router = APIRouter(prefix="/control")


class FaultOrder(BaseModel):
    """A fault of sends or of webhooks, see ``faults.Fault``. ``times`` null holds until it is dropped."""

    kind: FaultKind
    times: int | None = Field(1, ge=1, le=1_000_000)
    probability: float = Field(1, ge=0, le=1)
    seed: int = 0
    channel: Channel | None = None
    seller: str | None = None
    shopper: str | None = None
    of: Literal["messages", "receipts"] | None = None
    code: int | None = None
    status: int = Field(500, ge=200, le=599)
    seconds: float | None = Field(None, ge=0, le=600)
    copies: int = Field(1, ge=1, le=200)
    accepted: bool = False
    statuses: list[Literal["sent", "delivered", "read", "failed"]] = []
    retry_after: int | None = None


class LimitOrder(BaseModel):
    """How strictly the providers' rates are kept."""

    mode: Strictness


class Slice(BaseModel):
    """Which of the ledger's entries: those above ``after``, of one channel or shopper, the ``newest`` few."""

    after: int = 0
    newest: int | None = Field(None, ge=1, le=1000)
    channel: Channel | None = None
    shopper: str | None = None


def _carrier(request: Request) -> Carrier:
    carrier: Carrier = request.app.state.carrier
    return carrier


@router.post("/faults", status_code=201)
async def order_fault(request: Request, order: FaultOrder) -> Json:
    """Orders a fault; its id."""
    fault = Fault(**{**order.model_dump(), "statuses": tuple(order.statuses)})
    return {"id": _carrier(request).faults.add(fault)}


@router.get("/faults")
async def list_faults(request: Request) -> Json:
    """The orders not used up, each with how often it struck."""
    return {"items": _carrier(request).faults.listed()}


@router.delete("/faults", status_code=204)
async def drop_faults(request: Request) -> None:
    """Drops every order not used up."""
    _carrier(request).faults.forget()


@router.delete("/faults/{fault_id}", status_code=204)
async def drop_fault(request: Request, fault_id: int) -> None:
    """Drops one order."""
    _carrier(request).faults.drop(fault_id)


@router.get("/limits")
async def read_limits(request: Request) -> Json:
    """How strictly the providers' rates are kept."""
    return {"mode": _carrier(request).rates.strictness.value}


@router.put("/limits", status_code=204)
async def set_limits(request: Request, order: LimitOrder) -> None:
    """Keeps the providers' rates exactly, generously or not at all, from now on, with every bucket full."""
    rates = _carrier(request).rates
    rates.strictness = order.mode
    rates.forget()


@router.get("/ledger")
async def read_ledger(request: Request, wanted: Annotated[Slice, Query()]) -> Json:
    """Every send that was taken and every webhook that was posted, with how often and the answers."""
    return _carrier(request).ledger.listed(**wanted.model_dump())


@router.get("/sends")
async def list_sends(request: Request) -> Json:
    """Every request to a messages address, oldest first: body, HTTP status, the error if refused."""
    return {"items": list(_carrier(request).ledger.requests)}


@router.get("/webhooks")
async def list_webhooks(request: Request) -> Json:
    """The last tries of webhooks and callbacks, oldest first, with what was answered."""
    return {"items": _carrier(request).poster.history()}
