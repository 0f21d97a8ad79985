"""What a shopper who dials in can't read on the screen goes by SMS to the same phone.

That is a page's address, since a feature phone can't open what it shows, and whatever is said while nobody is
on the line: a person's reply, the news that a payment came. The seller needs an SMS account for it, and the
shopper must not have said STOP there; without either, all of it waits for the next dial.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import InboundKind, OutboundMessage
from channels.registry import PROVIDERS
from commerce_api.conversations import contacts, handing, ledger, queries
from commerce_api.conversations.models import (
    Author,
    ChannelAccount,
    Conversation,
    DeliveryStatus,
    Message,
)

SMS = "sms_"
LINKS_FOLLOW = "links_follow"
CARRIED_TO = "carried_to"
"""In a message's body: that its links go by SMS, and the conversation that says the whole of it instead."""


@dataclass(frozen=True)
class Carried:
    """What the SMS conversation ``talk`` is to say; in a person's name when ``seller_id`` says whose."""

    talk: Conversation
    message: OutboundMessage
    seller_id: UUID | None


async def carry(
    session: AsyncSession, conversation: Conversation, written: Sequence[UUID], now: datetime
) -> list[Carried]:
    """What is to go by SMS of messages just written to a dialled conversation, which is held.

    Those that go as a whole count as sent; the others wait to be shown.
    """
    rows = (
        await session.scalars(select(Message).where(Message.id.in_(written)).order_by(Message.position))
    ).all()
    offline = [row for row in rows if await _is_offline(session, row)]
    linked = [row for row in rows if row not in offline and (row.body.get("link") or row.body.get("pay"))]
    talk = await talk_by_sms(session, conversation, now) if offline or linked else None
    if talk is None:
        return []
    for row in linked:
        row.body = {**row.body, LINKS_FOLLOW: True}
    for row in offline:
        row.body = {**row.body, CARRIED_TO: str(talk.id)}
        # Done with here: whether the text message is delivered, its own conversation tells.
        row.status, row.sent_at = DeliveryStatus.SENT, now
    seller = next((row.seller_id for row in offline if row.author is Author.SELLER), None)
    if seller is not None:
        # Who answers by SMS is talking to that person.
        await handing.take_over(session, talk, seller, now)
    await session.flush()
    return [Carried(talk, _without_choices(row), row.seller_id) for row in rows if row in [*linked, *offline]]


async def talk_by_sms(
    session: AsyncSession, conversation: Conversation, now: datetime | None = None
) -> Conversation | None:
    """The contact's conversation on the seller's SMS account, where they may be written to; None without.

    With ``now`` it is made if need be and held; without, nothing is made, and one yet to be made is known by
    the conversation itself.
    """
    account, phone = await _account(session, conversation), conversation.contact.phone
    if account is None or phone is None:
        return None
    known = await session.scalar(
        select(Conversation).where(
            Conversation.channel_account_id == account.id, Conversation.contact_id == conversation.contact_id
        )
    )
    if known is not None and now is not None:
        known = await queries.lock(session, known.id)
    if known is None:
        if now is None:
            return conversation
        known = await contacts.conversation_with(session, account, phone, name=None, now=now)
        if known.contact_id != conversation.contact_id:
            return None
    standing = await ledger.standing(session, known)
    return known if not standing.is_stopped else None


async def _account(session: AsyncSession, conversation: Conversation) -> ChannelAccount | None:
    """The seller's SMS account, of the company that carries the screens if there is one."""
    accounts = await session.scalars(
        select(ChannelAccount)
        .where(ChannelAccount.channel.startswith(SMS, autoescape=True), ChannelAccount.is_active)
        .order_by(ChannelAccount.created_at, ChannelAccount.id)
    )
    found = [account for account in accounts if account.channel in PROVIDERS]
    vendor = PROVIDERS[conversation.channel].setup.vendor
    found.sort(key=lambda account: PROVIDERS[account.channel].setup.vendor != vendor)
    return found[0] if found else None


async def _is_offline(session: AsyncSession, row: Message) -> bool:
    """Whether it answers nothing that was just typed."""
    if row.author is Author.SELLER or row.reply_to_id is None:
        return True
    kind = await session.scalar(select(Message.kind).where(Message.id == row.reply_to_id))
    return kind == InboundKind.EVENT.value


def _without_choices(row: Message) -> OutboundMessage:
    """What a text message says of it: a number sent back would mean something else there."""
    whole = OutboundMessage.from_json(row.body)
    return OutboundMessage(whole.text, link=whole.link, pay=whole.pay)
