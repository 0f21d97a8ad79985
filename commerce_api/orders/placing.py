"""A cart becomes an order in one transaction: today's prices or those agreed, stock held, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.bargaining import service as bargaining
from commerce_api.carts import service as carts
from commerce_api.carts.service import PricedCart, PricedLine
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.errors import OutOfStock
from commerce_api.conversations.models import Conversation
from commerce_api.core.money import MAX_AMOUNT
from commerce_api.orders import numbers, queries
from commerce_api.orders.errors import (
    AddressMissing,
    CartEmpty,
    LinesOutOfStock,
    OrderTooLarge,
    PaymentMethodUnknown,
    PriceChanged,
    ZoneUnknown,
)
from commerce_api.orders.models import DeliveryZone, Order, OrderLine, OrderMove
from commerce_api.orders.states import Actor, DeliveryMethod, OrderState
from commerce_api.tenants.models import PaymentMethod

TRIES = 5


@dataclass(frozen=True)
class Pin:
    """A place, WGS 84 degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Delivery:
    """How an order is to reach its shopper; a pickup needs nothing more than the method."""

    method: DeliveryMethod
    zone_id: UUID | None = None
    address: str | None = None
    pin: Pin | None = None


@dataclass(frozen=True)
class Checkout:
    """What a shopper decided. ``expected_total``, in minor units, is the price they agreed to."""

    customer_name: str
    delivery: Delivery
    payment_method: str
    phone: str | None = None
    expected_total: int | None = None


@dataclass(frozen=True)
class Quote:
    """What an order costs, in minor units. ``subtotal`` is without the ``discount`` a member gave."""

    subtotal: int
    delivery_fee: int
    discount: int = 0
    discount_percent: int | None = None

    @property
    def total(self) -> int:
        """Goods and delivery."""
        return self.subtotal + self.delivery_fee


async def quote(session: AsyncSession, contact_id: UUID, delivery: Delivery, now: datetime) -> Quote:
    """What the contact's open cart would cost now, delivered so. Raises CartEmpty or ZoneUnknown."""
    cart = await carts.open_cart(session, contact_id)
    return _quote(await carts.read(session, cart, now), await _zone(session, delivery))


async def place(
    session: AsyncSession,
    conversation: Conversation,
    checkout: Checkout,
    now: datetime,
    *,
    methods: Sequence[str] | None = None,
    user_id: UUID | None = None,
) -> Order:
    """Turns the open cart of the conversation's contact into an order, held in stock, and closes the cart.

    ``methods`` are the payment methods that can be had here, when they are not simply the shop's. ``user_id``
    is the member who places it. Of two at once for the same cart, the second gets the first one's order.
    Raises the errors of an unfit cart, zone, address, method, price or stock in ``orders/errors.py``.
    """
    cart = await carts.open_cart(session, conversation.contact_id)
    if cart is None:
        raise CartEmpty
    cart = await carts.lock(session, cart)
    placed = await queries.order_of_cart(session, cart.id)
    if placed is not None:
        return placed
    priced = await carts.read(session, cart, now)
    zone = await _zone(session, checkout.delivery)
    quoted = _quote(priced, zone)
    _check_address(checkout.delivery)
    taken = conversation.tenant.payment_methods if methods is None else methods
    method = _payment_method(taken, checkout.payment_method)
    if checkout.expected_total not in (None, quoted.total):
        raise PriceChanged(checkout.expected_total or 0, quoted.total, conversation.tenant.currency)
    # Written down before stock is held, which loads the variants anew without their products.
    snapshot = [_line(line, position) for position, line in enumerate(priced.lines)]
    await _hold_stock(session, snapshot)
    order = _order(conversation, checkout, zone, quoted, now)
    order.cart_id, order.payment_method, order.lines = cart.id, method, snapshot
    await _add(session, order, conversation.tenant.slug, user_id)
    await bargaining.settle(session, [line.agreed.bargain_id for line in priced.lines if line.agreed], now)
    await carts.close_cart(session, cart)
    return order


