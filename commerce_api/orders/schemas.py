"""The JSON of orders and delivery zones. The bot side reads it with ``commerce_client.models``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commerce_api.core.money import MAX_AMOUNT, MoneyRead
from commerce_api.orders import service
from commerce_api.orders.models import DeliveryZone, Order, OrderLine, OrderMove
from commerce_api.orders.placing import Checkout, Delivery, Pin, Quote
from commerce_api.orders.states import Actor, DeliveryMethod, OrderState
from commerce_api.orders.zones import MAX_FEE

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


def _money(amount: int, currency: str) -> MoneyRead:
    return MoneyRead(amount=amount, currency=currency)


class LocationBody(BaseModel):
    """A pin, WGS 84 degrees, and what the shopper's phone calls the place."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: Words | None = None
    address: Words | None = None


class DeliveryBody(BaseModel):
    """How an order is to reach the shopper."""

    method: DeliveryMethod
    zone_id: UUID | None = None
    address: Words | None = None
    location: LocationBody | None = None

    def read(self) -> Delivery:
        """As the service takes it. A pin's own address stands in for one that wasn't typed."""
        place = self.location
        spoken = ", ".join(part for part in (place.name, place.address) if part) if place else ""
        pin = Pin(place.latitude, place.longitude) if place else None
        return Delivery(self.method, self.zone_id, self.address or spoken or None, pin)


class QuoteBody(BaseModel):
    """What to quote for."""

    delivery: DeliveryBody


class OrderBody(BaseModel):
    """A checkout: who, where to, how paid. At another price than ``expected_total`` it is refused."""

    customer_name: Name
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = None
    delivery: DeliveryBody
    payment_method: Annotated[str, StringConstraints(max_length=40)]
    expected_total: int | None = Field(None, ge=0, le=MAX_AMOUNT)

    def read(self) -> Checkout:
        """As the service takes it."""
        return Checkout(
            customer_name=self.customer_name,
            phone=self.phone or None,
            delivery=self.delivery.read(),
            payment_method=self.payment_method,
            expected_total=self.expected_total,
        )


class QuoteRead(BaseModel):
    """What the cart would cost now."""

    subtotal: MoneyRead
    delivery_fee: MoneyRead
    total: MoneyRead

    @classmethod
    def of(cls, quoted: Quote, currency: str) -> Self:
        """In the tenant's currency."""
        return cls(**{name: _money(getattr(quoted, name), currency) for name in cls.model_fields})


class LineProductRead(BaseModel):
    """The product of a line, as it was named then."""

    id: UUID
    name: str
    sku: str


class LineRead(BaseModel):
    """A line of an order."""

    id: UUID
    product: LineProductRead
    variant_id: UUID
    variant: str | None
    variant_sku: str
    quantity: int
    unit_price: MoneyRead
    total: MoneyRead

    @classmethod
    def of(cls, line: OrderLine, currency: str) -> Self:
        """From the row."""
        return cls(
            id=line.id,
            product=LineProductRead(id=line.product_id, name=line.product_name, sku=line.product_sku),
            variant_id=line.variant_id,
            variant=line.variant_name,
            variant_sku=line.variant_sku,
            quantity=line.quantity,
            unit_price=_money(line.unit_price, currency),
            total=_money(line.total, currency),
        )


class OrderRead(BaseModel):
    """An order with its lines. ``zone`` and ``eta`` are the delivery zone's words at the time.

    ``discount`` is what a member took off; the lines' prices are without it already.
    """

    id: UUID
    number: str
    state: OrderState
    contact_id: UUID
    conversation_id: UUID | None
    customer_name: str
    phone: str | None
    delivery_method: DeliveryMethod
    zone: str | None
    eta: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    payment_method: str
    is_paid: bool
    is_refund_due: bool
    lines: list[LineRead]
    subtotal: MoneyRead
    discount: MoneyRead
    discount_percent: int | None
    delivery_fee: MoneyRead
    total: MoneyRead
    currency: str
    placed_at: datetime
    updated_at: datetime
    paid_at: datetime | None
    cancelled_at: datetime | None
    cancellation_reason: str | None

    @classmethod
    def of(cls, order: Order, **more: Any) -> Self:
        """From the row; ``more`` are the members that a subclass adds."""
        same = {name: getattr(order, name) for name in OrderRead.model_fields if hasattr(order, name)}
        sums = (*QuoteRead.model_fields, "discount")
        money = {name: _money(getattr(order, name), order.currency) for name in sums}
        lines = [LineRead.of(line, order.currency) for line in order.lines]
        return cls(
            **{**same, **money, "lines": lines, "zone": order.zone_name, "eta": order.zone_eta, **more}
        )


class MoveRead(BaseModel):
    """One entry of an order's history; equal states are a note."""

    from_state: OrderState | None
    to_state: OrderState
    at: datetime
    actor: Actor
    user_id: UUID | None
    reason: str | None

    model_config = ConfigDict(from_attributes=True)


class OrderDetailRead(OrderRead):
    """An order with its history and the states it may be moved to now."""

    moves: list[MoveRead]
    allowed_moves: list[OrderState]

    @classmethod
    def with_history(cls, order: Order, moves: Sequence[OrderMove]) -> Self:
        """From the rows."""
        history = [MoveRead.model_validate(step) for step in moves]
        return cls.of(order, moves=history, allowed_moves=list(service.allowed_moves(order)))


class OrdersRead(BaseModel):
    """Some of many orders."""

    items: list[OrderRead]
    total: int


class MoveBody(BaseModel):
    """Where to move an order, and why."""

    to: OrderState
    reason: Words | None = None


class CancelBody(BaseModel):
    """Why an order is cancelled."""

    reason: Words | None = None


class ZoneBody(BaseModel):
    """A delivery zone, whole; ``fee`` in minor units of the tenant's currency."""

    name: Name
    aliases: list[Name] = Field([], max_length=50)
    fee: int = Field(ge=0, le=MAX_FEE)
    eta: Words | None = None
    position: int = Field(0, ge=0, le=10_000)
    is_active: bool = True


class ZoneRead(BaseModel):
    """A delivery zone."""

    id: UUID
    name: str
    aliases: list[str]
    fee: MoneyRead
    eta: str | None
    position: int
    is_active: bool

    @classmethod
    def of(cls, zone: DeliveryZone, currency: str) -> Self:
        """From the row, in the tenant's currency."""
        return cls(
            id=zone.id,
            name=zone.name,
            aliases=zone.aliases,
            fee=_money(zone.fee, currency),
            eta=zone.eta,
            position=zone.position,
            is_active=zone.is_active,
        )


class ZonesRead(BaseModel):
    """Some of many delivery zones."""

    items: list[ZoneRead]
    total: int


class PaymentMethodsRead(BaseModel):
    """How the shop may be paid."""

    items: list[str]
    total: int
