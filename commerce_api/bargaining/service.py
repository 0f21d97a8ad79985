"""What may be done in bargaining. A bargain's row is held while it changes: two at once take turns."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.bargaining import ladder, queries
from commerce_api.bargaining.errors import BargainOver
from commerce_api.bargaining.ladder import Standing, Wish
from commerce_api.bargaining.models import Answered, Asked, Bargain, BargainRound, BargainState, BargainTerms
from commerce_api.bargaining.queries import HeldPrice, held_prices
from commerce_api.bargaining.terms import (
    TermsFacts,
    floor_of,
    lay_down,
    patience,
    terms_of,
    terms_of_products,
)
from commerce_api.bargaining.terms import ladder as ladder_of
from commerce_api.bargaining.wishes import Said
from commerce_api.catalogue import service as catalogue
from commerce_api.catalogue.models import Variant
from commerce_api.conversations.models import Conversation
from commerce_api.core.errors import NotFound
from commerce_api.core.tenancy import current

__all__ = [
    "HeldPrice",
    "Outcome",
    "Said",
    "TermsFacts",
    "accept",
    "bargain",
    "floor_of",
    "held_prices",
    "is_bargained",
    "lay_down",
    "refuse",
    "settle",
    "terms_of_products",
]

NO_WISH = Wish()


@dataclass(frozen=True)
class Outcome:
    """What the shop says to a shopper's wish. ``price`` is a piece's, in minor units.

    ``quantity`` is how many must be taken for it; ``bargain`` is None where nothing is bargained about.
    """

    said: Answered
    price: int
    regular_price: int
    quantity: int = 1
    bargain: Bargain | None = None


async def is_bargained(session: AsyncSession, product_id: UUID) -> bool:
    """Whether a product's price may come down. Raises NotFound."""
    await catalogue.product_for_sale(session, product_id)
    return await terms_of(session, product_id) is not None


async def bargain(
    session: AsyncSession, conversation: Conversation, variant_id: UUID, said: Said, now: datetime
) -> Outcome:
    """One round of bargaining over a variant; what was said before is remembered. Raises NotFound."""
    variant = await catalogue.find_variant(session, variant_id)
    if not (variant.is_active and variant.product.is_active):
        raise NotFound
    price = catalogue.price_at(variant, now)
    terms = await terms_of(session, variant.product_id)
    if terms is None:
        return Outcome(Answered.FIXED, price, price)
    way = ladder_of(terms, price, conversation.tenant.currency)
    if way.floor >= way.price:
        return Outcome(Answered.FIXED, price, price)
    held = await _hold(session, conversation, variant, price, now)
    if held.state is BargainState.AGREED:
        return _held(held)
    won = await queries.bargains_won(session, conversation.contact_id, variant.product_id, now)
    if won >= terms.limit_per_contact:
        return Outcome(Answered.LIMIT, price, price)
    wish = said.wish(price)
    standing = Standing(held.step, held.rounds, held.pair_price is not None)
    answer = ladder.answer(way, patience(terms), standing, wish, stock=variant.stock)
    _note(held, answer, wish, terms, now)
    _write(session, held, answer.said, answer.price, now, wish=wish)
    if answer.said is Answered.AGREED:
        _agree(held, answer.price, 1, terms, now)
    await session.flush()
    quantity = terms.pair_quantity if answer.said is Answered.PAIR else 1
    return Outcome(answer.said, answer.price, held.regular_price, quantity, held)


async def accept(
    session: AsyncSession, conversation: Conversation, bargain_id: UUID, *, is_pair: bool, now: datetime
) -> Outcome:
    """The shopper takes the price the shop asks for; accepting again changes nothing.

    ``is_pair`` takes the price that was offered for several. Raises NotFound and BargainOver.
    """
    held = await _own(session, conversation, bargain_id)
    if held.state is BargainState.AGREED and _holds(held, now):
        return _held(held, said=Answered.AGREED)
    variant = await catalogue.find_variant(session, held.variant_id)
    terms = await terms_of(session, held.product_id)
    asked = held.pair_price if is_pair else held.asked_price
    if held.state is not BargainState.OPEN or _is_stale(held, now) or terms is None or asked is None:
        raise BargainOver
    price = min(asked, catalogue.price_at(variant, now))
    # The seller may have raised the floor since.
    way = ladder_of(terms, catalogue.price_at(variant, now), conversation.tenant.currency)
    won = await queries.bargains_won(session, conversation.contact_id, held.product_id, now)
    if price < way.floor or won >= terms.limit_per_contact:
        raise BargainOver
    _agree(held, price, (held.pair_quantity or 1) if is_pair else 1, terms, now)
    _write(session, held, Answered.AGREED, price, now, asked=Asked.YES)
    await session.flush()
    return _held(held, said=Answered.AGREED)


