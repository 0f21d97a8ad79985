"""How fast messages go out: token buckets in PostgreSQL, shared by every worker.

A bucket is one row and one moment, ``full_at``: when it would be full again if nothing more were taken. Who
takes a token is given a place in time, and comes back then; nobody looks again and again. A provider that
throttles empties the bucket and pauses it, doubling from pause to pause; places given out before a pause are
void (``epoch`` tells). What came in on an account counts as well, as providers count it.

``now`` is the database's time for whatever sends, so that workers whose clocks differ share a bucket.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.provider import Rates
from commerce_api.conversations.models import Message
from commerce_api.core import tenancy
from commerce_api.core.statements import Statement


class Scope(StrEnum):
    """What a bucket is of: a channel account, or one shopper on it (a conversation)."""

    ACCOUNT = "account"
    PAIR = "pair"


# The providers' codes for "too fast". Meta: "Cloud API error codes"; Twilio: "Error and warning dictionary".
TOO_FAST_FOR_ACCOUNT = frozenset(
    {"429", "4", "613", "80007", "130429", "131057", "133016", "20429", "63018", "14107", "30001"}
)
TOO_FAST_FOR_PAIR = frozenset({"131056", "63038"})
# What an account may send at once after a pause of its own, as seconds of its rate.
ACCOUNT_BURST = 0.25
LONGEST_PAUSE = 60.0
# Other failures in a row before the account rests: one bad answer is no reason.
FAILURES_BORNE = 3
# What came in longer ago no longer weighs on the rate.
WEIGHED = timedelta(seconds=5)

TAKE = Statement(
    "insert into buckets as b (tenant_id, scope, subject_id, full_at, counted_at)"
    " values (%(tenant)s, %(scope)s, %(subject)s, cast(%(now)s as timestamptz) + %(each)s, %(now)s)"
    " on conflict (tenant_id, scope, subject_id) do update set"
    " full_at = greatest(b.full_at, %(now)s) + %(each)s * (1 + ("
    "   select count(*) from messages m where %(scope)s = 'account' and m.tenant_id = b.tenant_id"
    "   and m.channel_account_id = b.subject_id and m.direction = 'inbound'"
    "   and m.created_at > greatest(b.counted_at, %(since)s) and m.created_at <= %(now)s)),"
    " counted_at = greatest(b.counted_at, %(now)s)"
    " returning full_at, epoch, strikes"
)
EPOCHS = Statement(
    "select coalesce(sum(epoch), 0)::bigint as epoch from buckets"
    " where tenant_id = %(tenant)s and ((scope = 'account' and subject_id = %(account)s)"
    " or (scope = 'pair' and subject_id = %(conversation)s))"
)
# One strike a pause: ten tries that were under way together are throttled together.
STRIKE = Statement(
    "update buckets b set strikes = b.strikes + 1, epoch = b.epoch + p.paused,"
    " paused_until = case when p.paused = 1 then p.until else b.paused_until end,"
    " full_at = case when p.paused = 1 then greatest(b.full_at, p.until + %(burst)s) else b.full_at end"
    " from (select k.tenant_id, k.scope, k.subject_id,"
    "   case when k.strikes >= %(borne)s then 1 else 0 end as paused, cast(%(now)s as timestamptz) +"
    "   make_interval(secs => coalesce(cast(%(asked)s as float8), least(cast(%(longest)s as float8),"
    "   power(cast(%(base)s as float8), least(k.strikes - %(borne)s, 10))"
    "   * (0.5 + cast(%(jitter)s as float8))))) as until"
    "   from buckets k where k.tenant_id = %(tenant)s and k.scope = %(scope)s and k.subject_id = %(subject)s"
    "   and (k.paused_until is null or k.paused_until <= %(now)s) for update) p"
    " where b.tenant_id = p.tenant_id and b.scope = p.scope and b.subject_id = p.subject_id"
)
CALM = Statement(
    "update buckets set strikes = 0 where tenant_id = %(tenant)s and strikes > 0"
    " and ((scope = 'account' and subject_id = %(account)s)"
    " or (scope = 'pair' and subject_id = %(conversation)s))"
)
FORGET = Statement(
    "update buckets set strikes = 0, epoch = epoch + 1, paused_until = null, full_at = counted_at"
    " where tenant_id = %(tenant)s and scope = 'account' and subject_id = %(account)s"
)

FULL = Statement(
    "delete from buckets where tenant_id = %(tenant)s"
    " and full_at < %(then)s and coalesce(paused_until, full_at) < %(then)s"
)
# Long after any place that was given out, or flood that was told of: a full bucket is as good as none.
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """Where a message stands in line: its account, its shopper, and the provider's rates."""

    account_id: UUID
    conversation_id: UUID
    rates: Rates


