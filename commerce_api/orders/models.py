"""The tables of orders. Keys to other modules' tables are declared in migration 0006 alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned
from commerce_api.core.money import Money
from commerce_api.orders.states import Actor, DeliveryMethod, OrderState
from commerce_api.tenants.models import PaymentMethod


class DeliveryZone(TenantOwned, Base):
    """Where a seller delivers, for what fee. ``eta`` is the seller's words, ``aliases`` its other names."""

    __tablename__ = "delivery_zones"

    name: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    fee: Mapped[int] = mapped_column(BigInteger)
    eta: Mapped[str | None]
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


class Order(TenantOwned, Base):
    """What a shopper bought: a snapshot of names, prices, zone and fee at the moment of placing.

    ``is_paid`` stays true once money came, whatever the state; ``is_refund_due`` says some must go back.
    ``holds_stock`` is true until its pieces went back to the shelf. ``discount`` is what a member took off;
    the lines' prices, and so ``subtotal``, are without it already.
    """

    __tablename__ = "orders"

    number: Mapped[str]
    contact_id: Mapped[UUID]
    conversation_id: Mapped[UUID | None]
    cart_id: Mapped[UUID | None]
    state: Mapped[OrderState] = mapped_column(named(OrderState))
    customer_name: Mapped[str]
    phone: Mapped[str | None]
    delivery_method: Mapped[DeliveryMethod] = mapped_column(named(DeliveryMethod))
    zone_id: Mapped[UUID | None]
    zone_name: Mapped[str | None]
    zone_eta: Mapped[str | None]
    address: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    payment_method: Mapped[PaymentMethod] = mapped_column(named(PaymentMethod))
    is_paid: Mapped[bool] = mapped_column(default=False)
    is_refund_due: Mapped[bool] = mapped_column(default=False)
    holds_stock: Mapped[bool] = mapped_column(default=True)
    subtotal: Mapped[int] = mapped_column(BigInteger)
    discount: Mapped[int] = mapped_column(BigInteger, default=0)
    discount_percent: Mapped[int | None]
    delivery_fee: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    placed_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None]

    lines: Mapped[list["OrderLine"]] = relationship(lazy="selectin", order_by="OrderLine.position")

    def money(self, amount: int) -> Money:
        """``amount`` in the order's currency."""
        return Money(amount, self.currency)


class OrderLine(TenantOwned, Base):
    """One line, as it was when the order was placed."""

    __tablename__ = "order_lines"
    __table_args__ = (refers("order_id", "orders"),)

    order_id: Mapped[UUID]
    position: Mapped[int]
    product_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    product_name: Mapped[str]
    product_sku: Mapped[str]
    variant_name: Mapped[str | None]
    variant_sku: Mapped[str]
    unit_price: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger)


class OrderMove(TenantOwned, Base):
    """The audit: who moved an order where, when, why. Equal states are a note, such as a late payment's."""

    __tablename__ = "order_moves"
    __table_args__ = (refers("order_id", "orders"),)

    order_id: Mapped[UUID]
    ordinal: Mapped[int]
    from_state: Mapped[OrderState | None] = mapped_column(named(OrderState))
    to_state: Mapped[OrderState] = mapped_column(named(OrderState))
    at: Mapped[datetime]
    actor: Mapped[Actor] = mapped_column(named(Actor))
    user_id: Mapped[UUID | None]
    reason: Mapped[str | None]
