"""Conversations that wait, shared out in turn among the members at the desk while the shop is open."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations.models import Conversation
from commerce_api.conversations.opening import is_open
from commerce_api.tenants import service as tenants
from commerce_api.tenants.permissions import Permission


async def give(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """Gives a conversation that waits to whose turn it is, where the shop wants that.

    One that is somebody's stays theirs. While the shop is shut, or nobody is at the desk, it is nobody's.
    """
    if conversation.assignee_id is not None:
        return
    tenant = await tenants.tenant(session, conversation.tenant_id)
    if tenant.shares_out and is_open(tenant.opening, tenant.timezone, now):
        member = await tenants.next_in_turn(session, Permission.ANSWER_CONVERSATIONS, now)
        conversation.assignee_id = member.user_id if member else None
