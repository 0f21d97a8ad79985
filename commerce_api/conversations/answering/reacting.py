"""A seller's reaction to something a shopper said, where the channel carries one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage, Reaction
from commerce_api.conversations import queries, saying
from commerce_api.conversations.errors import ReactionNotCarried
from commerce_api.conversations.models import Author, Message
from commerce_api.core.errors import NotFound

# Twilio carries reactions in alone; Instagram's come without an id that receipts could name.
CARRIED_BY = frozenset({"whatsapp"})


async def react(
    session: AsyncSession,
    conversation_id: UUID,
    message_id: UUID,
    emoji: str,
    *,
    seller_id: UUID,
    now: datetime,
) -> Message:
    """Puts an emoji on a message of the shopper's, in place of an earlier one; "" takes it back.

    Who answers doesn't change. Raises NotFound, ReactionNotCarried, and as ``saying.say``.
    """
    conversation = await queries.conversation(session, conversation_id)
    about = await queries.message(session, message_id)
    if about.conversation_id != conversation_id:
        raise NotFound
    if conversation.channel not in CARRIED_BY or about.author is not Author.SHOPPER:
        raise ReactionNotCarried
    if about.provider_message_id is None:
        raise ReactionNotCarried
    message = OutboundMessage("", reaction=Reaction(about.provider_message_id, emoji))
    return await saying.say(session, conversation_id, message, seller_id=seller_id, now=now, takes_over=False)
