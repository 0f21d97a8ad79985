"""How far a seller lets prices be bargained down, each shopper's bargains, and every round of them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import named, refers
from commerce_api.core.database import Base, TenantOwned

MAX_STEPS = 10
MAX_PATIENCE = 20
MAX_HELD_MINUTES = 24 * 60


class BargainState(StrEnum):
    """``open``: a price may still be agreed. ``agreed``: held until a time. ``used``: an order has it.

    ``refused``: the shopper said no. ``lapsed``: nobody said anything for too long.
    """

    OPEN = "open"
    AGREED = "agreed"
    USED = "used"
    REFUSED = "refused"
    LAPSED = "lapsed"


class Asked(StrEnum):
    """What a shopper did in a round: asked for less, named a price, took the shop's price, said no."""

    LESS = "less"
    PRICE = "price"
    YES = "yes"
    NO = "no"


class Answered(StrEnum):
    """What the shop said to it.

    ``fixed``: this price is not bargained about. ``pair``: less for each when several are taken.
    ``counter``: a lower price. ``last``: the lowest there will be. ``agreed``: the shopper's price, or what
    they accepted. ``held``: a price is agreed already. ``limit``: this shopper had the lower price often
    enough. ``over``: nothing more is bargained about.
    """

    FIXED = "fixed"
    PAIR = "pair"
    COUNTER = "counter"
    LAST = "last"
    AGREED = "agreed"
    HELD = "held"
    LIMIT = "limit"
    OVER = "over"


class BargainTerms(TenantOwned, Base):
    """The seller's rules for one product, or with ``product_id`` None for every product without its own.

    The floor is ``floor_price`` (minor units, a piece) if there is one, else ``floor_percent`` of today's
    price. From the price to the floor it takes ``steps`` concessions; after ``patience`` rounds there are no
    more. A contact may buy a product at an agreed price ``limit_per_contact`` times in 30 days. The first
    concession is offered for ``pair_quantity`` pieces before it is given for one; 1 leaves that out.
    """

    __tablename__ = "bargain_terms"
    __table_args__ = (
        refers("product_id", "products"),
        UniqueConstraint("tenant_id", "product_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("floor_percent between 1 and 100", name="floor_percent_bounds"),
        CheckConstraint(
            "floor_price is null or (floor_price > 0 and product_id is not null)", name="floor_price_bounds"
        ),
    )

    product_id: Mapped[UUID | None]
    is_on: Mapped[bool] = mapped_column(default=True)
    floor_percent: Mapped[int]
    floor_price: Mapped[int | None] = mapped_column(BigInteger)
    steps: Mapped[int]
    patience: Mapped[int]
    limit_per_contact: Mapped[int]
    held_minutes: Mapped[int]
    pair_quantity: Mapped[int]


class Bargain(TenantOwned, Base):
    """One shopper's bargaining over one variant. Prices are minor units a piece.

    ``step`` says how far the shop has come down, ``asked_price`` what it asks for now, ``pair_price`` what
    for each of ``pair_quantity``, ``best_offer`` the most that the shopper said. An agreed price counts for
    lines of at least ``least_quantity``, until ``held_until``.
    """

    __tablename__ = "bargains"
    __table_args__ = (
        refers("contact_id", "contacts"),
        refers("conversation_id", "conversations"),
        refers("product_id", "products"),
        refers("variant_id", "variants"),
        Index(
            "uq_bargains_live",
            "tenant_id",
            "contact_id",
            "variant_id",
            unique=True,
            postgresql_where=text("state in ('open', 'agreed')"),
        ),
        Index("ix_bargains_contact", "tenant_id", "contact_id", "product_id", "updated_at"),
    )

    contact_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    product_id: Mapped[UUID]
    variant_id: Mapped[UUID]
    state: Mapped[BargainState] = mapped_column(named(BargainState), default=BargainState.OPEN)
    regular_price: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[int] = mapped_column(default=0)
    rounds: Mapped[int] = mapped_column(default=0)
    asked_price: Mapped[int] = mapped_column(BigInteger)
    best_offer: Mapped[int | None] = mapped_column(BigInteger)
    pair_price: Mapped[int | None] = mapped_column(BigInteger)
    pair_quantity: Mapped[int | None]
    agreed_price: Mapped[int | None] = mapped_column(BigInteger)
    least_quantity: Mapped[int] = mapped_column(default=1)
    held_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BargainRound(TenantOwned, Base):
    """One thing said by the shopper and what the shop answered; ``offered`` and ``price`` are a piece."""

    __tablename__ = "bargain_rounds"
    __table_args__ = (
        refers("bargain_id", "bargains"),
        UniqueConstraint("tenant_id", "bargain_id", "ordinal"),
    )

    bargain_id: Mapped[UUID]
    ordinal: Mapped[int]
    asked: Mapped[Asked] = mapped_column(named(Asked))
    offered: Mapped[int | None] = mapped_column(BigInteger)
    quantity: Mapped[int | None]
    answered: Mapped[Answered] = mapped_column(named(Answered))
    price: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
