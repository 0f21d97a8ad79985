"""What must hold of the whole shop: stock, money, whose row is whose, and what logs may not tell."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

from benchmarks.chaos.violation import Violation, Wrong
from benchmarks.chaos.world import World
from stack.database import Urls

FILL = "update variants set stock = 100000 where stock > 0"
STOCK = """
    select v.id, v.sku, v.stock, coalesce((
        select sum(l.quantity) from order_lines l
        join orders o on (o.tenant_id, o.id) = (l.tenant_id, l.order_id)
        where l.tenant_id = v.tenant_id and l.variant_id = v.id and o.holds_stock), 0)
    from variants v
"""
PAYMENTS = """
    select p.reference, p.amount, p.state, p.is_refund_due, o.is_paid, o.total, o.number
    from payments p join orders o on (o.tenant_id, o.id) = (p.tenant_id, p.order_id)
    where p.state = 'paid' or o.is_paid
"""
# Foreign keys between tables that both have a tenant, with the columns beside it.
PARENTS = """
    select k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text, c.attname, p.attname
    from pg_constraint k
    join lateral unnest(k.conkey, k.confkey) as pair(child, parent) on true
    join pg_attribute c on c.attrelid = k.conrelid and c.attnum = pair.child
    join pg_attribute p on p.attrelid = k.confrelid and p.attnum = pair.parent
    where k.contype = 'f' and c.attname <> 'tenant_id'
      and exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'tenant_id')
      and exists (select from pg_attribute a where a.attrelid = k.confrelid and a.attname = 'tenant_id')
"""
SECRETS = (
    "demo-app-secret",
    "demo-access-token",
    "demo-service-token",
    "demo-gateway-secret",
    "demo-auth-token",
    "demo-callback-key",
    "ZGVtby1zZWNyZXRzLWtleS1ub3QtZm9yLXJlYWwtdSE=",
)
# The outside world knows its numbers and logs them.
NOT_OURS = ("simulator.log",)


async def open_books(world: World) -> dict[UUID, int]:
    """Fills the shelves, so that no shopper meets an empty one; what lies on each."""
    await world.ask(f"{FILL} returning 1")
    return {variant: stock + held for variant, _, stock, held in await world.ask(STOCK)}


async def audit(world: World, opening: dict[UUID, int], numbers: Iterable[str]) -> list[Violation]:
    """Everything wrong with the shop as a whole."""
    return [
        *await _check_stock(world, opening),
        *await _check_money(world),
        *await _check_tenants(world),
        *check_logs(_logs(world), [*SECRETS, *_passwords(world.stage.urls)], numbers),
    ]


async def _check_stock(world: World, opening: dict[UUID, int]) -> list[Violation]:
    found = []
    for variant, sku, stock, held in await world.ask(STOCK):
        if stock < 0 or stock + held != opening.get(variant):
            what = f"{sku}: {stock} on the shelf and {held} held, {opening.get(variant)} at first"
            found.append(Violation(Wrong.LOST, "", what))
    return found


async def _check_money(world: World) -> list[Violation]:
    found = []
    booked: dict[str, int] = {}
    paid: list[str] = []
    for reference, amount, state, is_refund_due, is_paid, total, number in await world.ask(PAYMENTS):
        booked[reference] = amount
        paid.append(number)
        if state != "paid" or not is_paid or is_refund_due or amount != total:
            what = f"order {number}: payment {state} of {amount}, order paid {is_paid} of {total}"
            found.append(Violation(Wrong.OTHER, "", what))
    if booked != world.captured:
        lost = sorted(set(world.captured) - set(booked))
        odd = sorted(set(booked) - set(world.captured))
        what = f"money taken and not booked: {lost}; booked and not taken: {odd}"
        found.append(Violation(Wrong.LOST if lost else Wrong.OTHER, "", what))
    if len(set(paid)) < len(paid):
        found.append(Violation(Wrong.DOUBLED, "", f"an order was paid twice: {sorted(paid)}"))
    return found


async def _check_tenants(world: World) -> list[Violation]:
    found = []
    for name, child, parent, column, key in await world.ask(PARENTS):
        statement = (
            f"select count(*) from {child} c join {parent} p on p.{key} = c.{column}"  # noqa: S608  names of ours
            " where p.tenant_id <> c.tenant_id"
        )
        if key == "id" and (count := (await world.ask(statement))[0][0]):
            found.append(Violation(Wrong.OTHER, "", f"{count} rows of another tenant's by {name}"))
    return found


def check_logs(logs: Iterable[Path], secrets: Sequence[str], numbers: Iterable[str]) -> list[Violation]:
    """No log names a secret or a shopper's full number."""
    hidden = re.compile("|".join(re.escape(word) for word in [*secrets, *numbers]))
    found = []
    for path in logs:
        lines = path.read_text(errors="replace").splitlines()
        told = [number for number, line in enumerate(lines, 1) if hidden.search(line)]
        if told:
            what = f"{path.name} tells a secret or a number in {len(told)} lines, first in line {told[0]}"
            found.append(Violation(Wrong.OTHER, "", what))
    return found


def _logs(world: World) -> list[Path]:
    folder = world.stage.logs
    return [*(path for path in sorted(folder.glob("*.log*")) if path.name not in NOT_OURS)]


def _passwords(urls: Urls) -> list[str]:
    parts = (urlsplit(url).password for url in (urls.application, urls.bot))
    return [unquote(password) for password in parts if password]