async def refuse(
    session: AsyncSession, conversation: Conversation, bargain_id: UUID, now: datetime
) -> Outcome:
    """The shopper leaves it; refusing what is over changes nothing. Raises NotFound."""
    held = await _own(session, conversation, bargain_id)
    if held.state is BargainState.OPEN:
        held.state, held.updated_at, held.rounds = BargainState.REFUSED, now, held.rounds + 1
        _write(session, held, Answered.OVER, held.asked_price, now, asked=Asked.NO)
        await session.flush()
    return Outcome(Answered.OVER, held.regular_price, held.regular_price, 1, held)


async def settle(session: AsyncSession, bargain_ids: Collection[UUID], now: datetime) -> None:
    """Says that an order took these agreed prices: they count for no other."""
    if bargain_ids:
        taken = update(Bargain).where(Bargain.id.in_(bargain_ids))
        await session.execute(taken.values(state=BargainState.USED, updated_at=now))


async def _hold(
    session: AsyncSession, conversation: Conversation, variant: Variant, price: int, now: datetime
) -> Bargain:
    """The bargain that goes on, held; else a new one that remembers how far the last one came."""
    held = await queries.live(session, conversation.contact_id, variant.id)
    if held is not None and (_holds(held, now) or _goes_on(held, price, now)):
        return held
    if held is not None:
        held.state = BargainState.LAPSED
        await session.flush()
    past = await queries.latest(session, conversation.contact_id, variant.id, now - queries.REMEMBERED)
    await session.execute(
        insert(Bargain)
        .values(
            tenant_id=current(session),
            id=uuid4(),
            contact_id=conversation.contact_id,
            conversation_id=conversation.id,
            product_id=variant.product_id,
            variant_id=variant.id,
            state=BargainState.OPEN,
            regular_price=price,
            asked_price=price,
            created_at=now,
            updated_at=now,
            **_remembered(past, price),
        )
        .on_conflict_do_nothing(
            index_elements=["tenant_id", "contact_id", "variant_id"],
            index_where=text("state in ('open', 'agreed')"),
        )
    )
    begun = await queries.live(session, conversation.contact_id, variant.id)
    return begun or await _hold(session, conversation, variant, price, now)


def _remembered(past: Bargain | None, price: int) -> dict[str, int | None]:
    """Where a bargain begins: where the last one over the same price ended."""
    if past is None or past.regular_price != price or past.state is BargainState.USED:
        return {"step": 0, "rounds": 0, "least_quantity": 1}
    kept = ("step", "rounds", "best_offer", "pair_price", "pair_quantity")
    return {**{name: getattr(past, name) for name in kept}, "least_quantity": 1}


def _holds(held: Bargain, now: datetime) -> bool:
    return held.state is BargainState.AGREED and held.held_until is not None and held.held_until > now


def _is_stale(held: Bargain, now: datetime) -> bool:
    return held.updated_at <= now - queries.REMEMBERED


def _goes_on(held: Bargain, price: int, now: datetime) -> bool:
    return held.state is BargainState.OPEN and held.regular_price == price and not _is_stale(held, now)


def _note(held: Bargain, answer: ladder.Answer, wish: Wish, terms: BargainTerms, now: datetime) -> None:
    held.step, held.rounds, held.updated_at = answer.standing.step, answer.standing.rounds, now
    if wish.price is not None:
        held.best_offer = max(wish.price, held.best_offer or 0)
    if answer.said is Answered.PAIR:
        held.pair_price, held.pair_quantity = answer.price, terms.pair_quantity
    elif answer.said is not Answered.AGREED:
        held.asked_price = answer.price


def _agree(held: Bargain, price: int, quantity: int, terms: BargainTerms, now: datetime) -> None:
    held.state, held.agreed_price, held.least_quantity = BargainState.AGREED, price, quantity
    held.held_until, held.updated_at = now + timedelta(minutes=terms.held_minutes), now


def _held(held: Bargain, said: Answered = Answered.HELD) -> Outcome:
    return Outcome(
        said, held.agreed_price or held.regular_price, held.regular_price, held.least_quantity, held
    )


def _write(
    session: AsyncSession,
    held: Bargain,
    said: Answered,
    price: int,
    now: datetime,
    *,
    wish: Wish = NO_WISH,
    asked: Asked | None = None,
) -> None:
    heard = asked or (Asked.LESS if wish.price is None else Asked.PRICE)
    session.add(
        BargainRound(
            bargain_id=held.id,
            ordinal=held.rounds if asked is not Asked.YES else held.rounds + 1,
            asked=heard,
            offered=wish.price,
            quantity=wish.quantity,
            answered=said,
            price=price,
            at=now,
        )
    )


async def _own(session: AsyncSession, conversation: Conversation, bargain_id: UUID) -> Bargain:
    found: Bargain | None = await session.scalar(
        select(Bargain)
        .where(Bargain.id == bargain_id, Bargain.contact_id == conversation.contact_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
