"""Conversations with something said in them, written straight into the tables."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from commerce_api.conversations.models import (
    Author,
    ChannelAccount,
    Contact,
    ContactAddress,
    Conversation,
    DeliveryStatus,
    Direction,
    HandledBy,
    Message,
)
from commerce_api.core.clock import now
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant

SHOPPER, BOT, EVENT = Author.SHOPPER, Author.ASSISTANT, Author.SYSTEM


@dataclass(frozen=True)
class Talk:
    """A conversation, by the ids tests need."""

    tenant: Tenant
    id: UUID
    contact_id: UUID
    account_id: UUID


async def start(
    database: Database,
    tenant: Tenant,
    name: str = "Bisi",
    *,
    channel: str = "whatsapp",
    window: timedelta = timedelta(hours=20),
    **columns: Any,
) -> Talk:
    """A conversation in which nothing was said yet, its reply window open."""
    async with database.transaction() as session:
        await enter(session, tenant.id)
        account = ChannelAccount(channel=channel, address=uuid4().hex, name="Line", created_at=now())
        phone = f"+23480{uuid4().int % 10**8:08}"
        contact = Contact(name=name, language="en", phone=phone, created_at=now() - timedelta(days=3))
        session.add_all([account, contact])
        await session.flush()
        talk = Conversation(
            contact_id=contact.id,
            channel_account_id=account.id,
            channel=channel,
            reply_window_until=now() + window,
            created_at=now(),
            **columns,
        )
        session.add(talk)
        await session.flush()
        place = {"contact_id": contact.id, "channel_account_id": account.id, "conversation_id": talk.id}
        session.add(ContactAddress(**place, address=phone, created_at=now()))
        return Talk(tenant, talk.id, contact.id, account.id)


async def say(
    database: Database,
    talk: Talk,
    text: str,
    *,
    author: Author = SHOPPER,
    at: datetime | None = None,
    status: DeliveryStatus = DeliveryStatus.DELIVERED,
    kind: str = "text",
    **body: Any,
) -> UUID:
    """Says something, as recording and the outbox would leave it."""
    at = at or now()
    is_in = author is SHOPPER
    async with database.transaction() as session:
        await enter(session, talk.tenant.id)
        row = await session.get_one(Conversation, (talk.tenant.id, talk.id), with_for_update=True)
        message = Message(
            conversation_id=talk.id,
            channel_account_id=talk.account_id,
            position=row.next_position,
            direction=Direction.INBOUND if is_in or kind == "event" else Direction.OUTBOUND,
            kind=kind,
            author=author,
            text=text,
            body={"text": text, **body},
            status=None if is_in else status,
            said_at=at,
            created_at=at,
        )
        session.add(message)
        row.next_position += 1
        row.last_message_at = at
        row.unread += is_in
        await session.flush()
        return message.id


async def change(database: Database, talk: Talk, **columns: Any) -> None:
    """Sets columns of the conversation."""
    async with database.transaction() as session:
        await enter(session, talk.tenant.id)
        row = await session.get_one(Conversation, (talk.tenant.id, talk.id), with_for_update=True)
        for name, value in columns.items():
            setattr(row, name, value)


async def wait(
    database: Database, talk: Talk, *, reason: str = "asked for a person", minutes: int = 0
) -> None:
    """Makes the conversation wait for a person since so many minutes."""
    since = now() - timedelta(minutes=minutes)
    await change(database, talk, handled_by=HandledBy.WAITING, handoff_at=since, handoff_reason=reason)
