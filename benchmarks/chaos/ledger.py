"""What the books say after a round: messages, turns, replies, lines, and what reached the phones."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from benchmarks.chaos.chats import Chat
from benchmarks.chaos.shopping import Phone
from benchmarks.chaos.world import World

SETTLE_EVERY = 0.25
UNSETTLED = """
    select (select count(*) from turns t where t.conversation_id = any(%s)
            and t.state in ('pending', 'claimed'))
         + (select count(*) from messages m where m.conversation_id = any(%s) and m.direction = 'outbound'
            and m.status in ('queued', 'sending'))
"""
CONVERSATIONS = """
    select c.id, s.channel, s.address, a.address
    from contact_addresses a
    join channel_accounts s on (s.tenant_id, s.id) = (a.tenant_id, a.channel_account_id)
    join conversations c on (c.tenant_id, c.contact_id, c.channel_account_id)
                          = (a.tenant_id, a.contact_id, a.channel_account_id)
    where a.address = any(%s)
"""
INBOUND = """
    select m.conversation_id, m.id, m.provider_message_id, m.position, m.sent_at, m.kind,
           t.state, t.failure, coalesce(t.attempts, 0)
    from messages m left join turns t on t.tenant_id = m.tenant_id and t.message_id = m.id
    where m.direction = 'inbound' and m.conversation_id = any(%s) order by m.position
"""
OUTBOUND = """
    select m.conversation_id, m.id, m.position, m.reply_to_id, m.author, m.status, m.maybe_doubled,
           m.failure_code, coalesce(m.text, ''),
           coalesce((select json_agg(json_build_array(p.provider_message_id, p.status, p.doubts)
                                     order by p.part)
                     from message_parts p where p.tenant_id = m.tenant_id and p.message_id = m.id), '[]')
    from messages m where m.direction = 'outbound' and m.conversation_id = any(%s) order by m.position
"""
LINES = """
    select c.id, v.sku, l.quantity
    from conversations c
    join carts k on k.tenant_id = c.tenant_id and k.contact_id = c.contact_id and k.state = 'open'
    join cart_lines l on l.tenant_id = k.tenant_id and l.cart_id = k.id
    join variants v on v.tenant_id = l.tenant_id and v.id = l.variant_id
    where c.id = any(%s)
    union all
    select o.conversation_id, l.variant_sku, l.quantity
    from orders o join order_lines l on l.tenant_id = o.tenant_id and l.order_id = o.id
    where o.conversation_id = any(%s)
"""


@dataclass(frozen=True)
class Inbound:
    """A message as it is kept. ``state`` is its turn's, None without one."""

    id: UUID
    provider_id: str | None
    position: int
    sent_at: datetime
    kind: str
    state: str | None = "done"
    failure: str | None = None
    attempts: int = 1


@dataclass(frozen=True)
class Part:
    """A request to the provider: the id it gave, how far it got, how often the outcome was unknown."""

    provider_id: str | None
    status: str
    doubts: int = 0


@dataclass(frozen=True)
class Outbound:
    """A reply as it is kept."""

    id: UUID
    position: int
    reply_to: UUID | None
    author: str
    status: str
    maybe_doubled: bool
    failure: str | None
    text: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Received:
    """A bubble on the phone."""

    id: str
    text: str


@dataclass
class Book:
    """One conversation's. ``lines`` are the cart's and the orders', by SKU; ``received`` as on the phone.

    Of a dialogue of screens ``received`` is every screen, and what came by SMS beside them.
    """

    number: str
    seller: str
    channel: str = "whatsapp"
    inbound: list[Inbound] = field(default_factory=list)
    outbound: list[Outbound] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    conversations: int = 1


async def read(world: World, phones: Sequence[Phone]) -> dict[Chat, Book]:
    """The books of the phones' chats."""
    books = {phone.chat: Book(phone.number, phone.seller, phone.channel, conversations=0) for phone in phones}
    by_name = {(chat.channel, chat.account, chat.address): book for chat, book in books.items()}
    by_id: dict[UUID, Book] = {}
    for conversation_id, *name in await world.ask(CONVERSATIONS, [chat.address for chat in books]):
        book = by_name.get(tuple(name))
        if book is not None:
            by_id[conversation_id] = book
            book.conversations += 1
    ids = list(by_id)
    await _settle(world, ids)
    for conversation_id, *facts in await world.ask(INBOUND, ids):
        by_id[conversation_id].inbound.append(Inbound(*facts))
    for conversation_id, *facts in await world.ask(OUTBOUND, ids):
        by_id[conversation_id].outbound.append(_outbound(facts))
    for conversation_id, sku, quantity in await world.ask(LINES, ids, ids):
        book = by_id[conversation_id]
        book.lines[sku] = book.lines.get(sku, 0) + quantity
    await asyncio.gather(*(_read_phone(phone, books[phone.chat]) for phone in phones))
    return books


async def _settle(world: World, ids: list[UUID]) -> None:
    """Waits for what nobody waited for: the word on a payment, answers to what was sent twice."""
    for _ in range(int(world.patience / SETTLE_EVERY)):
        if (await world.ask(UNSETTLED, ids, ids))[0][0] == 0:
            return
        await asyncio.sleep(SETTLE_EVERY)


def _outbound(facts: list[Any]) -> Outbound:
    *known, parts = facts
    return Outbound(*[*known, tuple(Part(*part) for part in parts)])


async def _read_phone(phone: Phone, book: Book) -> None:
    book.received = [Received(item["id"], item["text"]) for item in await phone.read()]
