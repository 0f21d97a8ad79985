"""Reading conversations, their messages and contacts; nothing here changes anything."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from commerce_api.conversations import talks
from commerce_api.conversations.accounts import SHELL
from commerce_api.conversations.models import (
    ChannelAccount,
    Contact,
    ContactAddress,
    Conversation,
    HandledBy,
    Message,
)
from commerce_api.core import tenancy
from commerce_api.core.errors import NotFound
from commerce_api.core.listing import ListParams, Page, page
from commerce_api.core.statements import Statement

TENANT_OF = Statement(
    "select found.tenant_id, set_config('app.tenant_id', found.tenant_id::text, true)"
    " from lookup.tenant_of_conversation(%(conversation)s) as found (tenant_id) where tenant_id is not null"
)


async def enter_conversation(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """Finds a conversation of any tenant, and enters that tenant. Raises NotFound."""
    await enter_tenant_of(session, conversation_id)
    return await conversation(session, conversation_id)


async def enter_tenant_of(session: AsyncSession, conversation_id: UUID) -> None:
    """Enters the tenant that a conversation is of. Raises NotFound when it is nobody's."""
    if await tenancy.enter_found(session, TENANT_OF, conversation=conversation_id) is None:
        raise NotFound


async def conversation(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """A conversation of the session's tenant, ``tenant`` and ``contact`` loaded. Raises NotFound."""
    found = await talks.find(session, talks.ONE, conversation=conversation_id)
    if found is None:
        raise NotFound
    return found


async def lock(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """The same, held until the transaction ends: whoever adds to a conversation holds it."""
    held = await talks.find(session, talks.HELD, conversation=conversation_id)
    if held is None:
        raise NotFound
    return held


async def conversations(
    session: AsyncSession,
    params: ListParams,
    *,
    handled_by: HandledBy | None = None,
    channel: str | None = None,
    contact_id: UUID | None = None,
) -> Page[Conversation]:
    """The tenant's conversations, the one with the newest message first. Raises SortUnknown."""
    wanted = {"handled_by": handled_by, "channel": channel, "contact_id": contact_id}
    filters = [getattr(Conversation, name) == value for name, value in wanted.items() if value is not None]
    sortable = {"-last_message_at": Conversation.last_message_at, "created_at": Conversation.created_at}
    return await page(session, select(Conversation).where(*filters), params, sortable)


async def messages(session: AsyncSession, conversation_id: UUID, params: ListParams) -> Page[Message]:
    """A conversation's messages with their parts. Raises NotFound and SortUnknown.

    In the order of ``position``, as they came, or of ``said_at``, as they were said.
    """
    await conversation(session, conversation_id)
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation_id)
        .options(selectinload(Message.parts), selectinload(Message.media))
    )
    return await page(session, statement, params, {"position": Message.position, "said_at": Message.said_at})


async def message(session: AsyncSession, message_id: UUID) -> Message:
    """A message with its parts. Raises NotFound."""
    found = await session.scalar(
        select(Message)
        .where(Message.id == message_id)
        .options(selectinload(Message.parts), selectinload(Message.media))
    )
    if found is None:
        raise NotFound
    return found


async def contacts(session: AsyncSession, params: ListParams, *, phone: str | None = None) -> Page[Contact]:
    """The tenant's shoppers, newest first. Raises SortUnknown."""
    filters = [Contact.phone == phone] if phone is not None else []
    sortable = {"-created_at": Contact.created_at, "name": Contact.name}
    return await page(session, select(Contact).where(*filters), params, sortable)


async def contact(session: AsyncSession, contact_id: UUID) -> Contact:
    """One shopper. Raises NotFound."""
    found = await session.scalar(select(Contact).where(Contact.id == contact_id))
    if found is None:
        raise NotFound
    return found


async def addresses(session: AsyncSession, contact_id: UUID, params: ListParams) -> Page[ContactAddress]:
    """A contact's addresses, the first learnt first. Raises NotFound and SortUnknown."""
    await contact(session, contact_id)
    statement = select(ContactAddress).where(ContactAddress.contact_id == contact_id)
    return await page(session, statement, params, {"created_at": ContactAddress.created_at})


async def accounts_in_use(session: AsyncSession) -> Sequence[ChannelAccount]:
    """The tenant's numbers and pages that shoppers can write to, by channel and name."""
    wanted = select(ChannelAccount).where(ChannelAccount.channel != SHELL, ChannelAccount.is_active)
    ordered = wanted.order_by(ChannelAccount.channel, ChannelAccount.name, ChannelAccount.id)
    return (await session.scalars(ordered)).all()


async def channel_accounts(session: AsyncSession, params: ListParams) -> Page[ChannelAccount]:
    """The tenant's numbers, by name; the developers' channel is not one. Raises SortUnknown."""
    statement = select(ChannelAccount).where(ChannelAccount.channel != SHELL)
    sortable = {"name": ChannelAccount.name, "created_at": ChannelAccount.created_at}
    return await page(session, statement, params, sortable)
