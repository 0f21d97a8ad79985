"""How the bot side's requests reach a conversation, and with it the tenant, by the id in the path alone."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from commerce_api.conversations import queries
from commerce_api.conversations.models import Conversation
from commerce_api.core.database import SessionDep
from commerce_api.core.service_access import ServiceToken


async def conversation_of_path(
    _: Annotated[None, ServiceToken], conversation_id: UUID, session: SessionDep
) -> Conversation:
    """The path's conversation, its tenant entered, ``tenant`` and ``contact`` loaded.

    Raises Unauthenticated without the service token, before anything is looked up, and NotFound.
    """
    return await queries.enter_conversation(session, conversation_id)


ConversationDep = Annotated[Conversation, Depends(conversation_of_path)]