@dataclass(frozen=True)
class Place:
    """When a message may go out. It holds while ``epoch`` is that of the line."""

    at: datetime
    epoch: int


@dataclass(frozen=True)
class Failure:
    """Why a try failed; ``is_of_account`` when every other of the account would have failed as well."""

    code: str
    retry_after: float | None = None
    is_of_account: bool = False


async def place(session: AsyncSession, line: Line, message: Message, now: datetime) -> Place:
    """The message's place in line: the one it has, when that is still good, else a new one.

    Not before ``now``; in the order of asking.
    """
    if message.pace_epoch is not None and message.due_at is not None:
        epoch = (await EPOCHS.first(session, **_both(session, line))).epoch
        if epoch == message.pace_epoch:
            return Place(max(now, message.due_at), epoch)
    rates, places = line.rates, []
    if rates.pair_seconds > 0:
        each = timedelta(seconds=rates.pair_seconds)
        taken = await _take(session, Scope.PAIR, line.conversation_id, each, rates.burst * each, now=now)
        places.append(taken)
    each = timedelta(seconds=1 / rates.account_per_second)
    places.append(await _take(session, Scope.ACCOUNT, line.account_id, each, _account_burst(rates), now=now))
    return Place(max(one.at for one in places), sum(one.epoch for one in places))


async def slow_down(
    session: AsyncSession, line: Line, failure: Failure, now: datetime, *, jitter: float
) -> None:
    """A try failed and may succeed later: too fast, the account at fault, or the provider in trouble.

    The first two pause the bucket concerned for as long as was asked, or doubling; other failures pause the
    account when there are many in a row.
    """
    code, retry_after = failure.code, failure.retry_after
    facts: dict[str, Any] = {"jitter": jitter, "now": now, "longest": LONGEST_PAUSE}
    if code in TOO_FAST_FOR_PAIR:
        burst = timedelta(seconds=line.rates.pair_seconds * line.rates.burst)
        scope, subject, base, borne = Scope.PAIR, line.conversation_id, 4.0, 0
    else:
        burst = _account_burst(line.rates)
        scope, subject, base = Scope.ACCOUNT, line.account_id, 2.0
        borne = 0 if failure.is_of_account or code in TOO_FAST_FOR_ACCOUNT else FAILURES_BORNE
    # What another failure was asked to wait for is that message's affair.
    asked = min(retry_after, LONGEST_PAUSE) if retry_after is not None and borne == 0 else None
    facts |= {
        "burst": burst,
        "base": base,
        "borne": borne,
        "asked": asked,
        "scope": scope,
        "subject": subject,
    }
    await STRIKE.run(session, tenant=tenancy.current(session), **facts)


async def calm_down(session: AsyncSession, line: Line) -> None:
    """A message was taken: the next pause is a short one again."""
    await CALM.run(session, **_both(session, line))


async def forget(session: AsyncSession, account_id: UUID) -> None:
    """The account begins anew: its owner mended it."""
    await FORGET.run(session, tenant=tenancy.current(session), account=account_id)


async def forget_full(session: AsyncSession, now: datetime) -> None:
    """Forgets the entered tenant's buckets of which nothing was taken for a day."""
    await FULL.run(session, tenant=tenancy.current(session), then=now - KEPT)


async def _take(
    session: AsyncSession, scope: Scope, subject: UUID, each: timedelta, burst: timedelta, *, now: datetime
) -> Place:
    facts = {"tenant": tenancy.current(session), "scope": scope, "subject": subject, "each": each, "now": now}
    row = await TAKE.first(session, since=now - WEIGHED, **facts)
    return Place(max(now, row.full_at - max(burst, each)), row.epoch)


def _account_burst(rates: Rates) -> timedelta:
    each = 1 / rates.account_per_second
    return timedelta(seconds=max(each, ACCOUNT_BURST))


def _both(session: AsyncSession, line: Line) -> Mapping[str, Any]:
    return {
        "tenant": tenancy.current(session),
        "account": line.account_id,
        "conversation": line.conversation_id,
    }
