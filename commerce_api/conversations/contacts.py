"""Who writes: a shopper's address on a channel account leads to one contact and one conversation."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations import queries
from commerce_api.conversations.models import ChannelAccount, Contact, ContactAddress, Conversation

# E.164, with or without its plus; a provider's other ids (WhatsApp's `NG.abc…`) are no number.
PHONE = re.compile(r"\+?([1-9][0-9]{6,14})")


async def conversation_with(
    session: AsyncSession, account: ChannelAccount, address: str, *, name: str | None, now: datetime
) -> Conversation:
    """The conversation with ``address`` on ``account``, made if need be, and held until the session ends.

    However many ask at once for someone new, there is one contact and one conversation.
    """
    known = await _find(session, account, address)
    if known is None:
        key = f"{account.id}:{address}"
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
        known = await _find(session, account, address) or await _make(session, account, address, now)
    conversation = await queries.lock(session, known)
    if name and conversation.contact.name is None:
        conversation.contact.name = name
    return conversation


async def _find(session: AsyncSession, account: ChannelAccount, address: str) -> UUID | None:
    return await session.scalar(
        select(Conversation.id)
        .join(ContactAddress, ContactAddress.contact_id == Conversation.contact_id)
        .where(
            ContactAddress.channel_account_id == account.id,
            ContactAddress.address == address,
            Conversation.channel_account_id == account.id,
        )
    )


async def _make(session: AsyncSession, account: ChannelAccount, address: str, now: datetime) -> UUID:
    phone = PHONE.fullmatch(address)
    contact = Contact(phone=f"+{phone[1]}" if phone else None, created_at=now)
    session.add(contact)
    await session.flush()
    conversation = Conversation(
        contact_id=contact.id, channel_account_id=account.id, channel=account.channel, created_at=now
    )
    session.add_all(
        [
            ContactAddress(
                contact_id=contact.id, channel_account_id=account.id, address=address, created_at=now
            ),
            conversation,
        ]
    )
    await session.flush()
    return conversation.id
