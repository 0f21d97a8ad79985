"""Roads: a channel account whose messages leave by another of the tenant's accounts, and may come in by it.

A seller whose own WhatsApp number is blocked goes on through the platform's Twilio. Nothing moves but one
pointer: conversations keep their ids, their threads and what was said of consent; what is queued, or was held
back for the account's sake, leaves by the new road under its own keys; receipts of what was sent before still
find it. Switching back takes the pointer away. Only accounts whose providers know shoppers by the same
addresses can stand in for each other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundMessage
from commerce_api.conversations import accounts, notices, outbox, pacing
from commerce_api.conversations.errors import RoadUnfit
from commerce_api.conversations.models import ChannelAccount, ContactAddress, Message
from commerce_api.core import tenancy
from commerce_api.core.secrets import Vault
from commerce_api.core.statements import Statement

# Channels whose shoppers have the same addresses.
SAME_ADDRESSES = (frozenset({"whatsapp", "whatsapp_twilio"}), frozenset({"sms_twilio", "sms_africastalking"}))
WAITING = ("queued", "sending")
SERVES = Statement(
    "select id from channel_accounts where tenant_id = %(tenant)s and road_id = %(account)s limit 1"
)


async def switch(session: AsyncSession, account_id: UUID, road_id: UUID, now: datetime) -> ChannelAccount:
    """Has the account's messages leave by ``road_id`` from now on; by itself again when that is itself.

    Raises NotFound, and RoadUnfit saying why.
    """
    account = await accounts.find(session, account_id)
    road = await accounts.find(session, road_id)
    if road.id != account.id:
        await _check(session, account, road)
    account.road_id = None if road.id == account.id else road.id
    await session.flush()
    await _hurry(session, account.id, now)
    return account


async def change(
    session: AsyncSession,
    vault: Vault,
    account_id: UUID,
    *,
    name: str | None = None,
    display_number: str | None = None,
    is_active: bool | None = None,
    credentials: Mapping[str, str] | None = None,
    now: datetime,
) -> ChannelAccount:
    """Changes what is given of an account; with new credentials, what was held back is tried at once.

    Raises NotFound and CredentialsMissing.
    """
    account = await accounts.change(
        session,
        vault,
        account_id,
        name=name,
        display_number=display_number,
        is_active=is_active,
        credentials=credentials,
    )
    await session.flush()
    if credentials is not None or is_active:
        await _hurry(session, account.id, now, is_mended=True)
    return account


async def homes(
    session: AsyncSession, account: ChannelAccount, messages: Sequence[InboundMessage]
) -> list[tuple[ChannelAccount, list[InboundMessage]]]:
    """What came in on ``account``, by the account whose conversations it belongs to; in the same order.

    Most often that is itself. Where it serves as another's road it is that other, unless the shopper has a
    conversation here and none there.
    """
    if await SERVES.first(session, tenant=account.tenant_id, account=account.id) is None:
        return [(account, list(messages))]
    served = (
        await session.scalars(
            select(ChannelAccount)
            .where(ChannelAccount.road_id == account.id)
            .order_by(ChannelAccount.created_at, ChannelAccount.id)
        )
    ).all()
    rows = await session.execute(
        select(ContactAddress.address, ContactAddress.channel_account_id).where(
            ContactAddress.channel_account_id.in_([account.id, *(one.id for one in served)]),
            ContactAddress.address.in_({message.sender for message in messages}),
            ContactAddress.replaced_at.is_(None),
        )
    )
    known = {(row.address, row.channel_account_id) for row in rows}
    by_home: dict[UUID, list[InboundMessage]] = {}
    for message in messages:
        first = next((one for one in (*served, account) if (message.sender, one.id) in known), served[0])
        by_home.setdefault(first.id, []).append(message)
    return [(one, by_home[one.id]) for one in (*served, account) if one.id in by_home]


async def _check(session: AsyncSession, account: ChannelAccount, road: ChannelAccount) -> None:
    if not any({account.channel, road.channel} <= group for group in SAME_ADDRESSES):
        raise RoadUnfit(f"{road.channel} doesn't know shoppers by the addresses {account.channel} does.")
    if not road.is_active:
        raise RoadUnfit("That account is not in use.")
    if road.road_id is not None:
        raise RoadUnfit("That account sends by another itself.")
    serves = select(ChannelAccount.id).where(ChannelAccount.road_id == account.id).limit(1)
    if await session.scalar(serves) is not None:
        raise RoadUnfit("Another account sends by this one: switch that one first.")


async def _hurry(session: AsyncSession, account_id: UUID, now: datetime, *, is_mended: bool = False) -> None:
    """What waited for the account to send again waits no longer; a mended one begins anew."""
    await session.execute(
        text(
            "update messages set due_at = :now, pace_epoch = null where tenant_id = :tenant"
            # Without a time when it is due it waits for the shopper to dial, not for the account.
            " and channel_account_id = :account and status = 'queued' and due_at is not null"
        ),
        {"now": now, "tenant": tenancy.current(session), "account": account_id},
    )
    if is_mended:
        # After the messages and before the jobs, in the order in which whoever sends takes them.
        await pacing.forget(session, account_id)
    waiting = await session.scalars(
        select(Message.conversation_id)
        .where(
            Message.channel_account_id == account_id,
            Message.status.in_(WAITING),
            Message.due_at.is_not(None),
        )
        .distinct()
    )
    for conversation_id in waiting.all():
        await outbox.ask_for_delivery(session, tenancy.current(session), conversation_id)
    await notices.close(session, account_id, now)
