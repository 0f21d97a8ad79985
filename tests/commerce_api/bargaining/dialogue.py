"""A shopper who bargains with the service, each message in a transaction of its own."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from commerce_api.bargaining import service
from commerce_api.bargaining.errors import BargainOver
from commerce_api.bargaining.service import Outcome, Said
from commerce_api.carts import service as carts
from commerce_api.conversations import queries as conversations
from commerce_api.orders import service as orders
from commerce_api.orders.models import Order
from tests.commerce_api.orders.shops import Shop, checkout
from tests.conftest import NOON


@dataclass
class Shopper:
    """``now`` moves on only by ``wait``; ``last`` is the shop's last word on a bargain."""

    shop: Shop
    now: datetime = NOON
    last: Outcome | None = field(default=None)

    def wait(self, **span: float) -> None:
        """Lets time go by."""
        self.now += timedelta(**span)

    async def say(self, variant: int = 0, **said: int | None) -> Outcome:
        """Asks for less, or names a price, for one of the shop's variants."""
        async with self.shop.session() as session:
            talk = await conversations.conversation(session, self.shop.conversation_id)
            wanted = Said(**said)  # type: ignore[arg-type]
            self.last = await service.bargain(session, talk, self.shop.variants[variant].id, wanted, self.now)
            return self.last

    async def accept(self, *, is_pair: bool = False) -> Outcome | None:
        """Takes the last word; None when the bargain is over or there is none."""
        if self.last is None or self.last.bargain is None:
            return None
        async with self.shop.session() as session:
            talk = await conversations.conversation(session, self.shop.conversation_id)
            try:
                return await service.accept(
                    session, talk, self.last.bargain.id, is_pair=is_pair, now=self.now
                )
            except BargainOver:
                return None

    async def refuse(self) -> None:
        """Leaves it."""
        if self.last is None or self.last.bargain is None:
            return
        async with self.shop.session() as session:
            talk = await conversations.conversation(session, self.shop.conversation_id)
            await service.refuse(session, talk, self.last.bargain.id, self.now)

    async def put_in_cart(self, quantity: int, variant: int = 0) -> None:
        """Makes the cart hold so many of a variant; 0 takes it out."""
        async with self.shop.session() as session:
            variant_id = self.shop.variants[variant].id
            cart = await carts.open_cart(session, self.shop.contact_id)
            priced = await carts.read(session, cart, self.now)
            line = next((one for one in priced.lines if one.variant.id == variant_id), None)
            if line is not None:
                await carts.set_quantity(session, self.shop.contact_id, line.id, quantity)
            elif quantity:
                await carts.add_line(session, self.shop.contact_id, variant_id, quantity)

    async def prices(self) -> dict[UUID, int]:
        """What the cart asks for a piece of each variant."""
        async with self.shop.session() as session:
            cart = await carts.open_cart(session, self.shop.contact_id)
            priced = await carts.read(session, cart, self.now)
            return {line.variant.id: line.unit_price for line in priced.lines}

    async def order(self) -> Order:
        """Places what is in the cart."""
        async with self.shop.session() as session:
            talk = await conversations.conversation(session, self.shop.conversation_id)
            return await orders.place(session, talk, checkout(), self.now)