def _quote(cart: PricedCart, zone: DeliveryZone | None) -> Quote:
    if not cart.lines:
        raise CartEmpty
    quoted = Quote(cart.total, zone.fee if zone else 0, cart.taken_off, cart.percent_off)
    if quoted.total > MAX_AMOUNT:
        raise OrderTooLarge
    return quoted


async def _zone(session: AsyncSession, delivery: Delivery) -> DeliveryZone | None:
    if delivery.method is DeliveryMethod.PICKUP:
        return None
    zones = {zone.id: zone for zone in await queries.active_zones(session)}
    if delivery.zone_id not in zones:
        raise ZoneUnknown
    return zones[delivery.zone_id]


def _check_address(delivery: Delivery) -> None:
    if delivery.method is DeliveryMethod.DELIVERY and not (delivery.address or delivery.pin):
        raise AddressMissing


def _payment_method(taken: Sequence[str], asked: str) -> PaymentMethod:
    if asked not in taken:
        raise PaymentMethodUnknown(list(taken))
    return PaymentMethod(asked)


async def _hold_stock(session: AsyncSession, lines: Sequence[OrderLine]) -> None:
    try:
        await catalogue.hold_stock(session, [(line.variant_id, line.quantity) for line in lines])
    except OutOfStock as error:
        available = {UUID(fact["variant_id"]): fact["available"] for fact in error.facts["lines"]}
        short = [line for line in lines if line.variant_id in available]
        raise LinesOutOfStock(
            [
                {
                    "product_id": str(line.product_id),
                    "product": line.product_name,
                    "variant_id": str(line.variant_id),
                    "variant": line.variant_name,
                    "quantity": line.quantity,
                    "available": available[line.variant_id],
                }
                for line in short
            ]
        ) from error


def _order(
    conversation: Conversation, checkout: Checkout, zone: DeliveryZone | None, quoted: Quote, now: datetime
) -> Order:
    is_delivery = checkout.delivery.method is DeliveryMethod.DELIVERY
    pin = checkout.delivery.pin if is_delivery else None
    return Order(
        contact_id=conversation.contact_id,
        conversation_id=conversation.id,
        state=OrderState.PLACED,
        customer_name=checkout.customer_name,
        phone=checkout.phone or conversation.contact.phone,
        delivery_method=checkout.delivery.method,
        zone_id=zone.id if zone else None,
        zone_name=zone.name if zone else None,
        zone_eta=zone.eta if zone else None,
        address=checkout.delivery.address if is_delivery else None,
        latitude=pin.latitude if pin else None,
        longitude=pin.longitude if pin else None,
        subtotal=quoted.subtotal,
        discount=quoted.discount,
        discount_percent=quoted.discount_percent,
        delivery_fee=quoted.delivery_fee,
        total=quoted.total,
        currency=conversation.tenant.currency,
        placed_at=now,
        updated_at=now,
    )


def _line(line: PricedLine, position: int) -> OrderLine:
    return OrderLine(
        position=position,
        product_id=line.variant.product_id,
        variant_id=line.variant.id,
        product_name=line.variant.product.name,
        product_sku=line.variant.product.sku,
        variant_name=line.variant.name,
        variant_sku=line.variant.sku,
        unit_price=line.unit_price,
        quantity=line.quantity,
        total=line.total,
    )


async def _add(session: AsyncSession, order: Order, slug: str, user_id: UUID | None) -> None:
    """Adds the order under a number that is free, and its first move."""
    for attempt in range(1, TRIES + 1):
        order.number = numbers.propose(slug)
        try:
            async with session.begin_nested():
                session.add(order)
        except IntegrityError as error:
            if "uq_orders_tenant_id_number" not in str(error.orig) or attempt == TRIES:
                raise
        else:
            break
    session.add(
        OrderMove(
            order_id=order.id,
            ordinal=0,
            to_state=OrderState.PLACED,
            at=order.placed_at,
            actor=Actor.PERSON if user_id else Actor.SHOPPER,
            user_id=user_id,
        )
    )
    await session.flush()
