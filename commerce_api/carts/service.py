"""What can be done to a cart. Every change holds the cart's row first, so that two at once take turns."""

from uuid import UUID, uuid4

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.carts import queries, together
from commerce_api.carts.errors import CartFull, QuantityInvalid
from commerce_api.carts.models import (
    MAX_LINES,
    MAX_QUANTITY,
    Cart,
    CartLine,
    CartState,
    OfferState,
    UpsellOffer,
)
from commerce_api.carts.queries import PricedCart, PricedLine, open_cart, read
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.errors import OutOfStock
from commerce_api.catalogue.models import Variant
from commerce_api.catalogue.service import Upsell
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import current

__all__ = [
    "PricedCart",
    "PricedLine",
    "add_line",
    "answer_upsell",
    "clear",
    "close_cart",
    "lock",
    "offer_upsell",
    "open_cart",
    "open_or_make",
    "read",
    "set_quantity",
]


async def add_line(session: AsyncSession, contact_id: UUID, variant_id: UUID, quantity: int) -> Cart:
    """Adds so many of a variant to the contact's open cart, made if need be, on top of what it holds of it.

    Raises QuantityInvalid, CartFull, NotFound for an unknown variant, and OutOfStock with ``available``.
    """
    _check_quantity(quantity)
    variant = await catalogue.find_variant(session, variant_id)
    cart = await open_or_make(session, contact_id)
    rows = await queries.lines(session, cart)
    line = next((row for row in rows if row.variant_id == variant_id), None)
    wanted = quantity + (line.quantity if line else 0)
    _check_stock(variant, wanted)
    _check_quantity(wanted)
    if line:
        line.quantity = wanted
    elif len(rows) >= MAX_LINES:
        raise CartFull
    else:
        position = rows[-1].position + 1 if rows else 0
        session.add(CartLine(cart_id=cart.id, variant_id=variant_id, quantity=wanted, position=position))
    await session.flush()
    return cart


async def set_quantity(session: AsyncSession, contact_id: UUID, line_id: UUID, quantity: int) -> Cart:
    """Makes a line's quantity this; 0 removes it. Raises QuantityInvalid, NotFound and OutOfStock."""
    if quantity:
        _check_quantity(quantity)
    cart, line = await _line(session, contact_id, line_id)
    if quantity == 0:
        await session.delete(line)
    else:
        _check_stock(await catalogue.find_variant(session, line.variant_id), quantity)
        line.quantity = quantity
    await session.flush()
    return cart


async def clear(session: AsyncSession, contact_id: UUID) -> Cart | None:
    """Takes every line out of the open cart, if there is one."""
    cart = await _hold_open(session, contact_id)
    if cart is not None:
        await session.execute(delete(CartLine).where(CartLine.cart_id == cart.id))
    return cart


async def close_cart(session: AsyncSession, cart: Cart) -> None:
    """Says that the cart has become an order; the contact's next line opens a new one."""
    cart.state = CartState.ORDERED
    await session.flush()


async def lock(session: AsyncSession, cart: Cart) -> Cart:
    """The cart as it is now, held until the transaction ends. It may have been ordered meanwhile."""
    statement = (
        select(Cart).where(Cart.id == cart.id).with_for_update().execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one()


async def offer_upsell(
    session: AsyncSession, contact_id: UUID, *, held_out_percent: int = 0
) -> tuple[UpsellOffer, Upsell] | None:
    """Something that goes with the open cart, recorded as offered; None when there is none or it was done.

    The seller's pairs come first, then what others bought together; nothing is offered twice to a contact.
    ``held_out_percent`` of the contacts, always the same ones, are offered nothing: what would have been is
    recorded, so that the others can be compared with them.
    """
    cart = await _hold_open(session, contact_id)
    if cart is None or await queries.offer_of(session, cart):
        return None
    rows = await queries.lines(session, cart)
    # What was added last is what the shopper has in mind.
    found = await together.find(session, contact_id, [row.variant_id for row in reversed(rows)])
    if found is None:
        return None
    upsell, source = found
    is_held_out = contact_id.int % 100 < held_out_percent
    offer = UpsellOffer(
        cart_id=cart.id,
        variant_id=upsell.variant.id,
        beside_id=upsell.beside.id,
        source=source,
        state=OfferState.HELD_OUT if is_held_out else OfferState.OFFERED,
    )
    session.add(offer)
    await session.flush()
    return None if is_held_out else (offer, upsell)


async def answer_upsell(
    session: AsyncSession, contact_id: UUID, offer_id: UUID, *, is_accepted: bool
) -> Cart:
    """Records the answer; an accepted offer is in the cart, once however often it is accepted.

    Raises NotFound when the open cart has no such offer, and as ``add_line``.
    """
    cart = await _hold_open(session, contact_id)
    offer = await queries.offer_of(session, cart) if cart else None
    is_made = offer is not None and offer.id == offer_id and offer.state is not OfferState.HELD_OUT
    if cart is None or offer is None or not is_made:
        raise NotFound
    if offer.state is OfferState.ACCEPTED:
        return cart
    if is_accepted:
        await add_line(session, contact_id, offer.variant_id, 1)
    offer.state = OfferState.ACCEPTED if is_accepted else OfferState.DECLINED
    await session.flush()
    return cart


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityInvalid


def _check_stock(variant: Variant, wanted: int) -> None:
    is_for_sale = variant.is_active and variant.product.is_active
    available = variant.stock if is_for_sale else 0
    if wanted > available:
        raise OutOfStock([(variant.id, available)])


async def open_or_make(session: AsyncSession, contact_id: UUID) -> Cart:
    """The contact's open cart, held; one that is ordered while we wait for it makes room for a new one."""
    while (cart := await _hold_open(session, contact_id)) is None:
        await session.execute(
            insert(Cart)
            .values(tenant_id=current(session), id=uuid4(), contact_id=contact_id, state=CartState.OPEN)
            .on_conflict_do_nothing(
                index_elements=["tenant_id", "contact_id"], index_where=text("state = 'open'")
            )
        )
    return cart


async def _hold_open(session: AsyncSession, contact_id: UUID) -> Cart | None:
    statement = (
        select(Cart)
        .where(Cart.contact_id == contact_id, Cart.state == CartState.OPEN)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return await session.scalar(statement)


async def _line(session: AsyncSession, contact_id: UUID, line_id: UUID) -> tuple[Cart, CartLine]:
    cart = await _hold_open(session, contact_id)
    rows = await queries.lines(session, cart) if cart else []
    line = next((row for row in rows if row.id == line_id), None)
    if cart is None or line is None:
        raise NotFound
    return cart, line
