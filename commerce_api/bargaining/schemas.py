"""Bargaining in JSON."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from commerce_api.bargaining.models import (
    MAX_HELD_MINUTES,
    MAX_PATIENCE,
    MAX_STEPS,
    Answered,
    Bargain,
    BargainState,
    BargainTerms,
)
from commerce_api.bargaining.service import Outcome
from commerce_api.bargaining.terms import TermsFacts
from commerce_api.bargaining.wishes import Said
from commerce_api.catalogue.models import MAX_PRICE
from commerce_api.core.money import MAX_AMOUNT, MoneyRead

Quantity = Annotated[int, Field(ge=1, le=999)]
Amount = Annotated[int, Field(ge=0, le=MAX_AMOUNT, description="minor units")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TermsBody(_Body):
    """The terms of one product, or without ``product_id`` of the whole shop; see ``BargainTerms``."""

    product_id: UUID | None = None
    is_on: bool = True
    floor_percent: Annotated[int, Field(ge=1, le=100, description="of today's price")] = 85
    floor_price: Annotated[int, Field(ge=1, le=MAX_PRICE, description="minor units, a piece")] | None = None
    steps: Annotated[int, Field(ge=1, le=MAX_STEPS)] = 3
    patience: Annotated[int, Field(ge=1, le=MAX_PATIENCE)] = 4
    limit_per_contact: Annotated[int, Field(ge=1, le=1000)] = 3
    held_minutes: Annotated[int, Field(ge=1, le=MAX_HELD_MINUTES)] = 20
    pair_quantity: Annotated[int, Field(ge=1, le=99)] = 2

    def read(self) -> TermsFacts:
        """As the service takes them."""
        return TermsFacts(**self.model_dump(exclude={"product_id"}))


class TermsRead(BaseModel):
    """Terms as they stand."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    product_id: UUID | None
    is_on: bool
    floor_percent: int
    floor_price: int | None
    steps: int
    patience: int
    limit_per_contact: int
    held_minutes: int
    pair_quantity: int


class TermsListRead(BaseModel):
    """All terms."""

    items: list[TermsRead]
    total: int

    @classmethod
    def of(cls, terms: list[BargainTerms], total: int) -> Self:
        """From the rows."""
        return cls(items=[TermsRead.model_validate(one) for one in terms], total=total)


class BargainRead(BaseModel):
    """A bargain as the seller sees it; prices in minor units a piece."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    contact_id: UUID
    conversation_id: UUID
    product_id: UUID
    variant_id: UUID
    state: BargainState
    regular_price: int
    asked_price: int
    best_offer: int | None
    agreed_price: int | None
    least_quantity: int
    rounds: int
    held_until: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, bargain: Bargain) -> Self:
        """From the row."""
        return cls.model_validate(bargain)


class BargainsRead(BaseModel):
    """Some of the bargains."""

    items: list[BargainRead]
    total: int


class ResultRead(BaseModel):
    """How many bargains ended so, and by how much a piece prices came down in those, in all."""

    outcome: BargainState
    count: int
    given_away: MoneyRead


class ResultsRead(BaseModel):
    """What came of bargaining since a time."""

    items: list[ResultRead]
    total: int


class BargainingRead(BaseModel):
    """Whether a price may come down; how far is the seller's secret."""

    is_on: bool


class WishBody(_Body):
    """What the shopper said of a price; see ``Said``."""

    variant_id: UUID
    quantity: Quantity = 1
    amount: Amount | None = None
    amount_off: Amount | None = None
    percent_off: Annotated[int, Field(ge=1, le=100)] | None = None

    def read(self) -> Said:
        """As the service takes it."""
        return Said(self.amount, self.amount_off, self.percent_off, self.quantity)


class AcceptBody(_Body):
    """``is_pair``: the price that was offered for several is taken, not that for one."""

    is_pair: bool = False


class OutcomeRead(BaseModel):
    """What the shop says. ``price`` is for each of ``quantity`` or more; an agreed one is held a while."""

    bargain_id: UUID | None
    said: Answered
    price: MoneyRead
    regular_price: MoneyRead
    quantity: int
    held_until: datetime | None
    held_minutes: int | None

    @classmethod
    def of(cls, outcome: Outcome, currency: str, now: datetime) -> Self:
        """In the shop's currency."""
        held_until = outcome.bargain.held_until if outcome.bargain else None
        minutes = -(-(held_until - now).total_seconds() // 60) if held_until else None
        return cls(
            bargain_id=outcome.bargain.id if outcome.bargain else None,
            said=outcome.said,
            price=MoneyRead(amount=outcome.price, currency=currency),
            regular_price=MoneyRead(amount=outcome.regular_price, currency=currency),
            quantity=outcome.quantity,
            held_until=held_until,
            held_minutes=None if minutes is None else int(minutes),
        )
