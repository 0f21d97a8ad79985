"""Reading conversations; nothing here changes anything."""

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from commerce_api.conversations.models import Conversation
from commerce_api.core import tenancy
from commerce_api.core.errors import NotFound


async def enter_conversation(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """Finds a conversation of any tenant, and enters that tenant. Raises NotFound."""
    tenant_id = await session.scalar(
        text("select lookup.tenant_of_conversation(:conversation)"), {"conversation": conversation_id}
    )
    if tenant_id is None:
        raise NotFound
    await tenancy.enter(session, tenant_id)
    return await conversation(session, conversation_id)


async def conversation(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """A conversation of the session's tenant, ``tenant`` and ``contact`` loaded. Raises NotFound."""
    found = await session.scalar(
        select(Conversation)
        .options(joinedload(Conversation.tenant))
        .where(Conversation.id == conversation_id)
    )
    if found is None:
        raise NotFound
    return found


async def lock(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """The same, held until the transaction ends: whoever changes a conversation's order of things holds it."""
    held = await session.scalar(
        select(Conversation)
        .options(joinedload(Conversation.tenant))
        .where(Conversation.id == conversation_id)
        .with_for_update(of=Conversation)
        .execution_options(populate_existing=True)
    )
    if held is None:
        raise NotFound
    return held
