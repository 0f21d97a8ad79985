"""A shop's figures, each one statement. Times are the shop's own days; money is in its currency.

A conversation **needed a person** when the assistant asked for one, or a seller took over or wrote, in
the time. The **first response** to a request is the seller's next message; a request is **resolved** when
the conversation is closed or handed back.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.core.tenancy import current

Rows = list[dict[str, Any]]

DAYS = text(
    """
    with days as (
      select generate_series(
        date_trunc('day', cast(:since as timestamptz) at time zone :zone),
        (cast(:until as timestamptz) - interval '1 microsecond') at time zone :zone, interval '1 day') as day
    ), said as (
      select date_trunc('day', created_at at time zone :zone) as day,
        count(*) filter (where direction = 'inbound' and kind <> 'event') as inbound,
        count(*) filter (where direction = 'outbound') as outbound
      from messages where tenant_id = :tenant and created_at >= :since and created_at < :until group by 1
    ), begun as (
      select date_trunc('day', created_at at time zone :zone) as day, count(*) as conversations
      from conversations where tenant_id = :tenant and created_at >= :since and created_at < :until group by 1
    ), sold as (
      select date_trunc('day', placed_at at time zone :zone) as day, count(*) as orders, sum(total) as sales
      from orders where tenant_id = :tenant and placed_at >= :since and placed_at < :until
        and state <> 'cancelled' group by 1
    )
    select days.day::date as day, coalesce(inbound, 0) as inbound, coalesce(outbound, 0) as outbound,
      coalesce(conversations, 0) as conversations, coalesce(orders, 0) as orders,
      coalesce(sales, 0)::bigint as sales
    from days left join said using (day) left join begun using (day) left join sold using (day) order by 1
    """
)
CHANNELS = text(
    """
    select c.channel, count(distinct c.id) as conversations, count(*) as inbound
    from messages m join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
    where m.tenant_id = :tenant and m.direction = 'inbound' and m.kind <> 'event'
      and m.created_at >= :since and m.created_at < :until
    group by 1 order by 3 desc, 1
    """
)
FIRST_RESPONSE = text(
    """
    select count(answered.at) as count,
      percentile_cont(0.5) within group (order by extract(epoch from answered.at - asked.at)) as median,
      percentile_cont(0.9) within group (order by extract(epoch from answered.at - asked.at)) as p90
    from conversation_steps asked cross join lateral (
      select m.created_at as at from messages m
      where m.tenant_id = asked.tenant_id and m.conversation_id = asked.conversation_id
        and m.author = 'seller' and m.created_at >= asked.at order by m.created_at limit 1
    ) answered
    where asked.tenant_id = :tenant and asked.kind = 'handed_off' and asked.at >= :since and asked.at < :until
    """
)
RESOLUTION = text(
    """
    select count(ended.at) as count,
      percentile_cont(0.5) within group (order by extract(epoch from ended.at - asked.at)) as median,
      percentile_cont(0.9) within group (order by extract(epoch from ended.at - asked.at)) as p90
    from conversation_steps asked cross join lateral (
      select s.at from conversation_steps s
      where s.tenant_id = asked.tenant_id and s.conversation_id = asked.conversation_id
        and s.kind in ('handed_back', 'conversation_closed') and s.at >= asked.at order by s.at limit 1
    ) ended
    where asked.tenant_id = :tenant and asked.kind = 'handed_off' and asked.at >= :since and asked.at < :until
    """
)
CONTAINMENT = text(
    """
    with wrote as (
      select distinct conversation_id as id from messages
      where tenant_id = :tenant and direction = 'inbound' and kind <> 'event'
        and created_at >= :since and created_at < :until
    ), needed as (
      select conversation_id as id from conversation_steps
      where tenant_id = :tenant and kind in ('handed_off', 'taken_over') and at >= :since and at < :until
      union
      select conversation_id from messages
      where tenant_id = :tenant and author = 'seller' and created_at >= :since and created_at < :until
    )
    select count(*) as conversations, count(*) filter (where needed.id is null) as without_person
    from wrote left join needed using (id)
    """
)
REASONS = text(
    """
    select coalesce(facts ->> 'reason', '') as reason, count(*) as count from conversation_steps
    where tenant_id = :tenant and kind = 'handed_off' and at >= :since and at < :until
    group by 1 order by 2 desc, 1 limit 10
    """
)
FUNNEL = text(
    """
    select
      (select count(distinct conversation_id) from messages where tenant_id = :tenant
        and direction = 'inbound' and kind <> 'event' and created_at >= :since and created_at < :until
      ) as conversations,
      (select count(*) from carts c where c.tenant_id = :tenant and c.created_at >= :since
        and c.created_at < :until and (c.state = 'ordered' or exists (select from cart_lines l
        where l.tenant_id = c.tenant_id and l.cart_id = c.id))) as carts,
      count(*) as orders, count(*) filter (where is_paid) as paid
    from orders where tenant_id = :tenant and placed_at >= :since and placed_at < :until
    """
)
UPSELL = text(
    """
    select count(*) as offered, count(*) filter (where state = 'accepted') as accepted,
      count(*) filter (where state = 'declined') as declined
    from upsell_offers where tenant_id = :tenant and created_at >= :since and created_at < :until
    """
)
BARGAINS = text(
    """
    select count(*) as begun, count(agreed_price) as agreed, count(*) filter (where state = 'used') as bought,
      round(avg(100.0 * (regular_price - agreed_price) / regular_price)
        filter (where agreed_price is not null), 1)::float as percent_off
    from bargains where tenant_id = :tenant and created_at >= :since and created_at < :until
    """
)
NOT_UNDERSTOOD = text(
    """
    select facts ->> 'guess' as guess, count(*) as count, max(at) as last_at,
      (array_agg(conversation_id order by at desc))[1] as last_conversation_id
    from conversation_steps
    where tenant_id = :tenant and kind = 'not_understood' and at >= :since and at < :until
    group by 1 order by 2 desc, 1 limit 20
    """
)


async def figures(session: AsyncSession, since: datetime, until: datetime, zone: str) -> dict[str, Any]:
    """Every figure of the session's tenant by its name; ``zone`` is an IANA name. See ``AnalyticsRead``."""
    facts = {"tenant": current(session), "since": since, "until": until, "zone": zone}

    async def rows(statement: Any) -> Rows:
        return [dict(row) for row in (await session.execute(statement, facts)).mappings()]

    async def one(statement: Any) -> dict[str, Any]:
        return (await rows(statement))[0]

    return {
        "days": await rows(DAYS),
        "channels": await rows(CHANNELS),
        "first_response": await one(FIRST_RESPONSE),
        "resolution": await one(RESOLUTION),
        "containment": await one(CONTAINMENT),
        "handoff_reasons": await rows(REASONS),
        "funnel": await one(FUNNEL),
        "upsell": await one(UPSELL),
        "bargains": await one(BARGAINS),
        "not_understood": await rows(NOT_UNDERSTOOD),
    }
