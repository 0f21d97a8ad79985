"""Delivery receipts: stored whatever order they come in, and never moving a message back.

Statuses stand in one line, ``queued < sending < sent < failed < delivered < read``, and what a part's
receipts add up to is the highest of them: any order and any repetition ends the same. ``failed`` only
overtakes ``sent``, and a late ``delivered`` (a second phone) overtakes ``failed``, as Meta documents.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import Receipt, ReceiptStatus
from commerce_api.conversations import cleaning, undelivered
from commerce_api.conversations.models import ChannelAccount, DeliveryStatus, Message, MessagePart
from commerce_api.core.statements import Statement

LINE = (
    DeliveryStatus.QUEUED,
    DeliveryStatus.SENDING,
    DeliveryStatus.SENT,
    DeliveryStatus.FAILED,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.READ,
)
LONGEST_ID = 512

# In one order whoever asks, so that two sessions never wait for each other in a ring.
HOLD = Statement(
    "select pg_advisory_xact_lock(key) from (select distinct hashtextextended(name, 1) as key"
    " from unnest(%(keys)s::text[]) as name order by key) as keys"
)
STORE = Statement(
    "insert into receipts (tenant_id, id, channel_account_id, provider_message_id, status, at, failure_code,"
    " failure_text, raw, created_at)"
    " select %(tenant)s, r.id, %(account)s, r.provider_message_id, r.status, r.at, r.failure_code,"
    " r.failure_text, r.raw, %(now)s from jsonb_to_recordset(%(rows)s) as r (id uuid,"
    " provider_message_id text, status text, at timestamptz, failure_code text, failure_text text, raw jsonb)"
    " on conflict do nothing"
)
# Every part of the messages, locked with them: what a worker is writing this moment is waited for.
CONCERNED = Statement(
    "select p.id, p.message_id, p.provider_message_id, p.status, p.failure_code, p.failure_text,"
    " m.status as message_status from messages m"
    " join message_parts p on p.tenant_id = m.tenant_id and p.message_id = m.id"
    " where m.tenant_id = %(tenant)s and m.id in (select named.message_id from message_parts named"
    "  where named.tenant_id = %(tenant)s and named.channel_account_id = %(account)s"
    "  and named.provider_message_id = any(%(ids)s::text[]))"
    " order by m.id, p.part for update of m, p"
)
TOLD = Statement(
    "select provider_message_id, status, failure_code, failure_text from receipts"
    " where tenant_id = %(tenant)s and channel_account_id = %(account)s"
    " and provider_message_id = any(%(ids)s::text[])"
)
MOVE = Statement(
    "with moved as (update message_parts p set status = new.status, failure_code = new.failure_code,"
    "  failure_text = new.failure_text from jsonb_to_recordset(%(parts)s)"
    "  as new (id uuid, status text, failure_code text, failure_text text)"
    "  where p.tenant_id = %(tenant)s and p.id = new.id)"
    " update messages m set status = new.status, failure_code = new.failure_code,"
    " failure_text = new.failure_text, due_at = case when new.is_sent then null else m.due_at end"
    " from jsonb_to_recordset(%(messages)s)"
    " as new (id uuid, status text, failure_code text, failure_text text, is_sent bool)"
    " where m.tenant_id = %(tenant)s and m.id = new.id"
    " and (m.status, m.failure_code, m.failure_text, m.due_at is null) is distinct from"
    " (new.status, new.failure_code, new.failure_text, new.is_sent or m.due_at is null)"
)


@dataclass(frozen=True)
class PartState:
    """How far one part got, and why it failed if it did."""

    id: UUID
    status: DeliveryStatus
    failure_code: str | None
    failure_text: str | None


@dataclass(frozen=True)
class Settled:
    """A message's state by its parts'; ``is_sent`` once nothing of it is left to send."""

    status: DeliveryStatus
    failure_code: str | None
    failure_text: str | None
    is_sent: bool


def furthest(statuses: Iterable[DeliveryStatus]) -> DeliveryStatus:
    """The highest status of the line. Raises ValueError when there is none."""
    return max(statuses, key=LINE.index)


def of_message(parts: Sequence[DeliveryStatus], before: DeliveryStatus) -> DeliveryStatus:
    """A message's status by its parts': failed if one is, as far as the least of them once all are sent.

    Until then it stays what it was: the worker is still at it.
    """
    if DeliveryStatus.FAILED in parts:
        return DeliveryStatus.FAILED
    least = min(parts, key=LINE.index)
    return before if LINE.index(least) < LINE.index(DeliveryStatus.SENT) else least


async def record(
    session: AsyncSession, account: ChannelAccount, receipts: Sequence[Receipt], now: datetime
) -> tuple[int, int]:
    """Stores receipts of one account and applies them; how many were new, and how many known already.

    A receipt whose message isn't known by that id yet waits: ``catch_up`` applies it. What turns out to be
    undeliverable asks for a person.
    """
    failures = [receipt for receipt in receipts if receipt.status is ReceiptStatus.FAILED]
    concerned = await undelivered.concerned(session, account.id, failures)
    ids = sorted({_storable_id(receipt.provider_message_id) for receipt in receipts})
    await HOLD.run(session, keys=[_key(account.id, one) for one in ids])
    new = await _store(session, account, receipts, now)
    if new:
        await _apply(session, account, ids)
    await undelivered.told(session, account.id, concerned, now)
    return new, len(receipts) - new


async def catch_up(session: AsyncSession, part: MessagePart) -> None:
    """Applies receipts that came before ``part`` had its id; the caller holds the id and the message."""
    told = await TOLD.all(
        session,
        tenant=part.tenant_id,
        account=part.channel_account_id,
        ids=[part.provider_message_id or ""],
    )
    state = _advanced(PartState(part.id, part.status, part.failure_code, part.failure_text), told)
    part.status, part.failure_code, part.failure_text = state.status, state.failure_code, state.failure_text


async def hold(session: AsyncSession, account_id: UUID, provider_message_id: str) -> None:
    """Makes this provider's id the session's until it ends.

    Taken before a receipt is stored and before a part gets its id, and in both before any message is locked:
    of the two, whichever comes second sees the first.
    """
    await HOLD.run(session, keys=[_key(account_id, provider_message_id)])


def _key(account_id: UUID, provider_message_id: str) -> str:
    return f"{account_id}:{provider_message_id}"


def _storable_id(provider_message_id: str) -> str:
    return cleaning.text(provider_message_id, LONGEST_ID) or ""


async def _store(
    session: AsyncSession, account: ChannelAccount, receipts: Sequence[Receipt], now: datetime
) -> int:
    rows = [
        {
            "id": str(uuid4()),
            "provider_message_id": _storable_id(receipt.provider_message_id),
            "status": receipt.status.value,
            "at": receipt.at.isoformat(),
            "failure_code": cleaning.text(receipt.error_code, 64),
            "failure_text": cleaning.text(receipt.error_text, 1024),
            "raw": cleaning.json_value(receipt.raw),
        }
        for receipt in receipts
    ]
    return await STORE.run(session, tenant=account.tenant_id, account=account.id, rows=Jsonb(rows), now=now)


async def _apply(session: AsyncSession, account: ChannelAccount, ids: Sequence[str]) -> None:
    """Moves what the ids were given to as far as all that was told of it."""
    of_account = {"tenant": account.tenant_id, "account": account.id, "ids": list(ids)}
    rows = await CONCERNED.all(session, **of_account)
    if not rows:
        return
    told = defaultdict(list)
    for receipt in await TOLD.all(session, **of_account):
        told[receipt.provider_message_id].append(receipt)
    by_message = defaultdict(list)
    for row in rows:
        by_message[row.message_id].append(row)
    parts, messages = [], []
    for message_id, its in by_message.items():
        before = [
            PartState(one.id, DeliveryStatus(one.status), one.failure_code, one.failure_text) for one in its
        ]
        # An id that nobody asked about isn't held, and whoever holds it applies what is told of it.
        after = [
            _advanced(part, told.get(one.provider_message_id, ()))
            for part, one in zip(before, its, strict=True)
        ]
        parts += [part for part, was in zip(after, before, strict=True) if part != was]
        standing = settled(DeliveryStatus(its[0].message_status), after)
        messages.append({"id": str(message_id), **asdict(standing)})
    await MOVE.run(
        session,
        tenant=account.tenant_id,
        parts=Jsonb([{**asdict(part), "id": str(part.id)} for part in parts]),
        messages=Jsonb(messages),
    )


def _advanced(part: PartState, receipts: Sequence[Any]) -> PartState:
    """The part as far as its receipts, rows of ``TOLD``, say it got."""
    status = furthest([part.status, *(DeliveryStatus(receipt.status) for receipt in receipts)])
    failed = [receipt for receipt in receipts if receipt.status == DeliveryStatus.FAILED]
    if status is DeliveryStatus.FAILED and failed:
        return PartState(part.id, status, failed[0].failure_code, failed[0].failure_text)
    return replace(part, status=status)


def settled(before: DeliveryStatus, parts: Sequence[PartState | MessagePart]) -> Settled:
    """What a message's state follows to be from its parts'."""
    status = of_message([part.status for part in parts], before)
    failed = next((part for part in parts if part.status is DeliveryStatus.FAILED), None)
    return Settled(
        status=status,
        failure_code=failed.failure_code if failed else None,
        failure_text=failed.failure_text if failed else None,
        is_sent=LINE.index(status) >= LINE.index(DeliveryStatus.SENT),
    )


def settle(message: Message, parts: Sequence[MessagePart]) -> None:
    """Makes the message's status follow from its parts'."""
    standing = settled(message.status or DeliveryStatus.QUEUED, parts)
    message.status = standing.status
    message.failure_code, message.failure_text = standing.failure_code, standing.failure_text
    if standing.is_sent:
        message.due_at = None
