"""How fast the seller's inbox is in a busy shop: its pages, and what is told to pages that are open.

    python -m benchmarks.inbox --conversations 20000 --messages 400000 --pages 200 --write

Starts an API of its own with so many conversations in one shop, asks for the list, its views and a thread as
a browser does, and times each answer; then opens so many pages and times a new message until the last of them
has it. Exits with 1 when the p95 of the list or of a thread is above 150 ms, or a page waited longer than a
second. ``--write`` puts the table into ``docs/benchmarks.md``.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg

from benchmarks import _page
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants import sessions
from commerce_api.tenants.models import Membership, Role, Tenant, User
from stack import beside
from stack.beside import RunningSystem

PAGE_TARGET, TOLD_TARGET = 150.0, 1000.0
VIEWS = ("open", "waiting", "mine", "unassigned", "bot", "resolved")
FILL = (
    """insert into channel_accounts (tenant_id, id, channel, address, name, has_app_secret, is_active,
      created_at) values (%(tenant)s, %(account)s, 'whatsapp', 'bench', 'Line', false, true, now())""",
    """insert into contacts (tenant_id, id, name, phone, created_at)
    select %(tenant)s, gen_random_uuid(), 'Shopper ' || n, '+23480' || lpad(n::text, 8, '0'), now()
    from generate_series(1, %(talks)s) n""",
    """insert into conversations (tenant_id, id, contact_id, channel_account_id, channel, handled_by,
      handoff_at, last_message_at, reply_window_until, unread, next_position, created_at)
    select tenant_id, gen_random_uuid(), id, %(account)s, 'whatsapp',
      case when n %% 67 = 0 then 'waiting' when n %% 7 = 0 then 'seller' else 'bot' end,
      case when n %% 67 = 0 then now() - n * interval '1 second' end,
      now() - n * interval '1 minute', now() + interval '20 hours', n %% 3, %(each)s + 1, now()
    from (select *, row_number() over () n from contacts where tenant_id = %(tenant)s) c""",
    """insert into messages (tenant_id, id, conversation_id, channel_account_id, position, direction, kind,
      author, status, text, body, maybe_doubled, said_at, created_at)
    select c.tenant_id, gen_random_uuid(), c.id, c.channel_account_id, p,
      case when p %% 2 = 1 then 'inbound' else 'outbound' end, 'text',
      case when p %% 2 = 1 then 'shopper' else 'assistant' end,
      case when p %% 2 = 0 then 'delivered' end,
      'do you have ' || (array['ankara','rice','oil','lace','soap'])[1 + p %% 5] || ' number ' || p * 7919,
      '{}', false, c.last_message_at - (%(each)s - p) * interval '1 minute', now()
    from conversations c, generate_series(1, %(each)s) p where c.tenant_id = %(tenant)s""",
    "analyze conversations, messages, contacts",
)
SAY = """with talk as (update conversations set next_position = next_position + 1, last_message_at = now(),
  unread = unread + 1 where tenant_id = %(tenant)s and id = %(talk)s returning *)
insert into messages (tenant_id, id, conversation_id, channel_account_id, position, direction, kind, author,
  text, body, maybe_doubled, said_at, created_at)
