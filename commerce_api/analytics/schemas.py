"""Events and figures as JSON."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from commerce_api.core.money import MoneyRead


class EventRead(BaseModel):
    """One conversation event."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    kind: str
    conversation_id: UUID | None
    user_id: UUID | None
    facts: dict[str, Any]


class DayRead(BaseModel):
    """One day by the shop's clock."""

    day: date
    inbound: int
    outbound: int
    conversations: int
    orders: int
    sales: MoneyRead


class ChannelFigures(BaseModel):
    """What came through one channel."""

    channel: str
    conversations: int
    inbound: int


class DurationRead(BaseModel):
    """Seconds: half of them took no longer than ``median``, nine of ten no longer than ``p90``."""

    count: int
    median: float | None
    p90: float | None


class ContainmentRead(BaseModel):
    """Conversations in which the shopper wrote, and those that needed no person."""

    conversations: int
    without_person: int


class FunnelRead(BaseModel):
    """Contacts who wrote, carts begun, orders placed, orders paid; each of those that began in the time."""

    conversations: int
    carts: int
    orders: int
    paid: int


class UpsellRead(BaseModel):
    """What became of upsell offers."""

    offered: int
    accepted: int
    declined: int


class BargainsRead(BaseModel):
    """Bargains begun in the time, agreed on, bought at; ``percent_off`` is the mean of those agreed on."""

    begun: int
    agreed: int
    bought: int
    percent_off: float | None


class NotUnderstoodRead(BaseModel):
    """Messages whose meaning was not found, by the intent they were taken for at best."""

    guess: str
    count: int
    last_at: datetime
    last_conversation_id: UUID


class UnheardRead(BaseModel):
    """Why the assistant asked for a person, and how often."""

    reason: str
    count: int


class AnalyticsRead(BaseModel):
    """A shop's figures from ``since`` to before ``until``."""

    since: datetime
    until: datetime
    days: list[DayRead]
    channels: list[ChannelFigures]
    first_response: DurationRead
    resolution: DurationRead
    containment: ContainmentRead
    handoff_reasons: list[UnheardRead]
    funnel: FunnelRead
    upsell: UpsellRead
    bargains: BargainsRead
    not_understood: list[NotUnderstoodRead]
