"""Selling from the thread: the shopper's own cart, an order from it, its pay link, a product to show."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, StringConstraints

from channels.messages import OutboundMessage
from commerce_api.carts import discounts
from commerce_api.carts import service as carts
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.presenting import PresenterDep
from commerce_api.catalogue.search import Scope
from commerce_api.conversations import saying
from commerce_api.conversations import service as conversations
from commerce_api.core import repeats
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.http import HttpDep
from commerce_api.orders import service as orders
from commerce_api.orders.placing import Checkout, Delivery
from commerce_api.orders.states import DeliveryMethod
from commerce_api.payments import linking, providers
from commerce_api.payments import selling as sales
from commerce_api.payments.linking import Payer
from commerce_api.payments.selling import Sale
from commerce_api.tenants.models import PaymentMethod
from commerce_api.tenants.permissions import Permission
from console import pages
from console.access import Desk, require
from console.bubbles import own_address
from console.filters import money
from console.handling import done
from console.thread import AnswerDep, Talk

MOST_PRODUCTS = 8
PAY_LINK = PaymentMethod.PAY_LINK.value

router = APIRouter()

SellDep = Annotated[Desk, require(Permission.MANAGE_ORDERS)]


class OrderForm(BaseModel):
    """An order as the form beside the thread has it. ``delivery`` is ``pickup`` or a delivery zone's id."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    delivery: Annotated[str, StringConstraints(max_length=60)]
    payment_method: Annotated[str, StringConstraints(max_length=40)]
    key: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    phone: Annotated[str, StringConstraints(max_length=40)] = ""
    address: Annotated[str, StringConstraints(max_length=1000)] = ""
    text: Annotated[str, StringConstraints(max_length=1000)] = ""
    then: Annotated[str, StringConstraints(pattern="^(pay_link)?$")] = ""

    def checkout(self) -> Checkout:
        """As the service takes it; an order whose pay link is asked for is paid by it."""
        return Checkout(
            customer_name=self.name,
            delivery=_delivery(self.delivery, self.address.strip()),
            payment_method=self.then or self.payment_method,
            phone=self.phone.strip() or None,
        )


