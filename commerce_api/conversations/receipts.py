"""Delivery receipts: stored whatever order they come in, and never moving a message back.

Statuses stand in one line, ``queued < sending < sent < failed < delivered < read``, and what a part's
receipts add up to is the highest of them: any order and any repetition ends the same. ``failed`` only
overtakes ``sent``, and a late ``delivered`` (a second phone) overtakes ``failed``, as Meta documents.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from channels.messages import Receipt, ReceiptStatus
from commerce_api.conversations import cleaning, undelivered
from commerce_api.conversations.models import (
    ChannelAccount,
    DeliveryStatus,
    Message,
    MessagePart,
    StoredReceipt,
)

LINE = (
    DeliveryStatus.QUEUED,
    DeliveryStatus.SENDING,
    DeliveryStatus.SENT,
    DeliveryStatus.FAILED,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.READ,
)
LONGEST_ID = 512


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
    for provider_message_id in ids:
        await hold(session, account.id, provider_message_id)
    new = 0
    for receipt in receipts:
        new += await _store(session, account, receipt, now)
    await _apply(session, account.id, ids)
    await undelivered.told(session, account.id, concerned, now)
    return new, len(receipts) - new


async def catch_up(session: AsyncSession, part: MessagePart) -> None:
    """Applies receipts that came before ``part`` had its id; the caller holds the id and the message."""
    stored = await _stored(session, part.channel_account_id, [part.provider_message_id or ""])
    _advance(part, stored.get(part.provider_message_id or "", []))


async def hold(session: AsyncSession, account_id: UUID, provider_message_id: str) -> None:
    """Makes this provider's id the session's until it ends.

    Taken before a receipt is stored and before a part gets its id, and in both before any message is locked:
    of the two, whichever comes second sees the first.
    """
    key = f"{account_id}:{provider_message_id}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 1))))


def _storable_id(provider_message_id: str) -> str:
    return cleaning.text(provider_message_id, LONGEST_ID) or ""


async def _store(session: AsyncSession, account: ChannelAccount, receipt: Receipt, now: datetime) -> int:
    statement = (
        insert(StoredReceipt)
        .values(
            tenant_id=account.tenant_id,
            id=uuid4(),
            channel_account_id=account.id,
            provider_message_id=_storable_id(receipt.provider_message_id),
            status=DeliveryStatus(receipt.status.value),
            at=receipt.at,
            failure_code=cleaning.text(receipt.error_code, 64),
            failure_text=cleaning.text(receipt.error_text, 1024),
            raw=cleaning.json_value(receipt.raw),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(StoredReceipt.id)
    )
    return 0 if (await session.execute(statement)).one_or_none() is None else 1


async def _apply(session: AsyncSession, account_id: UUID, ids: Sequence[str]) -> None:
    concerned = select(MessagePart.message_id).where(
        MessagePart.channel_account_id == account_id, MessagePart.provider_message_id.in_(ids)
    )
    messages = (
        await session.scalars(
            select(Message)
            .where(Message.id.in_(concerned))
            .options(selectinload(Message.parts))
            .order_by(Message.id)
            .with_for_update(of=Message)
            .execution_options(populate_existing=True)
        )
    ).all()
    stored = await _stored(session, account_id, ids) if messages else {}
    for message in messages:
        for part in message.parts:
            if part.provider_message_id in stored:
                _advance(part, stored[part.provider_message_id])
        settle(message, message.parts)


def _advance(part: MessagePart, receipts: Sequence[StoredReceipt]) -> None:
    part.status = furthest([part.status, *(receipt.status for receipt in receipts)])
    failed = [receipt for receipt in receipts if receipt.status is DeliveryStatus.FAILED]
    if part.status is DeliveryStatus.FAILED and failed:
        part.failure_code, part.failure_text = failed[0].failure_code, failed[0].failure_text


def settle(message: Message, parts: Sequence[MessagePart]) -> None:
    """Makes the message's status follow from its parts'."""
    before = message.status or DeliveryStatus.QUEUED
    message.status = of_message([part.status for part in parts], before)
    failed = [part for part in parts if part.status is DeliveryStatus.FAILED]
    message.failure_code = failed[0].failure_code if failed else None
    message.failure_text = failed[0].failure_text if failed else None
    if LINE.index(message.status) >= LINE.index(DeliveryStatus.SENT):
        message.due_at = None


async def _stored(
    session: AsyncSession, account_id: UUID, ids: Sequence[str]
) -> dict[str, list[StoredReceipt]]:
    found = await session.scalars(
        select(StoredReceipt).where(
            StoredReceipt.channel_account_id == account_id, StoredReceipt.provider_message_id.in_(ids)
        )
    )
    by_id: defaultdict[str, list[StoredReceipt]] = defaultdict(list)
    for receipt in found:
        by_id[receipt.provider_message_id].append(receipt)
    return by_id