select tenant_id, gen_random_uuid(), id, channel_account_id, next_position - 1, 'inbound', 'text', 'shopper',
  %(words)s, '{}', false, now(), now() from talk"""


@dataclass(frozen=True)
class Shop:
    """The shop that is asked about: its address at the desk, a conversation, and the cookie of a member."""

    tenant_id: UUID
    path: str
    talk_id: UUID
    cookie: str


async def open_shop(system: RunningSystem, talks: int, messages: int) -> Shop:
    """A shop with an owner who is signed in, so many conversations, and the messages spread over them."""
    database = Database(system.database)
    tenant = Tenant(
        slug="bench",
        name="Bench",
        currency="NGN",
        country="NG",
        languages=["en"],
        timezone="Africa/Lagos",
        payment_methods=[],
    )
    async with database.transaction() as session:
        user = User(email="bench@demo.example", name="Ada")
        session.add_all([tenant, user])
        await session.flush()
        await enter(session, tenant.id)
        session.add(Membership(user_id=user.id, role=Role.OWNER))
        cookie = await sessions.start(session, user, source=None, agent=None, now=datetime.now(UTC))
    await database.close()
    facts = {"tenant": tenant.id, "account": uuid4(), "talks": talks, "each": max(1, messages // talks)}
    with psycopg.connect(system.owner_database, autocommit=True) as connection:
        connection.execute("set row_security = off")
        for statement in FILL:
            connection.execute(statement, facts if "%(" in statement else None)
        found = connection.execute(
            "select id from conversations where tenant_id = %s order by last_message_at desc limit 1",
            (tenant.id,),
        ).fetchone()
    assert found
    return Shop(tenant.id, f"/console/shops/{tenant.slug}/inbox", found[0], cookie)


async def time_pages(http: httpx.AsyncClient, shop: Shop, rounds: int) -> dict[str, list[float]]:
    """Milliseconds until each page is there, whole."""
    asked = {
        **{f"list, {view}": f"{shop.path}?view={view}" for view in VIEWS},
        "list, search": f"{shop.path}?search=rice+7919",
        "thread": f"{shop.path}/{shop.talk_id}",
        "thread, newest messages": f"{shop.path}/{shop.talk_id}/messages",
        "contact, cart and orders": f"{shop.path}/{shop.talk_id}/side",
    }
    took: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, path in asked.items():
            began = time.perf_counter()
            answer = await http.get(path)
            took[name].append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return took


async def time_told(system: RunningSystem, shop: Shop, pages: int, rounds: int) -> list[float]:
    """Milliseconds from a message's commit until the last of so many open pages was told, each round."""
    limits = httpx.Limits(max_connections=pages + 10)
    took = []
    async with AsyncExitStack() as stack:
        http = httpx.AsyncClient(
            base_url=system.api, cookies={"session": shop.cookie}, limits=limits, timeout=60
        )
        await stack.enter_async_context(http)
        watching = f"{shop.path}/events?watching={shop.talk_id}"
        streams = [await stack.enter_async_context(http.stream("GET", watching)) for _ in range(pages)]
        lines = [stream.aiter_lines() for stream in streams]
        await asyncio.gather(*(_until(one, "event: ready") for one in lines))
        connection = await psycopg.AsyncConnection.connect(system.owner_database, autocommit=True)
        await stack.enter_async_context(connection)
        await connection.execute("set row_security = off")
        for turn in range(rounds):
            words = f"bench words {turn}"
            await connection.execute(SAY, {"tenant": shop.tenant_id, "talk": shop.talk_id, "words": words})
            began = time.perf_counter()
            await asyncio.gather(*(_until(one, words) for one in lines))
            took.append((time.perf_counter() - began) * 1000)
    return took


async def _until(lines: AsyncIterator[str], words: str) -> None:
    async for line in lines:
        if words in line:
            return


async def run(arguments: argparse.Namespace) -> int:
    """The benchmark; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        system = beside.start(Path(folder), {"DEMO": "1"}, only="api")
        try:
            shop = await open_shop(system, arguments.conversations, arguments.messages)
            cookies = {"session": shop.cookie}
            async with httpx.AsyncClient(base_url=system.api, cookies=cookies, timeout=60) as http:
                took = await time_pages(http, shop, arguments.rounds)
            told = await time_told(system, shop, arguments.pages, arguments.rounds)
        finally:
            system.stop()
    return report(took, told, arguments)


def report(took: dict[str, list[float]], told: Sequence[float], arguments: argparse.Namespace) -> int:
    """Prints the table, and writes it when asked."""
    lines = ["| what | p50 ms | p95 ms |", "|---|---|---|"]
    pages = f"{arguments.pages} open pages, until the last was told"
    for name, times in {**took, pages: list(told)}.items():
        lines.append(f"| {name} | {statistics.median(times):.0f} | {_p95(times):.0f} |")
    size = f"{arguments.conversations:,} conversations, {arguments.messages:,} messages in one shop"
    print("\n".join([size, *lines]))
    if arguments.write:
        told_of = _page.circumstances("PostgreSQL of the project", "python -m benchmarks.inbox --write")
        _page.write("The inbox", [f"{size}; whole pages over HTTP.", "", *lines, "", *told_of])
    slowest = max(_p95(times) for times in took.values())
    return int(slowest > PAGE_TARGET or max(told) > TOLD_TARGET)


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def main() -> int:
    """Reads the arguments and runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=400_000)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