@router.get(f"{Talk}/products")
async def find_products(
    *,
    request: Request,
    desk: SellDep,
    conversation_id: UUID,
    session: SessionDep,
    presenter: PresenterDep,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Products by words, to put into the cart or to show the shopper."""
    conversation = await conversations.conversation(session, conversation_id)
    _, found = await catalogue.shop_window(session, q, Scope(limit=MOST_PRODUCTS))
    products = [presenter.product(one, desk.tenant.currency) for one in found]
    facts: dict[str, Any] = {
        "products": products,
        "conversation": conversation,
        "q": q,
        "own_address": own_address,
    }
    part = "_products.html" if pages.is_htmx(request) else "products_to_add.html"
    return pages.show(request, part, desk, **facts)


@router.post(f"{Talk}/cart/lines")
async def add_line(
    *,
    request: Request,
    desk: SellDep,
    conversation_id: UUID,
    session: SessionDep,
    variant_id: Annotated[UUID, Form()],
    quantity: Annotated[int, Form(ge=1, le=9999)] = 1,
) -> Response:
    """Puts a variant into the shopper's cart."""
    conversation = await conversations.conversation(session, conversation_id)
    await carts.add_line(session, conversation.contact_id, variant_id, quantity)
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/cart/lines/{{line_id}}")
async def change_line(
    *,
    request: Request,
    desk: SellDep,
    conversation_id: UUID,
    line_id: UUID,
    session: SessionDep,
    quantity: Annotated[int, Form(ge=0, le=9999)],
) -> Response:
    """Makes a line this many; 0 takes it out."""
    conversation = await conversations.conversation(session, conversation_id)
    await carts.set_quantity(session, conversation.contact_id, line_id, quantity)
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/cart/discount")
async def give_discount(
    *,
    request: Request,
    desk: SellDep,
    conversation_id: UUID,
    session: SessionDep,
    now: NowDep,
    percent: Annotated[int, Form(ge=0, le=100)],
) -> Response:
    """Takes so many percent off the shopper's cart; 0 takes it back."""
    contact_id = (await conversations.conversation(session, conversation_id)).contact_id
    if percent:
        me = desk.user.id
        await discounts.give(session, desk.tenant, contact_id, percent=percent, user_id=me, now=now)
    else:
        await discounts.take_back(session, contact_id)
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/orders")
async def place_order(
    *,
    request: Request,
    desk: SellDep,
    conversation_id: UUID,
    session: SessionDep,
    http: HttpDep,
    now: NowDep,
    form: Annotated[OrderForm, Form()],
) -> Response:
    """Makes an order of the cart; sends its pay link, too, when the form says so."""
    conversation = await conversations.conversation(session, conversation_id)
    me, checkout = desk.user.id, form.checkout()
    if form.then != PAY_LINK:
        if await repeats.is_first(session, f"{me} {conversation_id} order", form.key, "order", now):
            await orders.place(session, conversation, checkout, now, user_id=me)
        return done(request, desk, conversation_id)
    sale = Sale(Payer(desk.tenant, conversation.contact_id), conversation_id, me, checkout, form.key)
    database, gateways = request.app.state.database, providers.of(request)
    message = await sales.place(database, http, gateways, sale, text=form.text.strip(), now=now)
    if message is not None:
        await saying.say(session, conversation_id, message, seller_id=me, now=now)
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/orders/{{number}}/pay-link")
async def send_pay_link(
    *,
    request: Request,
    desk: SellDep,
    conversation_id: UUID,
    number: str,
    session: SessionDep,
    http: HttpDep,
    now: NowDep,
    text: Annotated[str, Form(min_length=1, max_length=1000, pattern=r"\S")],
    key: Annotated[str, Form(min_length=1, max_length=64)],
) -> Response:
    """Sends the shopper the page where an order is paid, under the member's own words."""
    conversation = await conversations.conversation(session, conversation_id)
    payer = Payer(desk.tenant, conversation.contact_id)
    payment = await linking.link(
        request.app.state.database, http, providers.of(request), payer, number=number, now=now
    )
    if await repeats.is_first(session, f"{desk.user.id} {conversation_id}", key, f"{number} {text}", now):
        message = linking.message(payment, number, text.strip())
        await saying.say(session, conversation_id, message, seller_id=desk.user.id, now=now)
    return done(request, desk, conversation_id)


@router.post(f"{Talk}/products/{{product_id}}/show")
async def show_product(
    *,
    request: Request,
    desk: AnswerDep,
    conversation_id: UUID,
    product_id: UUID,
    session: SessionDep,
    presenter: PresenterDep,
    now: NowDep,
    key: Annotated[str, Form(min_length=1, max_length=64)],
) -> Response:
    """Sends the shopper a product: its photo, name and prices."""
    found = await catalogue.product(session, product_id)
    shown = presenter.product(found, desk.tenant.currency)
    prices = [f"{one.name or shown.unit or ''}: {money(one.price)}".lstrip(": ") for one in shown.variants]
    message = OutboundMessage("\n".join([shown.name, *prices]), image_url=shown.photo_url)
    if await repeats.is_first(session, f"{desk.user.id} {conversation_id}", key, str(product_id), now):
        await saying.say(session, conversation_id, message, seller_id=desk.user.id, now=now)
    return done(request, desk, conversation_id)


def _delivery(chosen: str, address: str) -> Delivery:
    if chosen == DeliveryMethod.PICKUP.value:
        return Delivery(DeliveryMethod.PICKUP)
    try:
        zone_id = UUID(chosen)
    except ValueError:
        zone_id = None
    return Delivery(DeliveryMethod.DELIVERY, zone_id, address or None)
